"""What an import tells of the rows that it did not simply take: the first ones in words, all of them as a file."""

import csv
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from enrollments.calc.completion_rows import RowOutcome

SHOWN = 20
HEADER = ("file", "line", "status", "field", "reason", "old", "new", "detail")


class OutcomeReport:
    """Collects rows: says the first SHOWN by `say`, writes every one to the file `path`, if given, as CSV.

    A cell that a spreadsheet would take for a formula is written with a leading apostrophe.
    """

    def __init__(self, path: Path | None, say: Callable[[str], object]) -> None:
        self._say, self._count = say, 0
        self._file: IO[str] | None = path.open("w", newline="", encoding="utf-8") if path else None
        self._rows = csv.writer(self._file) if self._file else None
        if self._rows:
            self._rows.writerow(HEADER)

    def add(self, file: str, outcome: RowOutcome) -> None:
        self._count += 1
        if self._count <= SHOWN:
            place = f"{file}, line {outcome.row}" + (f", {outcome.field}" if outcome.field else "")
            self._say(f"{place}: {outcome.status} ({outcome.reason}). {outcome.detail}")
        if self._rows:
            for column, old, new in outcome.changes or ((outcome.field, "", ""),):
                cells = (file, outcome.row, outcome.status, column, outcome.reason, old, new, outcome.detail)
                self._rows.writerow([_safe(cell) for cell in cells])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is None and self._count > SHOWN:
            self._say(f"... and {self._count - SHOWN} more rows" + ("." if self._rows else "; --report FILE lists all."))
        if self._file:
            self._file.close()


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in tuple("=+-@\t\r") else cell
