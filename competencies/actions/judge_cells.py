"""Judge the cells of a grid that somebody looks at: what stands newer than they saw is told instead of judged over."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from competencies.actions.keep_levels import Recorded, touch_cells
from competencies.actions.record_judgments import JudgmentRefused, NewJudgment, write_judgments
from competencies.queries.journal import LastJudged, last_judged
from competencies.queries.levels import LevelNow, levels_now
from database.areas import acting_as


@dataclass(frozen=True, slots=True)
class CellToJudge:
    """A new judgement and `seen`: the mark (LevelNow.mark) of the level that the judge had before them, "" for none."""

    judgment: NewJudgment
    seen: str

    @property
    def cell(self) -> tuple[int, int]:
        return (self.judgment.student_id, self.judgment.competency_id)


@dataclass(frozen=True, slots=True)
class CellJudged:
    """How it went: `level` stands now. `newer` is None where the judgement is recorded; else it is not, and `newer` is the
    judgement that came in between (or, where one was withdrawn, the last that stands)."""

    saved: bool
    level: LevelNow | None
    newer: LastJudged | None


def judge_cells(*, judged_by: int, at: datetime.datetime, cells: Sequence[CellToJudge]) -> list[CellJudged]:
    """How it went with each cell, in the order given; every cell once. What meets nothing newer is recorded, all or none.

    What is on record under its edit key already (the answer was lost on the way, or another page sent it too) counts as
    saved and is not recorded twice, not even where it was withdrawn since. `at` is aware, UTC. Raises JudgmentRefused.
    """
    with acting_as("area_learning"):
        # From here on nobody else judges these students, so what is compared is what is judged over.
        touched = touch_cells({one.cell for one in cells}, judged_by, {one.judgment.edit_key for one in cells})
        recorded = _recorded(cells, touched.recorded, judged_by)
        met = {one.cell for one in cells if one.cell not in recorded and touched.marks.get(one.cell, "") != one.seen}
        fresh = [one.judgment for one in cells if one.cell not in met | recorded]
        if fresh:
            write_judgments(judged_by=judged_by, at=at, judgments=fresh, people=touched.people)
        levels = levels_now({one.cell[0] for one in cells}, {one.cell[1] for one in cells})
        newer = last_judged(met) if met else {}
        return [CellJudged(one.cell not in met, levels.get(one.cell), newer.get(one.cell)) for one in cells]


def _recorded(cells: Sequence[CellToJudge], on_record: dict[UUID, Recorded], judged_by: int) -> set[tuple[int, int]]:
    """The cells whose judgement is on record by its edit key."""
    found = set()
    for number, one in enumerate(cells, start=1):
        if one.judgment.edit_key in on_record:
            if on_record[one.judgment.edit_key] != (judged_by, *one.cell, one.judgment.rank):
                raise JudgmentRefused("comes under the key of another; load the page again.", number)
            found.add(one.cell)
    return found
