"""The two small tables that a year ahead may be opened with: its instalments, and the enrollments that are anticipated."""

import datetime
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from enrollments.calc.completion_rows import Refusal
from enrollments.exchange.delimited import FileProblem, Table
from funding.calc.year_ahead import Anticipated, Instalment


class FileRefused(ValueError):
    """Why the file cannot be read: its name, the line and what is wrong there."""


def read_schedule(path: Path) -> list[Instalment]:
    """Columns due_on (a day) and share (like 0.2 or 1/12). Raises FileRefused."""
    instalments = []
    for line, (due_on, share) in _rows(path, ("due_on", "share")):
        try:
            instalments.append(Instalment(datetime.date.fromisoformat(due_on), Fraction(share)))
        except (ValueError, ZeroDivisionError):
            raise FileRefused(f"{path}, line {line}: write a day like 2026-07-01 and a share like 0.2 or 1/12") from None
    return instalments


def read_anticipated(path: Path) -> list[Anticipated]:
    """Columns provider (a code), credit (of what is enrolled in, like 0.5) and count. Raises FileRefused."""
    expected = []
    for line, (provider, credit, count) in _rows(path, ("provider", "credit", "count")):
        try:
            one = Anticipated(provider, Fraction(credit), int(count))
        except (ValueError, ZeroDivisionError):
            raise FileRefused(f"{path}, line {line}: write a credit like 0.5 or 1/2 and a count of enrollments") from None
        if not provider or one.credit < 0 or one.count < 0:
            raise FileRefused(f"{path}, line {line}: a provider's code, and neither credit nor count below 0")
        expected.append(one)
    return expected


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    try:
        with Table(path, columns) as table:
            for row in table:
                if isinstance(row, Refusal):
                    raise FileRefused(f"{path}, line {row.row}: {row.detail or row.reason}")
                yield row
    except FileProblem as problem:
        raise FileRefused(str(problem)) from None
