"""The comma-separated layouts of attested milestones, needs and prior learning (docs/formats.md)."""

from collections.abc import Callable, Iterator
from pathlib import Path

from enrollments.calc.attested_rows import AttestedRow, milestone_row, need_row, prior_learning_row
from enrollments.calc.completion_rows import Refusal
from enrollments.exchange.delimited import Table

# {fact: (required columns, optional columns, how the cells of a line are read)}
LAYOUTS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Callable[..., AttestedRow | Refusal]]] = {
    "milestones": (("enrollment", "milestone", "attained_on"), ("void",), milestone_row),
    "needs": (("enrollment", "category", "from_on"), ("to_on", "void"), need_row),
    "prior_learning": (("enrollment", "measure", "amount"), ("void",), prior_learning_row),
}


def read_attested(fact: str, path: Path, on_bytes: Callable[[int], None] | None = None) -> Iterator[AttestedRow | Refusal]:
    """The rows of `path`, in the layout of `fact` (one of LAYOUTS); raises FileProblem where it is no such table at all."""
    columns, optional, row_from = LAYOUTS[fact]
    with Table(path, columns, optional, on_bytes=on_bytes) as table:
        for item in table:
            yield item if isinstance(item, Refusal) else row_from(item[0], *item[1])
