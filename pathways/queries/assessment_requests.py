"""Requests to be assessed: a student's, and the queue of a class. Expects to run under area_learning."""

from collections.abc import Collection

from django.db.models import F, QuerySet

from pathways.models import AssessmentRequest


def open_requests(student_ids: Collection[int]) -> QuerySet[AssessmentRequest]:
    """Requests without an answer, with `student_id`, competency and evidence at hand; in the order of asking. One query."""
    waiting = _requests().filter(plan__student_id__in=student_ids, answer__isnull=True)
    return waiting.annotate(student_id=F("plan__student_id")).order_by("recorded_at", "id")


def requests_of(student_id: int) -> QuerySet[AssessmentRequest]:
    """Every request of a student, with its answer. One query."""
    return _requests().filter(plan__student_id=student_id)


def request_of(pk: int) -> AssessmentRequest:
    """One request as the others are read."""
    return _requests().get(pk=pk)


def _requests() -> QuerySet[AssessmentRequest]:
    return AssessmentRequest.objects.select_related("competency", "evidence", "answer")
