"""What a plan's items lead to: a playlist, open assignments, and how it stands with being assessed. Three queries.

Expects to run under area_learning. An assignment's `done` says that the work is completed; it moves nothing else.
"""

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from pathways.models import AssessmentRequest, ResourceCompetency


@dataclass(frozen=True, slots=True)
class ResourceSaid:
    """One thing to learn from, with its licence."""

    uuid: uuid.UUID
    title: str
    address: str
    licence: str


@dataclass(frozen=True, slots=True)
class AssignmentSaid:
    """Work of an enrollment of the student's own that practises a competency."""

    enrollment: uuid.UUID
    course: str
    title: str
    due_on: datetime.date | None
    done: bool


@dataclass(frozen=True, slots=True)
class RequestSaid:
    """The latest request to be assessed: waiting (`outcome` empty), judged, returned for another try, or taken back.

    Where the judgement that answered it was withdrawn, `withdrawn_on` says when, and its comment (`note`) no longer stands.
    """

    uuid: uuid.UUID
    asked_on: datetime.date
    outcome: str
    answered_on: datetime.date | None
    note: str
    withdrawn_on: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """By competency: the playlist in order, the assignments by day, the latest request."""

    playlists: dict[int, list[ResourceSaid]]
    assignments: dict[int, list[AssignmentSaid]]
    requests: dict[int, RequestSaid]


# A void carries the opposite sign of the row that it voids. Carried-over work is done work here, as in enrollments.
_ASSIGNMENTS = """
SELECT t.competency_id, e.uuid, c.title, a.title, a.due_on, coalesce(w.done, 0) > 0
FROM learning.enrollments_enrollment e
JOIN learning.enrollments_offering o ON o.id = e.offering_id
JOIN learning.enrollments_course c ON c.id = o.course_id
JOIN learning.enrollments_assignment a ON a.offering_id = o.id
JOIN learning.pathways_assignmentcompetency t ON t.assignment_id = a.id
LEFT JOIN LATERAL (SELECT sum(1 - 2 * (f.sequence %% 2)) AS done FROM learning.enrollments_completion f
                   WHERE f.enrollment_id = e.id AND f.assignment_id = a.id AND f.completed_on <= %(day)s) w ON true
WHERE e.student_id = %(student)s AND t.competency_id = ANY(%(competencies)s)
  AND (e.enrolled_on IS NULL OR e.enrolled_on <= %(day)s) AND (e.withdrawn_on IS NULL OR e.withdrawn_on >= %(day)s)
ORDER BY a.due_on NULLS LAST, e.id, a.id
"""


def work_of(*, student_id: int, competency_ids: Collection[int], day: datetime.date) -> Work:
    """The work of these competencies for one student on `day`."""
    return Work(_playlists(competency_ids), _assignments(student_id, competency_ids, day), latest_requests(student_id, competency_ids))


def latest_requests(student_id: int, competency_ids: Collection[int]) -> dict[int, RequestSaid]:
    """{competency id: the student's latest request for it}. One query."""
    rows = (
        AssessmentRequest.objects.select_related("answer__judgment__withdrawal")
        .filter(plan__student_id=student_id, competency_id__in=competency_ids)
        .order_by("competency_id", "-id")
        .distinct("competency_id")
    )
    found = {}
    for request in rows:
        answer = getattr(request, "answer", None)
        withdrawal = getattr(answer.judgment, "withdrawal", None) if answer and answer.judgment else None
        found[request.competency_id] = RequestSaid(
            request.uuid,
            request.recorded_at.date(),
            answer.outcome if answer else "",
            answer.recorded_at.date() if answer else None,
            answer.note if answer and not withdrawal else "",
            withdrawal.recorded_at.date() if withdrawal else None,
        )
    return found


def _playlists(competency_ids: Collection[int]) -> dict[int, list[ResourceSaid]]:
    listed = ResourceCompetency.objects.select_related("resource").filter(competency_id__in=competency_ids)
    found: dict[int, list[ResourceSaid]] = {}
    for one in listed.order_by("competency_id", "position", "id"):
        said = ResourceSaid(one.resource.uuid, one.resource.title, one.resource.address, one.resource.licence)
        found.setdefault(one.competency_id, []).append(said)
    return found


def _assignments(student_id: int, competency_ids: Collection[int], day: datetime.date) -> dict[int, list[AssignmentSaid]]:
    found: dict[int, list[AssignmentSaid]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ASSIGNMENTS, {"student": student_id, "competencies": list(competency_ids), "day": day})
        for competency, *said in cursor.fetchall():
            found.setdefault(competency, []).append(AssignmentSaid(*said))
    return found
