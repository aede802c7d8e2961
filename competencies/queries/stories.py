"""Cells told as stories, and whose level a draft of a scale would change. Expects to run under area_learning."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from competencies.calc.level import Criterion, Scales, ScaleVersion, is_mastered, level_of, read_story
from competencies.calc.rule import read_rule
from competencies.calc.scale import Draft
from competencies.models import IndividualCriterion, MasteryScaleVersion
from competencies.queries.scales import VERSION_COLUMNS, scale_version

# A cell's story: version and rank of each judgement that stands, in order, ! for an override. Few differ, however many
# cells there are, so the rule runs a few times and the rest is joins.
STORY = """string_agg(j.version_id || ':' || j.rank || CASE j.kind WHEN 'override' THEN '!' ELSE '' END, ' '
                      ORDER BY j.worked_on, j.recorded_at, j.id)"""

_TELL_SCALE = f"""
DROP TABLE IF EXISTS pg_temp.scale_story;
CREATE TEMPORARY TABLE scale_story ON COMMIT DROP AS
SELECT j.student_id, j.competency_id, {STORY} AS story
FROM learning.competencies_masteryjudgment j
WHERE j.version_id = ANY(%s)
  AND NOT EXISTS (SELECT FROM learning.competencies_judgmentwithdrawal w WHERE w.judgment_id = j.id)
GROUP BY 1, 2
"""
_CHANGED = """
SELECT student_id, competency_id, story FROM scale_story WHERE story = ANY(%s)
UNION SELECT s.student_id, s.competency_id, s.story FROM scale_story s
JOIN unnest(%s::bigint[], %s::bigint[]) AS i (student_id, competency_id) USING (student_id, competency_id)
ORDER BY 1, 2
"""
DRAFT = 0


@dataclass(frozen=True, slots=True)
class LevelChange:
    """What a draft, if it counted at once, would make of one cell: the levels' words, and whether they count as mastered."""

    student_id: int
    competency_id: int
    before: str
    after: str
    mastered_before: bool
    mastered_after: bool


def draft_version(scale_id: int, draft: Draft) -> tuple[ScaleVersion, Scales]:
    """The draft as the next version of its scale (id DRAFT), with all versions; raises ScaleProblem or RuleProblem."""
    versions = [scale_version(row) for row in MasteryScaleVersion.objects.filter(scale_id=scale_id).values_list(*VERSION_COLUMNS)]
    newest = max(versions, key=lambda version: version.number)
    carried = draft.carries(len(newest.labels))
    made = ScaleVersion(
        id=DRAFT,
        scale_id=scale_id,
        number=newest.number + 1,
        labels=tuple(level["label"] for level in draft.levels),
        proficient_rank=draft.proficient_rank,
        rule=read_rule(draft.method, draft.parameters),
        carried_from=carried,
    )
    return made, Scales([*versions, made])


def preview_scale_version(*, scale_id: int, draft: Draft, day: datetime.date) -> list[LevelChange]:
    """Exactly the cells whose level, or whose standing as mastered, would change if the draft counted for everything that
    is judged, by student and competency; `day` says which individual criteria count. A level that is only carried to its
    own place in the draft is no change."""
    made, scales = draft_version(scale_id, draft)
    criteria = {
        (student, competency): Criterion(version, rank)
        for student, competency, version, rank in IndividualCriterion.objects.filter(
            Q(ends_on=None) | Q(ends_on__gt=day), version__scale_id=scale_id, starts_on__lte=day
        )
        .order_by("starts_on")
        .values_list("student_id", "competency_id", "version_id", "proficient_rank")
    }
    with connection.cursor() as cursor:
        cursor.execute(_TELL_SCALE, [[version.id for version in scales.of(scale_id) if version.id != DRAFT]])
        cursor.execute("SELECT DISTINCT story FROM scale_story")
        changed = [story for (story,) in cursor.fetchall() if _change(story, made, scales, None)]
        cursor.execute(_CHANGED, [changed, [cell[0] for cell in criteria], [cell[1] for cell in criteria]])
        rows = cursor.fetchall()
    return list(_changes(rows, made, scales, criteria))


def _changes(
    rows: list[tuple[int, int, str]], made: ScaleVersion, scales: Scales, criteria: dict[tuple[int, int], Criterion]
) -> Iterator[LevelChange]:
    for student, competency, story in rows:
        if change := _change(story, made, scales, criteria.get((student, competency))):
            yield LevelChange(student, competency, *change)


def _change(story: str, made: ScaleVersion, scales: Scales, criterion: Criterion | None) -> tuple[str, str, bool, bool] | None:
    entries = read_story(story)
    before, after = level_of(entries, scales), level_of(entries, scales, made)
    mastered = is_mastered(before, scales, criterion), is_mastered(after, scales, criterion)
    if scales.carry(before.rank, before.version.id, made) == after.rank and mastered[0] == mastered[1]:
        return None
    return before.version.label(before.rank), made.label(after.rank), *mastered
