"""Give a student's request back for another try: no level is given, and the comment says what to do next."""

import datetime
import uuid
from collections.abc import Collection

from competencies.models import EvidenceVersion
from database.areas import acting_as
from pathways.actions.ask_for_assessment import RequestRefused, end_request, open_request
from pathways.models import AssessmentAnswer


def return_work(
    *, student_id: int, request: uuid.UUID, returned_by: int, at: datetime.datetime, comment: str, seen: Collection[int]
) -> AssessmentAnswer:
    """`seen` are the ids of the versions of evidence that were looked at: where the student has handed in a newer one for the
    competency since, nothing is given back unread. Raises RequestRefused."""
    if not comment.strip():
        raise RequestRefused("Say in the comment what to do next; the student reads it.")
    with acting_as("area_learning"):
        found = open_request(student_id=student_id, request=request)
        newer = EvidenceVersion.objects.filter(
            evidence__student_id=student_id,
            evidence__tied__competency_id=found.competency_id,
            recorded_by_id=student_id,
            recorded_at__gt=found.recorded_at,
        ).exclude(pk__in=seen)
        if newer.exists():
            raise RequestRefused("The student has handed in more work meanwhile; it is shown now. Look at it, then decide.")
        return end_request(found, outcome=AssessmentAnswer.Outcome.RETURNED, judgment_id=None, by=returned_by, at=at, note=comment)
