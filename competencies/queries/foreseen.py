"""What levels would become of judgements that nobody has recorded yet. Expects to run under area_learning."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from competencies.calc.level import Entry, Judged, counted
from competencies.queries.journal import journal_of
from competencies.queries.levels import Cell, LevelNow, criteria_and_scales, level_by
from competencies.queries.scales import newest_versions

# Last of those recorded at one moment, as a further judgement would be.
NOT_RECORDED = 2**63


@dataclass(frozen=True, slots=True)
class MaybeJudged:
    """A judgement that might be made; `rank` counts from 1 in the newest version of the scale of the competency's framework."""

    cell: Cell
    rank: int
    worked_on: datetime.date


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The level now, None for no evidence, and after; `after` is None where the scale has no such rank."""

    before: LevelNow | None
    after: LevelNow | None


def foreseen(maybe: Sequence[MaybeJudged], *, at: datetime.datetime, judged_by: int) -> list[Foreseen]:
    """What each judgement alone would make of its cell if it was recorded at `at` (aware, UTC), by the calculation itself; in
    their order. Three queries, whatever their number."""
    students, competencies = {one.cell[0] for one in maybe}, {one.cell[1] for one in maybe}
    journal, newest = journal_of(students, competencies), newest_versions(competencies)
    version_ids = {one.entry.version_id for judged in journal.values() for one in judged} | {one.id for one in newest.values()}
    criteria, scales = criteria_and_scales(students, version_ids, at.date())
    told = []
    for one in maybe:
        standing, criterion, version = counted(journal.get(one.cell, [])), criteria.get(one.cell), newest[one.cell[1]]
        further = Judged(NOT_RECORDED, Entry(version.id, one.rank, False), "judgment", one.worked_on, at, judged_by)
        told.append(
            Foreseen(
                before=level_by(standing, scales, criterion) if standing else None,
                after=level_by(counted([*standing, further]), scales, criterion) if one.rank <= version.highest_rank else None,
            )
        )
    return told
