"""A file of judgements, read line by line in constant memory (layout: docs/formats.md). One physical line is one row."""

import csv
import datetime
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

COLUMNS = ("student", "competency", "level", "worked_on", "judged_by")
OPTIONAL = ("kind", "reason")
LINE_BYTES = 100_000
LONGEST = {"student": 150, "competency": 200, "judged_by": 150, "level": 100, "reason": 2000}


class FileProblem(ValueError):
    """A file that cannot be read as a table at all."""


class JudgmentRow(NamedTuple):
    """One row: people by username or identifier, the competency by identifier or code. Of a refused one `field` and `said` say
    why, and the values are None."""

    line: int
    student: str | None
    competency: str | None
    level: str | None
    worked_on: datetime.date | None
    judged_by: str | None
    kind: str | None
    reason: str | None
    field: str | None = None
    said: str | None = None


def read_judgments(path: Path) -> Iterator[JudgmentRow]:
    """The rows of a plain or gzipped UTF-8 file, good and refused ones; raises FileProblem for a file that is no such table."""
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            lines: IO[bytes] = gzip.GzipFile(fileobj=raw) if zipped else raw  # type: ignore[assignment]
            yield from _rows(path.name, lines)
    except (OSError, EOFError, zlib.error) as error:
        raise FileProblem(f"{path.name} cannot be read: {error.__class__.__name__}. Get it again.") from None


def _rows(name: str, lines: IO[bytes]) -> Iterator[JudgmentRow]:
    try:
        header = _cells(lines.readline(LINE_BYTES + 1).removeprefix(b"\xef\xbb\xbf"))
    except ValueError as problem:
        raise FileProblem(f"{name}, line 1: the header cannot be read. {problem}") from None
    missing = [column for column in COLUMNS if column not in header]
    others = [column[:40] for column in header if column not in COLUMNS + OPTIONAL]
    if missing or others or len(set(header)) < len(header):
        raise FileProblem(
            f"{name}, line 1: the header must name {', '.join(COLUMNS)} and may name {', '.join(OPTIONAL)}, each once; it "
            f"{'lacks ' + ', '.join(missing) if missing else 'has others or repeats'}."
        )
    places = [header.index(column) if column in header else None for column in COLUMNS + OPTIONAL]
    number = 1
    while line := lines.readline(LINE_BYTES + 1):
        number += 1
        if len(line) > LINE_BYTES:
            while line and not line.endswith(b"\n"):
                line = lines.readline(LINE_BYTES)
            yield _refused(number, "", f"The line has more than {LINE_BYTES:,} bytes.")
        elif line.strip():
            yield _row(number, line, places, len(header))


def _row(number: int, line: bytes, places: list[int | None], width: int) -> JudgmentRow:
    try:
        cells = _cells(line)
    except ValueError as problem:
        return _refused(number, "", str(problem))
    if len(cells) != width:
        return _refused(number, "", f"It has {len(cells)} cells; the header has {width}.")
    student, competency, level, worked_on, judged_by, kind, reason = ("" if at is None else cells[at].strip() for at in places)
    said = {"student": student, "competency": competency, "judged_by": judged_by, "level": level, "reason": reason}
    for field, most in LONGEST.items():
        if len(said[field]) > most or (not said[field] and field != "reason"):
            return _refused(number, field, f"It has 1 to {most} characters.")
    try:
        day = datetime.date.fromisoformat(worked_on)
    except ValueError:
        return _refused(number, "worked_on", "It is a day such as 2026-01-31.")
    return JudgmentRow(number, student, competency, level, day, judged_by, kind or "judgment", reason)


def _refused(number: int, field: str, said: str) -> JudgmentRow:
    return JudgmentRow(number, None, None, None, None, None, None, None, field, said)


def _cells(line: bytes) -> list[str]:
    try:
        text = line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"Byte {error.start + 1} is no UTF-8; save the file as UTF-8.") from None
    if "\0" in text:
        raise ValueError("It holds a NUL character; take it out.")
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        raise ValueError("Its quotes do not close on the same line; a field holds no line break.") from None
