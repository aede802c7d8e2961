"""The rows of a small comma-separated file that is already in memory, each with the line that an editor shows.

One physical line is one row: a field holds no line break, so a lost quote costs one row and not the rest of the file.
"""

import csv
import io
from collections.abc import Iterator, Sequence

from competencies.calc.framework_content import PackageRefused, RowRefused

LARGEST_LINE = 100_000
Row = tuple[int, dict[str, str]]


def rows_of(content: bytes, columns: Sequence[str], optional: Sequence[str] = ()) -> Iterator[Row | RowRefused]:
    """(line, cells by column, without spaces around them) or a refusal a line; columns that are absent read as "".

    Raises PackageRefused where the header lacks a column or has one that nobody knows. Blank lines are no rows.
    """
    lines = io.BytesIO(content)
    try:
        header = [name.strip() for name in _cells(lines.readline())]
    except ValueError as problem:
        raise PackageRefused(f"Line 1, the header, cannot be read: {problem}") from None
    missing = [name for name in columns if name not in header]
    others = [name[:40] for name in header if name not in columns and name not in optional]
    if missing or others or len(set(header)) < len(header):
        said = [f"lacks {', '.join(missing)}"] if missing else []
        said += [f"has unknown {', '.join(others[:5])}"] if others else []
        said += ["names a column twice"] if len(set(header)) < len(header) else []
        raise PackageRefused(
            f"Line 1, the header, {'; '.join(said)}. It must name {', '.join(columns)}"
            + (f" and may name {', '.join(optional)}." if optional else ".")
        )
    for number, line in enumerate(lines, start=2):
        if not line.strip():
            continue
        try:
            cells = _cells(line)
            if len(cells) != len(header):
                raise ValueError(
                    f"It has {len(cells)} cells; the header has {len(header)}. A comma within a text needs quotes around it."
                )
        except ValueError as problem:
            yield RowRefused(f"line {number}", str(problem))
            continue
        row = dict.fromkeys(optional, "") | {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        yield number, row


def _cells(line: bytes) -> list[str]:
    """The cells of one physical line; raises ValueError with words."""
    if len(line) > LARGEST_LINE:
        raise ValueError(f"It has more than {LARGEST_LINE:,} bytes.")
    try:
        text = line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"Byte {error.start + 1} is no UTF-8; save the file as UTF-8.") from None
    if "\0" in text:
        raise ValueError("It holds a NUL character; take it out.")
    try:
        return next(csv.reader(io.StringIO(text, newline=""), strict=True), [])
    except csv.Error:
        raise ValueError("Its quotes do not close on the same line; a field holds no line break.") from None
