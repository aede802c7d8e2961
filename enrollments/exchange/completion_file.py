"""The comma-separated layout of completions, which docs/formats.md describes for those who write such files."""

from collections.abc import Callable, Iterator
from pathlib import Path

from enrollments.calc.completion_rows import CompletionRow, Refusal, row_from_text
from enrollments.exchange.delimited import Table

COLUMNS = ("source_id", "enrollment", "assignment", "completed_on")
OPTIONAL = ("carried_over",)


def read_completions(path: Path, on_bytes: Callable[[int], None] | None = None) -> Iterator[CompletionRow | Refusal]:
    """The rows of `path` by physical line; raises FileProblem where the file is no such table at all."""
    with Table(path, COLUMNS, OPTIONAL, on_bytes=on_bytes) as table:
        for item in table:
            yield item if isinstance(item, Refusal) else row_from_text(item[0], *item[1])
