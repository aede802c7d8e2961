"""Open requests to be assessed: the queue of a class, the longest waiting first. Expects to run under area_learning."""

from collections.abc import Collection

from django.db.models import F, QuerySet

from pathways.models import AssessmentRequest


def open_requests(student_ids: Collection[int]) -> QuerySet[AssessmentRequest]:
    """Requests without an answer, with `student_id`, competency and evidence at hand; in the order of asking. One query."""
    waiting = AssessmentRequest.objects.select_related("competency", "evidence").filter(
        plan__student_id__in=student_ids, answer__isnull=True
    )
    return waiting.annotate(student_id=F("plan__student_id")).order_by("recorded_at", "id")
