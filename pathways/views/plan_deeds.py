"""What is done on a plan's pages: each takes a POST, does one action, and leads back with a word on what happened.

A refused form comes back as it was typed. A second click changes nothing and is told so.
"""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from competencies.access import student_for as student_on_record
from competencies.actions.record_evidence import EvidenceRefused, record_evidence
from competencies.models import Evidence
from database.areas import acting_as
from pathways.actions.ask_for_assessment import RequestRefused, ask_for_assessment, take_back_request
from pathways.actions.choose_plan_items import PlanChoice, PlanItemRefused, choose_plan_items
from pathways.actions.set_goal import GoalRefused, end_goal, set_goal
from pathways.forms import AskForm, EvidenceForm, GoalForm, PlaceForm
from pathways.views.plan import competency_or_404, competency_page, doer, plan_page
from people.access import NotInReach

PLACED = {
    "focus": gettext_lazy("%(name)s is in focus now."),
    "next": gettext_lazy("%(name)s is back among what comes next."),
    "aside": gettext_lazy("%(name)s is put aside. Take it up again whenever you like."),
}


@require_POST
def hand_in(request: HttpRequest, student: uuid.UUID, competency: uuid.UUID) -> HttpResponse:
    """Record work for a competency, and with it ask to be assessed where that is ticked (the student's own work alone)."""
    by, at = int(request.user.pk or 0), timezone.now()
    form = EvidenceForm(request.POST, request.FILES, today=timezone.localdate(), prefix="work")
    try:
        with acting_as("area_learning"):
            found = student_on_record("record_evidence", actor_id=by, student=student, day=timezone.localdate())
            node = competency_or_404(competency)
    except NotInReach:
        raise Http404 from None
    if not form.is_valid():
        return competency_page(request, student, competency, evidence=form)
    made: list[Evidence] = []
    try:
        # All of it or nothing: whoever sees one of three files refused chooses the three again.
        with acting_as("area_learning"):
            for content in form.contents():
                made.append(record_evidence(student_id=found.id, recorded_by=by, competency_ids=[node.id], at=at, **content))
    except EvidenceRefused as refused:
        name = refused.pointer.lstrip("/")
        files = form.files_taken()
        if name == "file":
            name = "file" if form.cleaned_data["file"] else "photo"
        said = f"{files[len(made)].name}: {refused}" if len(files) > 1 else str(refused)
        form.add_error(name if name in form.fields else None, said)
        return competency_page(request, student, competency, evidence=form)
    title = form.cleaned_data["title"]
    said = ngettext("“%(title)s” is handed in.", "“%(title)s” is handed in: %(count)d files.", len(made))
    said %= {"title": title, "count": len(made)}
    if form.cleaned_data["ask"] and found.id == by:
        try:
            ask_for_assessment(student_id=by, competency_id=node.id, asked_by=by, at=at, evidence=made[0].uuid)
            said += " " + _("Your teacher sees that you ask to be assessed.")
        except RequestRefused as refused:
            said += f" {refused}"
    messages.success(request, said)
    return redirect("plan_competency", student, competency)


@require_POST
def ask(request: HttpRequest, student: uuid.UUID, competency: uuid.UUID) -> HttpResponse:
    """Ask to be assessed. Where a request is open already, that one stays."""
    found = doer(request, student, "ask_for_assessment")
    with acting_as("area_learning"):
        node = competency_or_404(competency)
    form = AskForm(request.POST, prefix="ask")
    if not form.is_valid():
        return competency_page(request, student, competency, ask=form)
    try:
        ask_for_assessment(
            student_id=found.id,
            competency_id=node.id,
            asked_by=int(request.user.pk or 0),
            at=timezone.now(),
            message=form.cleaned_data["message"],
        )
        messages.success(request, _("Your teacher sees that you ask to be assessed."))
    except RequestRefused as refused:
        if not refused.conflict:
            form.add_error(None, str(refused))
            return competency_page(request, student, competency, ask=form)
        messages.info(request, _("You have asked already; your teacher sees it."))
    return redirect("plan_competency", student, competency)


@require_POST
def take_back(request: HttpRequest, student: uuid.UUID, competency: uuid.UUID, asked: uuid.UUID) -> HttpResponse:
    """Take an open request back; one that has ended stays ended."""
    found = doer(request, student, "ask_for_assessment")
    try:
        take_back_request(student_id=found.id, request=asked, taken_back_by=int(request.user.pk or 0), at=timezone.now())
        messages.success(request, _("Your request is taken back. Ask again whenever you are ready."))
    except RequestRefused as refused:
        messages.info(request, str(refused))
    return redirect("plan_competency", student, competency)


@require_POST
def place(request: HttpRequest, student: uuid.UUID, competency: uuid.UUID) -> HttpResponse:
    """Put a competency in focus, back on the path, or aside."""
    found = doer(request, student, "choose_plan")
    with acting_as("area_learning"):
        node = competency_or_404(competency)
    form = PlaceForm(request.POST, prefix="place")
    if form.is_valid():
        chosen = PlanChoice(node.id, form.cleaned_data["place"], target_on=form.cleaned_data["target_on"])
        try:
            choose_plan_items(student_id=found.id, decided_by=int(request.user.pk or 0), at=timezone.now(), choices=[chosen])
        except PlanItemRefused as refused:
            # One choice alone: what is refused is its day, or the competency itself.
            form.add_error("target_on" if chosen.target_on else None, str(refused).removeprefix(_("Choice 1") + " "))
        else:
            messages.success(request, PLACED[chosen.place] % {"name": node.code or node.statement})
            return redirect("plan_competency", student, competency)
    return competency_page(request, student, competency, place=form)


@require_POST
def goal(request: HttpRequest, student: uuid.UUID) -> HttpResponse:
    """Set a goal in one's own words."""
    found = doer(request, student, "set_goal")
    form = GoalForm(request.POST)
    if form.is_valid():
        try:
            set_goal(student_id=found.id, set_by=int(request.user.pk or 0), at=timezone.now(), **form.cleaned_data)
        except GoalRefused as refused:
            form.add_error("target_on" if form.cleaned_data["target_on"] else "title", str(refused))
        else:
            messages.success(request, _("The goal is set."))
            return redirect("plan", student)
    return plan_page(request, student, goal=form)


@require_POST
def goal_end(request: HttpRequest, student: uuid.UUID, goal: uuid.UUID) -> HttpResponse:
    """End a goal; it stays on record. One that has ended stays ended."""
    found = doer(request, student, "set_goal")
    try:
        end_goal(student_id=found.id, goal=goal, ended_on=timezone.localdate())
        messages.success(request, _("The goal is ended."))
    except GoalRefused as refused:
        messages.info(request, str(refused))
    return redirect("plan", student)
