"""The comma-separated layout of an imported diagnostic: student, competency, level, taken_on (docs/formats.md)."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from enrollments.calc.completion_rows import Refusal, RowProblem, code_of, day_of
from enrollments.exchange.delimited import Table

COLUMNS = ("student", "competency", "level", "taken_on")
NAME_CHARACTERS = 150
CODE_CHARACTERS = 200


class DiagnosticRow(NamedTuple):
    """One result as it was sent: a username, a competency's identifier or code, a level's rank or label, the day."""

    row: int
    student: str
    competency: str
    level: str
    taken_on: datetime.date


def read_diagnostic(path: Path) -> Iterator[DiagnosticRow | Refusal]:
    """The rows of `path` by physical line; raises FileProblem where the file is no such table at all."""
    with Table(path, COLUMNS) as table:
        for item in table:
            yield item if isinstance(item, Refusal) else _row(*item)


def _row(number: int, cells: list[str]) -> DiagnosticRow | Refusal:
    student, competency, level, taken_on = cells
    try:
        return DiagnosticRow(
            number,
            code_of(student, "student", NAME_CHARACTERS),
            code_of(competency, "competency", CODE_CHARACTERS),
            code_of(level, "level", CODE_CHARACTERS),
            day_of(taken_on, "taken_on"),
        )
    except RowProblem as problem:
        return problem.refusal(number)
