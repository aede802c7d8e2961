"""The levels of students: now, out of the maintained memory, and as known on a day, out of the journal.

Every function expects to run under area_learning.
"""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from competencies.calc.explaining import explain
from competencies.calc.level import CellLevel, Criterion, Judged, Scales, as_known, counted, is_mastered, level_of
from competencies.models import IndividualCriterion
from competencies.queries.journal import journal_of
from competencies.queries.scales import scale_version_of
from rulebook.sentence import Sentence, sentence

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class LevelNow:
    """A level on the record. `rank` counts in the scale version `version_id`; a competency without one has no row."""

    rank: int
    label: str
    version_id: int
    mastered: bool
    overridden: bool
    judgments: int
    last_worked_on: datetime.date

    @property
    def mark(self) -> str:
        """Tells this state of a cell from what it becomes by a further judgement or withdrawal."""
        return mark_of(self.judgments, self.version_id, self.rank, self.overridden)


def mark_of(judgments: int, version_id: int, rank: int, overridden: bool) -> str:
    """See LevelNow.mark; a cell without a level has the mark ""."""
    return f"{judgments}.{version_id}.{rank}{'!' if overridden else ''}"


_CRITERIA = """
    SELECT student_id, competency_id, version_id, proficient_rank, starts_on
    FROM learning.competencies_individualcriterion
    WHERE student_id = ANY(%(students)s) AND starts_on <= %(day)s AND (ends_on IS NULL OR ends_on > %(day)s)
"""
# Two lists in one answer: the individual criteria in force, and every version of the scales that they or the levels count in.
_CRITERIA_AND_VERSIONS = f"""
WITH criteria AS ({_CRITERIA})
SELECT student_id, competency_id, version_id, proficient_rank, starts_on, NULL FROM criteria
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, to_jsonb(v)::text
FROM learning.competencies_masteryscaleversion v
WHERE v.scale_id IN (SELECT w.scale_id FROM learning.competencies_masteryscaleversion w
                     WHERE w.id = ANY(%(versions)s) OR w.id IN (SELECT version_id FROM criteria))
"""
# The levels, and with them the two lists above.
_LEVELS = f"""
WITH levels AS MATERIALIZED (
    SELECT student_id, competency_id, version_id, rank, judgments, overridden, last_worked_on
    FROM learning.competencies_currentlevel
    WHERE student_id = ANY(%(students)s) AND (%(every)s OR competency_id = ANY(%(competencies)s))
), criteria AS ({_CRITERIA})
SELECT student_id, competency_id, version_id, rank, last_worked_on, NULL, judgments, overridden FROM levels
UNION ALL
SELECT student_id, competency_id, version_id, proficient_rank, starts_on, NULL, NULL, NULL FROM criteria
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, to_jsonb(v)::text, NULL, NULL
FROM learning.competencies_masteryscaleversion v
WHERE v.scale_id IN (SELECT w.scale_id FROM learning.competencies_masteryscaleversion w
                     WHERE w.id IN (SELECT version_id FROM levels) OR w.id IN (SELECT version_id FROM criteria))
"""


def levels_now(
    student_ids: Collection[int], competency_ids: Collection[int] | None = None, day: datetime.date | None = None
) -> dict[Cell, LevelNow]:
    """{(student id, competency id): level} of what is judged, in one query; `day` (default today) says which
    individual criteria count."""
    asked: dict[str, Any] = {
        "students": list(student_ids),
        "every": competency_ids is None,
        "competencies": list(competency_ids or ()),
        "day": day or timezone.now().date(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LEVELS, asked)
        rows = cursor.fetchall()
    found = [row for row in rows if row[6] is not None]
    criteria, scales = _criteria_and_scales([row[:6] for row in rows if row[6] is None])
    levels = {}
    for student, competency, version_id, rank, last_worked_on, _, judgments, overridden in found:
        version = scales[version_id]
        cell = (student, competency)
        if criteria and cell in criteria:
            mastered = is_mastered(CellLevel(version, rank, overridden), scales, criteria[cell])
        else:
            mastered = rank >= version.proficient_rank
        levels[cell] = LevelNow(rank, version.label(rank), version_id, mastered, overridden, judgments, last_worked_on)
    return levels


def levels_as_known_on(student_id: int, day: datetime.date) -> dict[int, LevelNow]:
    """{competency id: level} of a student as the record had it at the end of the UTC day `day`: with what was recorded
    by then, and not withdrawn by then."""
    journal = journal_of([student_id])
    standing = {competency: counted(judged, day) for (_, competency), judged in journal.items()}
    standing = {competency: judged for competency, judged in standing.items() if judged}
    version_ids = {one.entry.version_id for judged in standing.values() for one in judged}
    criteria, scales = criteria_and_scales([student_id], version_ids, day)
    return {competency: level_by(judged, scales, criteria.get((student_id, competency))) for competency, judged in standing.items()}


def level_by(judged: list[Judged], scales: Scales, criterion: Criterion | None) -> LevelNow:
    """The level of the counted judgements of a cell, at least one, in their order."""
    level = level_of([one.entry for one in judged], scales)
    return LevelNow(
        rank=level.rank,
        label=level.version.label(level.rank),
        version_id=level.version.id,
        mastered=is_mastered(level, scales, criterion),
        overridden=level.overridden,
        judgments=len(judged),
        last_worked_on=judged[-1].worked_on,
    )


def criteria_and_scales(
    student_ids: Collection[int], version_ids: Collection[int], day: datetime.date
) -> tuple[dict[Cell, Criterion], Scales]:
    """The individual criteria of the students in force on `day`, and the scales of these and of the versions. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_CRITERIA_AND_VERSIONS, {"students": list(student_ids), "versions": list(version_ids), "day": day})
        return _criteria_and_scales(cursor.fetchall())


def _criteria_and_scales(rows: list[tuple[Any, ...]]) -> tuple[dict[Cell, Criterion], Scales]:
    """Of several criteria in force for one cell the one that started last counts."""
    criteria = sorted((row for row in rows if row[5] is None), key=lambda row: row[4])
    scales = Scales(scale_version_of(row[5]) for row in rows if row[5] is not None)
    return {(row[0], row[1]): Criterion(row[2], row[3]) for row in criteria}, scales


@dataclass(frozen=True, slots=True)
class Explained:
    """A level with its words and every judgement of the cell: `judged` in order, `contributing` the ids that make the
    level, `criterion` where an individual plan changes what counts as mastered."""

    level: LevelNow | None
    words: Sentence
    would_change: list[Sentence]
    judged: list[Judged]
    contributing: frozenset[int]
    criterion: Criterion | None
    scales: Scales


def explanation(student_id: int, competency_id: int, day: datetime.date | None = None) -> Explained:
    """The level of a cell in words, today or as known on `day`; two queries."""
    cell = (student_id, competency_id)
    judged = journal_of([student_id], [competency_id]).get(cell, [])
    standing = counted(judged, day)
    version_ids = {one.entry.version_id for one in judged}
    criteria, scales = criteria_and_scales([student_id], version_ids, day or timezone.now().date())
    criterion = criteria.get(cell)
    known = judged if day is None else as_known(judged, day)
    if not standing:
        none, gone = sentence("No evidence has been judged yet."), sentence("Every judgement has been withdrawn; none counts.")
        return Explained(
            None, gone if known else none, [sentence("A first judgement would give a level.")], known, frozenset(), criterion, scales
        )
    entries = [one.entry for one in standing]
    told = explain(level_of(entries, scales), entries, scales)
    contributing = frozenset(standing[place].id for place in told.contributing)
    return Explained(level_by(standing, scales, criterion), told.words, told.would_change, known, contributing, criterion, scales)


def individual_criteria(student_id: int) -> QuerySet[IndividualCriterion]:
    """A student's individual criteria with their competencies and who decided them. One query."""
    return IndividualCriterion.objects.filter(student_id=student_id).select_related("competency", "decided_by")
