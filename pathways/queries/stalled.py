"""Who is stalled in what: competencies in focus with nothing new for as long as the rule says (rules/stalled.yaml).

Where a request or work handed in still waits for the teacher (queries/inbox.py), it is not the student who is stalled.
Expects to run under area_learning.
"""

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db import connection

from competencies.queries.levels import levels_now
from pathways.calc.stalled import KINDS, Stall, StalledRule, read_stalled_rule, stall_of
from pathways.queries.inbox import waiting

RULE = Path(__file__).parent.parent / "rules" / "stalled.yaml"

# In focus since the first decision of the unbroken row of such decisions: choosing it again does not hide a stall.
_SIGNS = """
WITH latest AS (
    SELECT DISTINCT ON (i.plan_id, i.competency_id) i.plan_id, i.competency_id, i.place, p.student_id
    FROM learning.pathways_planitem i JOIN learning.pathways_learningplan p ON p.id = i.plan_id
    WHERE p.student_id = ANY(%(students)s) ORDER BY i.plan_id, i.competency_id, i.id DESC
)
SELECT l.student_id, l.competency_id, c.uuid, c.code, c.statement, c.kind, (greatest(
    (SELECT min(i.recorded_at) FROM learning.pathways_planitem i
     WHERE i.plan_id = l.plan_id AND i.competency_id = l.competency_id AND i.id > coalesce(
        (SELECT max(o.id) FROM learning.pathways_planitem o
         WHERE o.plan_id = l.plan_id AND o.competency_id = l.competency_id AND o.place <> 'focus'), 0)),
    (SELECT max(j.recorded_at) FROM learning.competencies_masteryjudgment j
     WHERE j.student_id = l.student_id AND j.competency_id = l.competency_id),
    (SELECT max(v.recorded_at) FROM learning.competencies_evidencecompetency t
     JOIN learning.competencies_evidence e ON e.id = t.evidence_id
     JOIN learning.competencies_evidenceversion v ON v.evidence_id = e.id
     WHERE t.competency_id = l.competency_id AND e.student_id = l.student_id),
    (SELECT max(greatest(r.recorded_at, a.recorded_at)) FROM learning.pathways_assessmentrequest r
     LEFT JOIN learning.pathways_assessmentanswer a ON a.request_id = r.id
     WHERE r.plan_id = l.plan_id AND r.competency_id = l.competency_id)) AT TIME ZONE 'UTC')::date
FROM latest l JOIN learning.competencies_competency c ON c.id = l.competency_id
WHERE l.place = 'focus' AND c.retired_on IS NULL
ORDER BY 7, l.student_id, l.competency_id
"""


@dataclass(frozen=True, slots=True)
class Stalled:
    """A student who is stalled in a competency."""

    student_id: int
    competency: uuid.UUID
    code: str
    statement: str
    stall: Stall


@cache
def rule_in_use() -> StalledRule:
    """The rule that ships, read once."""
    return read_stalled_rule(RULE.read_text(), RULE.name)


def rule_days(day: datetime.date) -> dict[str, int | None]:
    """{kind of competency: the days of the rule that ships, on `day`}, to say the rule once above many stalls."""
    return {kind: rule_in_use().days_on(kind, day) for kind in KINDS}


def stalled_on(*, student_ids: Collection[int], day: datetime.date, rule: StalledRule | None = None) -> list[Stalled]:
    """The stalls of these students on `day`, the longest first; none for what is mastered or waits for the teacher. Three
    queries at most."""
    rule = rule or rule_in_use()
    with connection.cursor() as cursor:
        cursor.execute(_SIGNS, {"students": list(student_ids)})
        found = cursor.fetchall()
    levels = levels_now(student_ids, {row[1] for row in found}, day=day) if found else {}
    stalls = []
    for student, competency, key, code, statement, kind, last_sign_on in found:
        level = levels.get((student, competency))
        stall = stall_of(rule, kind=kind, last_sign_on=last_sign_on, day=day)
        if stall is not None and not (level and level.mastered):
            stalls.append((competency, Stalled(student, key, code, statement, stall)))
    waits = {one.cell for one in waiting(student_ids={one.student_id for _, one in stalls}, section_ids=(), day=day)}
    return [one for competency, one in stalls if (one.student_id, competency) not in waits]
