"""A student asks to be assessed: any day of the year, as often as it takes. And takes it back."""

import datetime
import uuid

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from competencies.models import Competency, Evidence
from database.areas import acting_as
from database.locks import hold_plan
from pathways.actions.open_plan import plan_of
from pathways.models import AssessmentAnswer, AssessmentRequest

MESSAGE_CHARACTERS = 2_000


class RequestRefused(ValueError):
    """Why a request was not taken or not ended, in a sentence with the way out. `conflict`: it stands otherwise on record."""

    def __init__(self, sentence: str, conflict: bool = False) -> None:
        super().__init__(sentence)
        self.conflict = conflict


def ask_for_assessment(
    *,
    student_id: int,
    competency_id: int,
    asked_by: int,
    at: datetime.datetime,
    message: str = "",
    evidence: uuid.UUID | None = None,
) -> AssessmentRequest:
    """An open request; one at a time a competency, and again after each answer, as often as it takes. Raises RequestRefused."""
    if len(message) > MESSAGE_CHARACTERS:
        raise RequestRefused(
            _("A message has at most %(message_characters)s characters; shorten it, or hand it in as evidence.")
            % {"message_characters": MESSAGE_CHARACTERS}
        )
    with acting_as("area_learning"):
        if not Competency.objects.filter(pk=competency_id, retired_on__isnull=True).exists():
            raise RequestRefused(_("The competency is not on file, or retired; ask for another."))
        handed_in = Evidence.objects.filter(uuid=evidence, student_id=student_id).first() if evidence is not None else None
        if evidence is not None and handed_in is None:
            raise RequestRefused(_("The evidence is not this student's; hand it in first, then ask."))
        plan = plan_of(student_id, at)
        hold_plan(plan.pk)
        if AssessmentRequest.objects.filter(plan=plan, competency_id=competency_id, answer__isnull=True).exists():
            raise RequestRefused(
                _("A request for this competency is open; wait for its answer, or take it back first."), conflict=True
            )
        return AssessmentRequest.objects.create(
            plan=plan,
            competency_id=competency_id,
            evidence=handed_in,
            message=message.strip(),
            asked_by_id=asked_by,
            recorded_at=at,
        )


def take_back_request(
    *, student_id: int, request: uuid.UUID, taken_back_by: int, at: datetime.datetime, note: str = ""
) -> AssessmentAnswer:
    """End the student's open request without a judgement. Raises RequestRefused."""
    with acting_as("area_learning"):
        found = open_request(student_id=student_id, request=request)
        return end_request(found, outcome=AssessmentAnswer.Outcome.TAKEN_BACK, judgment_id=None, by=taken_back_by, at=at, note=note)


def open_request(*, student_id: int, request: uuid.UUID) -> AssessmentRequest:
    """The student's request, which has no answer yet. Expects area_learning; raises RequestRefused."""
    found = AssessmentRequest.objects.select_related("answer", "evidence").filter(uuid=request, plan__student_id=student_id).first()
    if found is None:
        raise RequestRefused(_("This student has no such request; read the open ones anew."))
    if hasattr(found, "answer"):
        raise RequestRefused(
            _("The request ended on %(recorded_at)s; the student may ask again.") % {"recorded_at": found.answer.recorded_at.date()},
            conflict=True,
        )
    return found


def end_request(
    request: AssessmentRequest, *, outcome: str, judgment_id: int | None, by: int, at: datetime.datetime, note: str
) -> AssessmentAnswer:
    """Write the answer; of two at once one is refused. Expects area_learning; raises RequestRefused."""
    if len(note) > MESSAGE_CHARACTERS:
        raise RequestRefused(
            _("A note has at most %(message_characters)s characters; shorten it.") % {"message_characters": MESSAGE_CHARACTERS}
        )
    try:
        with transaction.atomic():
            return AssessmentAnswer.objects.create(
                request=request, outcome=outcome, judgment_id=judgment_id, note=note.strip(), answered_by_id=by, recorded_at=at
            )
    except IntegrityError:
        raise RequestRefused(_("The request was ended meanwhile; read the open ones anew."), conflict=True) from None
