"""What waits for a teacher over all classes: work handed in and not judged, and requests to be assessed.

A piece of work waits from when its newest version was handed in by the student until a judgement of the competency rests on
that version, or a judgement without named work comes after it, or the teacher gives the request back. A withdrawn judgement
judges nothing. Expects to run under area_learning.
"""

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection

NEW, RESUBMITTED = "new", "resubmitted"

# Which class an item `i` belongs to follows from the student's classes and the competencies of their courses.
_OF_CLASSES = """LEFT JOIN LATERAL (
    SELECT array_agg(s.section_id) FILTER (WHERE s.section_id = ANY(%(sections)s)) AS own,
           bool_or(s.section_id <> ALL(%(sections)s)) AS others
    FROM learning.enrollments_sectionstudent s
    JOIN learning.enrollments_section n ON n.id = s.section_id
    JOIN learning.pathways_coursecompetency t ON t.course_id = n.course_id AND t.competency_id = i.competency_id
    WHERE s.student_id = i.student_id AND s.starts_on <= %(day)s AND (s.ends_on IS NULL OR s.ends_on > %(day)s)
) k ON true
"""
_WAITING = f"""
WITH newest AS (
    SELECT DISTINCT ON (e.id) e.id, e.student_id, e.title, v.id AS version_id, v.recorded_at, v.recorded_by_id
    FROM learning.competencies_evidence e JOIN learning.competencies_evidenceversion v ON v.evidence_id = e.id
    WHERE e.student_id = ANY(%(students)s) ORDER BY e.id, v.number DESC
), asked AS (
    SELECT p.student_id, r.competency_id, r.uuid, r.message, r.recorded_at, a.request_id IS NULL AS is_open,
           a.outcome, a.recorded_at AS answered_at
    FROM learning.pathways_assessmentrequest r JOIN learning.pathways_learningplan p ON p.id = r.plan_id
    LEFT JOIN learning.pathways_assessmentanswer a ON a.request_id = r.id
    WHERE p.student_id = ANY(%(students)s)
), work AS (
    SELECT n.student_id, t.competency_id, n.version_id, n.recorded_at
    FROM newest n JOIN learning.competencies_evidencecompetency t ON t.evidence_id = n.id
    JOIN learning.competencies_competency c ON c.id = t.competency_id AND c.retired_on IS NULL
    WHERE n.recorded_by_id = n.student_id
      AND NOT EXISTS (
        SELECT FROM learning.competencies_masteryjudgment j
        WHERE j.student_id = n.student_id AND j.competency_id = t.competency_id
          AND NOT EXISTS (SELECT FROM learning.competencies_judgmentwithdrawal w WHERE w.judgment_id = j.id)
          AND (EXISTS (SELECT FROM learning.competencies_judgmentevidence x WHERE x.judgment_id = j.id AND x.version_id = n.version_id)
            OR (j.recorded_at >= n.recorded_at
                AND NOT EXISTS (SELECT FROM learning.competencies_judgmentevidence x WHERE x.judgment_id = j.id))))
      AND NOT EXISTS (
        SELECT FROM asked a WHERE a.student_id = n.student_id AND a.competency_id = t.competency_id
          AND a.outcome = 'returned' AND a.answered_at >= n.recorded_at)
), item AS (
    SELECT student_id, competency_id, min(since) AS since, array_remove(array_agg(version_id), NULL) AS versions,
           (array_agg(uuid) FILTER (WHERE uuid IS NOT NULL))[1] AS request, max(message) AS message, min(asked_at) AS asked_at
    FROM (SELECT student_id, competency_id, recorded_at AS since, version_id, NULL::uuid AS uuid, NULL AS message,
                 NULL::timestamptz AS asked_at FROM work
          UNION ALL
          SELECT student_id, competency_id, recorded_at, NULL, uuid, message, recorded_at FROM asked WHERE is_open) either
    GROUP BY student_id, competency_id
)
SELECT i.student_id, i.competency_id, c.uuid, c.code, c.statement, i.since, i.versions, i.request, coalesce(i.message, ''), i.asked_at,
       EXISTS (SELECT FROM learning.competencies_masteryjudgment j
               WHERE j.student_id = i.student_id AND j.competency_id = i.competency_id AND j.recorded_at < i.since
                 AND NOT EXISTS (SELECT FROM learning.competencies_judgmentwithdrawal w WHERE w.judgment_id = j.id))
       OR EXISTS (SELECT FROM asked a WHERE a.student_id = i.student_id AND a.competency_id = i.competency_id
                  AND a.outcome <> 'taken_back'),
       coalesce(k.own, ARRAY[]::bigint[]), coalesce(k.others, false)
FROM item i JOIN learning.competencies_competency c ON c.id = i.competency_id
{_OF_CLASSES}
ORDER BY i.since, i.student_id, i.competency_id
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A student's cell in which something waits since `since`: `versions` of work not judged, an open `request`, or both.

    `sections` are the reader's classes whose course names the competency; `elsewhere` says that only another teacher's class
    does, so that it is first of all theirs.
    """

    student_id: int
    competency_id: int
    competency: uuid.UUID
    code: str
    statement: str
    since: datetime.datetime
    versions: tuple[int, ...]
    request: uuid.UUID | None
    message: str
    asked_at: datetime.datetime | None
    resubmitted: bool
    sections: frozenset[int]
    elsewhere: bool

    @property
    def cell(self) -> tuple[int, int]:
        return (self.student_id, self.competency_id)


def waiting(*, student_ids: Collection[int], section_ids: Collection[int], day: datetime.date) -> list[Waiting]:
    """What waits of these students, the oldest first; `section_ids` are the classes that the reader teaches. One query."""
    if not student_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"students": list(student_ids), "sections": list(section_ids), "day": day})
        return [_waiting(row) for row in cursor.fetchall()]


def _waiting(row: tuple[Any, ...]) -> Waiting:
    student, competency, key, code, statement, since, versions, request, message, asked_at, again, own, others = row
    return Waiting(
        student_id=student,
        competency_id=competency,
        competency=key,
        code=code,
        statement=statement,
        since=since,
        versions=tuple(sorted(versions)),
        request=request,
        message=message,
        asked_at=asked_at,
        resubmitted=again,
        sections=frozenset(own),
        elsewhere=bool(others) and not own,
    )


# The last answer of each cell since a day: a judgement on work of the student's own or to a request, or work given back.
_ANSWERED = f"""
SELECT i.student_id, i.competency_id, c.uuid, c.code, c.statement, i.at, i.label, coalesce(nullif(u.full_name, ''), u.username),
       coalesce(k.own, ARRAY[]::bigint[]), coalesce(k.others, false)
FROM (
    SELECT DISTINCT ON (student_id, competency_id) * FROM (
        SELECT j.student_id, j.competency_id, j.recorded_at AS at, j.judged_by_id AS by_id,
               v.levels -> (j.rank - 1) ->> 'label' AS label
        FROM learning.competencies_masteryjudgment j
        JOIN learning.competencies_masteryscaleversion v ON v.id = j.version_id
        WHERE j.student_id = ANY(%(students)s) AND j.recorded_at >= %(since)s
          AND NOT EXISTS (SELECT FROM learning.competencies_judgmentwithdrawal w WHERE w.judgment_id = j.id)
          AND (EXISTS (SELECT FROM learning.competencies_judgmentevidence x WHERE x.judgment_id = j.id)
            OR EXISTS (SELECT FROM learning.pathways_assessmentanswer a WHERE a.judgment_id = j.id))
        UNION ALL
        SELECT p.student_id, r.competency_id, a.recorded_at, a.answered_by_id, ''
        FROM learning.pathways_assessmentanswer a
        JOIN learning.pathways_assessmentrequest r ON r.id = a.request_id
        JOIN learning.pathways_learningplan p ON p.id = r.plan_id
        WHERE p.student_id = ANY(%(students)s) AND a.outcome = 'returned' AND a.recorded_at >= %(since)s
    ) found ORDER BY student_id, competency_id, at DESC
) i
JOIN learning.competencies_competency c ON c.id = i.competency_id
JOIN learning.people_user u ON u.id = i.by_id
{_OF_CLASSES}
ORDER BY i.at DESC, i.student_id, i.competency_id
"""


@dataclass(frozen=True, slots=True)
class Answered:
    """The last answer in a cell: `label` is the level that was given, "" where the work was given back for another
    try. `sections` and `elsewhere` as in Waiting."""

    student_id: int
    competency_id: int
    competency: uuid.UUID
    code: str
    statement: str
    at: datetime.datetime
    label: str
    by: str
    sections: frozenset[int]
    elsewhere: bool


def answered(
    *, student_ids: Collection[int], section_ids: Collection[int], day: datetime.date, since: datetime.datetime
) -> list[Answered]:
    """What was answered from `since` on, the newest first. One query."""
    if not student_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED, {"students": list(student_ids), "sections": list(section_ids), "day": day, "since": since})
        return [_answered(row) for row in cursor.fetchall()]


def _answered(row: tuple[Any, ...]) -> Answered:
    student, competency, key, code, statement, at, label, by, own, others = row
    return Answered(student, competency, key, code, statement, at, label, by, frozenset(own), bool(others) and not own)
