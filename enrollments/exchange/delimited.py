"""Reading a comma-separated file that may be hostile, line by line, in constant memory.

One physical line is one row: a quoted field may not contain a line break, so a lost quote costs one row and not the
rest of the file, and a row's number is the line that an editor shows. Plain or gzip; UTF-8 with or without BOM.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from enrollments.calc.completion_rows import Refusal, RowProblem, printable

LINE_BYTES = 1024 * 1024
csv.field_size_limit(LINE_BYTES)


class FileProblem(ValueError):
    """A file that cannot be read as a table at all: absent, truncated, or without a needed column."""


class Table:
    """An open table: iterate for `(line, cells in the order of columns)` or a `Refusal` a line.

    `columns` must be in the header; `optional` ones come after them, as "" where the header lacks them. Other
    columns are passed over when `ignore_others`, else they are a FileProblem. Blank lines are no rows.
    """

    def __init__(
        self,
        path: Path,
        columns: Sequence[str],
        optional: Sequence[str] = (),
        ignore_others: bool = False,
        on_bytes: Callable[[int], None] | None = None,
    ) -> None:
        self.path, self._on_bytes = path, on_bytes
        try:
            self._raw: IO[bytes] = path.open("rb")
        except OSError as error:
            raise FileProblem(f"{path.name} cannot be opened: {error.strerror}.") from None
        zipped = self._raw.read(2) == b"\x1f\x8b"
        self._raw.seek(0)
        self._lines: IO[bytes] = gzip.GzipFile(fileobj=self._raw) if zipped else self._raw  # type: ignore[assignment]
        try:
            self._places, self._width = self._read_header(columns, optional, ignore_others)
        except BaseException:
            self._raw.close()
            raise

    def _read_header(self, columns: Sequence[str], optional: Sequence[str], ignore_others: bool) -> tuple[list[int | None], int]:
        line, whole = self._next_line()
        try:
            header = split_line(line.removeprefix(b"\xef\xbb\xbf")) if whole else []
        except RowProblem as problem:
            raise FileProblem(f"{self.path.name}, line 1: the header cannot be read. {problem.detail}") from None
        missing = [name for name in columns if name not in header]
        repeated = sorted({printable(name) for name in header if header.count(name) > 1}) if len(header) < 1000 else []
        others = [printable(name) for name in header if name not in columns and name not in optional]
        if missing or repeated or (others and not ignore_others):
            said = [f"lacks {', '.join(missing)}"] if missing else []
            said += [f"repeats {', '.join(repeated)}"] if repeated else []
            said += [f"has unknown {', '.join(others[:10])}"] if others and not ignore_others else []
            raise FileProblem(
                f"{self.path.name}, line 1: the header {'; '.join(said)}. It must name {', '.join(columns)}"
                + (f" and may name {', '.join(optional)}." if optional else ".")
            )
        places = [header.index(name) if name in header else None for name in (*columns, *optional)]
        return places, len(header)

    def __iter__(self) -> Iterator[tuple[int, list[str]] | Refusal]:
        places, width, number = self._places, self._width, 1
        while True:
            line, whole = self._next_line()
            if not line:
                return
            number += 1
            if self._on_bytes and number % 1000 == 0:
                self._on_bytes(self._raw.tell())
            if line in (b"\n", b"\r\n", b"\r"):
                continue
            try:
                if not whole:
                    raise RowProblem("", "too_long", f"The line has more than {LINE_BYTES} bytes.")
                cells = split_line(line)
                if len(cells) != width:
                    raise RowProblem("", "columns", f"It has {len(cells)} cells; the header has {width}.")
            except RowProblem as problem:
                yield problem.refusal(number)
            else:
                yield number, [cells[place] if place is not None else "" for place in places]

    def _next_line(self) -> tuple[bytes, bool]:
        """The next line (its first LINE_BYTES), and whether that is all of it; (b"", True) at the end."""
        try:
            line = self._lines.readline(LINE_BYTES + 1)
            whole = len(line) <= LINE_BYTES
            rest = line
            while not whole and rest and not rest.endswith(b"\n"):
                rest = self._lines.readline(LINE_BYTES)
            return line, whole
        except (OSError, EOFError, zlib.error):
            raise FileProblem(f"{self.path.name} is damaged or truncated; get it again.") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._raw.close()


def split_line(line: bytes) -> list[str]:
    """The cells of one physical line; raises RowProblem."""
    try:
        text = line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise RowProblem("", "not_utf8", f"Byte {error.start + 1} of the line is no UTF-8.") from None
    if '"' not in text:
        return text.split(",")
    if "\0" in text:
        raise RowProblem("", "control_character")
    try:
        return next(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        raise RowProblem("", "quoting") from None
