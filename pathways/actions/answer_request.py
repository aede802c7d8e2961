"""Answer a student's request to be assessed, by a judgement: a new one, or one that was recorded since."""

import datetime
import uuid

from django.utils.translation import gettext as _

from competencies.actions.record_judgments import JudgmentRefused, NewJudgment, record_judgments
from competencies.models import EvidenceVersion, MasteryJudgment
from database.areas import acting_as
from pathways.actions.ask_for_assessment import RequestRefused, end_request, open_request
from pathways.models import AssessmentAnswer, AssessmentRequest


def answer_request(
    *,
    student_id: int,
    request: uuid.UUID,
    answered_by: int,
    at: datetime.datetime,
    rank: int | None = None,
    worked_on: datetime.date | None = None,
    judgment_id: int | None = None,
    note: str = "",
) -> AssessmentAnswer:
    """By `rank` a new judgement of work of `worked_on` (default: the evidence's day, else the day of asking), resting on the
    newest version of the request's evidence; or by `judgment_id` one of the same competency. The student may ask again
    whatever the level. Raises RequestRefused, and JudgmentRefused of the recording."""
    if (rank is None) == (judgment_id is None):
        raise RequestRefused(_("An answer gives the rank of a new judgement, or names one that is on record; give one of them."))
    with acting_as("area_learning"):
        found = open_request(student_id=student_id, request=request)
        if rank is not None:
            judgment_id = _judge(found, student_id, answered_by, at, rank, worked_on)
        elif judgment_id is not None:
            _check_on_record(found, student_id, judgment_id)
        return end_request(found, outcome=AssessmentAnswer.Outcome.JUDGED, judgment_id=judgment_id, by=answered_by, at=at, note=note)


def _judge(
    request: AssessmentRequest, student_id: int, judged_by: int, at: datetime.datetime, rank: int, worked_on: datetime.date | None
) -> int:
    evidence = request.evidence
    versions = (
        EvidenceVersion.objects.filter(evidence=evidence).order_by("-number").values_list("id", flat=True)[:1] if evidence else ()
    )
    new = NewJudgment(
        student_id=student_id,
        competency_id=request.competency_id,
        rank=rank,
        worked_on=worked_on or (evidence.worked_on if evidence else request.recorded_at.astimezone(datetime.UTC).date()),
        evidence_versions=tuple(versions),
    )
    try:
        return record_judgments(judged_by=judged_by, at=at, judgments=[new])[0]
    except JudgmentRefused as problem:
        problem.pointer = "/rank"
        raise


def _check_on_record(request: AssessmentRequest, student_id: int, judgment_id: int) -> None:
    on_record = MasteryJudgment.objects.filter(
        pk=judgment_id, student_id=student_id, competency_id=request.competency_id, withdrawal__isnull=True
    )
    if not on_record.filter(recorded_at__gte=request.recorded_at).exists():
        raise RequestRefused(_("No judgement of this number stands for the competency since the student asked; give a rank instead."))
