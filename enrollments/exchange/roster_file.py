"""The comma-separated layout of a roster, which docs/formats.md describes for those who write such files."""

from collections.abc import Callable, Iterator
from pathlib import Path

from enrollments.calc.completion_rows import Refusal
from enrollments.calc.roster_rows import COLUMNS, OPTIONAL, RosterRow, row_from_cells
from enrollments.exchange.delimited import Table


def read_roster(path: Path, on_bytes: Callable[[int], None] | None = None) -> Iterator[RosterRow | Refusal]:
    """The rows of `path` by physical line; raises FileProblem where the file is no such table at all."""
    with Table(path, COLUMNS, OPTIONAL, on_bytes=on_bytes) as table:
        for item in table:
            yield item if isinstance(item, Refusal) else row_from_cells(*item)
