"""The one intake of completions, whatever door they come through."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from database.areas import acting_as
from enrollments.actions.completion_stage import count_outcomes, read_outcomes, stage, write_staged
from enrollments.actions.draw_batch import draw_batch
from enrollments.calc.completion_rows import CompletionRow, Refusal, RowOutcome
from enrollments.models import SourceSystem


@dataclass(frozen=True, slots=True)
class Intake:
    """What an intake did: its batch (None where nothing was written) and how many rows came out how."""

    batch: int | None
    counts: dict[str, int]


def record_completions(
    *,
    rows: Iterable[CompletionRow | Refusal],
    source_system: SourceSystem,
    kind: str,
    today: date,
    on_outcome: Callable[[RowOutcome], None],
    every_row: bool = False,
    apply_changes: bool = False,
    dry_run: bool = False,
) -> Intake:
    """Take `rows` as statements of `source_system`; good rows are kept, whatever the others are.

    A completion dated after `today`, the intake's day, is refused. `on_outcome` hears of each row in order (without
    `every_row` only of changes, conflicts and refusals) before the intake commits. The same rows again write
    nothing. With `apply_changes` a row that differs from what is on file is taken, as void and new. A dry run goes
    the same way and is taken back.
    """
    counts: dict[str, int] = {}
    attempts = itertools.count(1)

    def write(batch: int) -> int:
        written = write_staged(
            batch=batch,
            source_system_id=source_system.pk,
            provider_id=source_system.provider_id,
            today=today,
            apply_changes=apply_changes,
            ids_move=next(attempts) > 1,
        )
        counts.update(count_outcomes())
        for outcome in read_outcomes(every_row=every_row):
            on_outcome(outcome)
        return written

    with acting_as("area_learning"):
        stage(rows)
        batch = draw_batch(source_system_id=source_system.pk, kind=kind, write=write, dry_run=dry_run)
    return Intake(batch, counts)
