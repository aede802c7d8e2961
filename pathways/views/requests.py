"""A student's request to be assessed, as the teacher answers it: what was asked, what stands, and a level to give."""

import datetime
import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from competencies.actions.record_judgments import JudgmentRefused
from competencies.queries.evidence import evidence_of
from competencies.queries.levels import explanation
from competencies.queries.scales import newest_versions
from database.areas import acting_as
from pathways.access import student_for
from pathways.actions.answer_request import answer_request
from pathways.actions.ask_for_assessment import RequestRefused
from pathways.queries.assessment_requests import open_requests
from people.access import NotInReach


class AnswerForm(forms.Form):
    """A level of the competency's scale, the day of the work and a word to the student."""

    level = forms.TypedChoiceField(coerce=int, error_messages={"required": "Choose a level."})
    worked_on = forms.DateField(error_messages={"required": "Give the day of the work.", "invalid": "Give the day as a date."})
    note = forms.CharField(required=False, max_length=2000)

    def __init__(self, *args: Any, labels: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = list(enumerate(labels, start=1))  # type: ignore[attr-defined]


@never_cache
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, student: uuid.UUID, asked: uuid.UUID) -> HttpResponse:
    """Read what a student asks and answer it by a level; what was typed stays where it is refused."""
    actor, now, day = int(request.user.pk or 0), timezone.now(), timezone.localdate()
    with acting_as("area_learning"):
        try:
            of = student_for("answer_request", actor_id=actor, student=student, day=day)
        except NotInReach:
            raise Http404 from None
        found = open_requests([of.id]).filter(uuid=asked).first()
        if found is None:
            raise Http404
        version = newest_versions([found.competency_id])[found.competency_id]
        told = explanation(of.id, found.competency_id)
        evidence = evidence_of([of.id], [found.evidence_id]) if found.evidence_id else []
    form = AnswerForm(request.POST or None, labels=[level["label"] for level in version.levels])
    if request.method == "POST" and form.is_valid() and _answered(form, of.id, asked, actor, now):
        messages.success(request, f"{of.name} is assessed: {dict(form.fields['level'].choices)[form.cleaned_data['level']]}.")  # type: ignore[attr-defined]
        return redirect("home")
    worked_on = found.evidence.worked_on if found.evidence else found.recorded_at.date()
    context = {"student": of, "found": found, "told": told, "evidence": evidence, "form": form, "worked_on": worked_on, "today": day}
    return render(request, "pathways/class_request.html", context, status=422 if form.errors else 200)


def _answered(form: AnswerForm, student_id: int, asked: uuid.UUID, actor: int, now: datetime.datetime) -> bool:
    """Whether the answer is recorded; where it is refused the form says why."""
    try:
        answer_request(
            student_id=student_id,
            request=asked,
            answered_by=actor,
            at=now,
            rank=form.cleaned_data["level"],
            worked_on=form.cleaned_data["worked_on"],
            note=form.cleaned_data["note"],
        )
    except (RequestRefused, JudgmentRefused) as refusal:
        form.add_error(None, str(refusal))
        return False
    return True
