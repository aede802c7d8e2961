"""One competency of one student judged beside the work: the evidence, what each level looks like, and on to the next."""

import datetime
import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from competencies.access import anchor_by_uuid
from competencies.actions.add_anchor import rate_anchor
from competencies.actions.ask_second_rating import RatingRefused
from competencies.actions.record_judgments import JudgmentRefused
from competencies.queries.frameworks import Node
from competencies.queries.journal import last_judged
from competencies.queries.level_guide import LevelGuide, level_guide
from competencies.queries.scales import newest_versions
from database.areas import acting_as
from pathways.actions.ask_for_assessment import MESSAGE_CHARACTERS, RequestRefused
from pathways.actions.judge_work import judge_work
from pathways.actions.return_work import return_work
from pathways.queries.inbox import Waiting
from pathways.queries.plan_cell import PlanCell, plan_cell
from pathways.views.inbox import Inbox, inbox_of, reader_of
from pathways.views.plan import competency_or_404
from people.access import NotInReach, StudentInReach

JUDGE, RETURN = "judge", "return"


class JudgeForm(forms.Form):
    """A level, the day of the work, the pieces that it rests on and a word to the student; or the work given back.

    `seen` is the mark of the level that the page showed, `shown` the versions of work that it showed as waiting.
    """

    do = forms.ChoiceField(choices=[(JUDGE, JUDGE), (RETURN, RETURN)])
    level = forms.TypedChoiceField(coerce=int, required=False, empty_value=None)
    worked_on = forms.DateField(required=False, error_messages={"invalid": gettext_lazy("Enter a day like 2025-09-30.")})
    rests_on = forms.TypedMultipleChoiceField(coerce=int, required=False)
    comment = forms.CharField(required=False, max_length=MESSAGE_CHARACTERS)
    seen = forms.CharField(required=False, max_length=60)

    def __init__(self, *args: Any, labels: list[str], versions: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = list(enumerate(labels, start=1))  # type: ignore[attr-defined]
        self.fields["rests_on"].choices = [(one, one) for one in versions]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        taken: dict[str, Any] = super().clean() or {}
        if taken.get("do") == JUDGE and "level" not in self.errors and taken.get("level") is None:
            self.add_error("level", _("Choose a level."))
        if taken.get("do") == JUDGE and "worked_on" not in self.errors and taken.get("worked_on") is None:
            self.add_error("worked_on", _("Enter the day of the work."))
        if taken.get("do") == RETURN and not taken.get("comment", "").strip() and "comment" not in self.errors:
            self.add_error("comment", _("Say what to do next; the student reads it."))
        return taken


class _Sheet:
    """Everything that judging one cell shows, read once under area_learning; Http404 where the reader may not judge it."""

    def __init__(self, request: HttpRequest, student: uuid.UUID, competency: uuid.UUID) -> None:
        self.actor = int(request.user.pk or 0)
        self.day = timezone.localdate()
        with acting_as("area_learning"):
            self.inbox: Inbox = inbox_of(request)
            found = reader_of(self.inbox, student)
            if found is None:
                raise Http404
            self.student: StudentInReach = found
            self.node: Node = competency_or_404(competency)
            self.cell: PlanCell = plan_cell(student_id=found.id, node=self.node, day=self.day)
            version = newest_versions([self.node.id])[self.node.id]
            self.guide: LevelGuide = level_guide(competency_id=self.node.id, version=version, rater_id=self.actor)
        place = (found.id, self.node.id)
        self.item: Waiting | None = next((one for one in self.inbox.items if one.cell == place), None)
        self.waits: frozenset[int] = frozenset(self.item.versions if self.item else ())
        self.pieces = [(piece, piece.versions[-1]) for piece in self.cell.evidence]

    @property
    def labels(self) -> list[str]:
        return [level.label for level in self.guide.levels]

    @property
    def worked_on(self) -> datetime.date:
        """The day that is offered: of the latest work that waits, else of the asking, else today."""
        days = [piece.worked_on for piece, version in self.pieces if version.id in self.waits]
        asked = [timezone.localdate(self.item.asked_at)] if self.item and self.item.asked_at else []
        return max(days or asked or [self.day])


@never_cache
@require_http_methods(["GET", "POST"])
def judge_page(request: HttpRequest, student: uuid.UUID, competency: uuid.UUID) -> HttpResponse:
    """Look at the work beside the levels and judge it, or give it back; then on to the next in the inbox."""
    sheet = _Sheet(request, student, competency)
    sent = request.POST if request.method == "POST" else None
    form = JudgeForm(sent, labels=sheet.labels, versions=[version.id for _piece, version in sheet.pieces])
    newer = None
    if sent is not None and form.is_valid():
        try:
            newer = _judged(request, sheet, form) if form.cleaned_data["do"] == JUDGE else _returned(request, sheet, form)
        except (JudgmentRefused, RequestRefused) as refused:
            form.add_error(None, str(refused))
        else:
            if newer is None:
                return _next(request, sheet)
            # What stands now has been read: sent once more, the judgement is recorded beside it.
            form.add_error(None, newer)
            sheet = _Sheet(request, student, competency)
    return _shown(request, sheet, form)


def _judged(request: HttpRequest, sheet: _Sheet, form: JudgeForm) -> str | None:
    """Record the level; the sentence on what came in between where something did."""
    said = form.cleaned_data
    told = judge_work(
        student_id=sheet.student.id,
        competency_id=sheet.node.id,
        judged_by=sheet.actor,
        at=timezone.now(),
        rank=said["level"],
        worked_on=said["worked_on"],
        seen=said["seen"],
        comment=said["comment"],
        versions=said["rests_on"],
    )
    if told.saved:
        _confirm(request, sheet, sheet.labels[said["level"] - 1])
        return None
    if told.newer is None:
        return _("A judgement has been withdrawn meanwhile. Look at the level as it stands, then send yours again.")
    words = _("{name} has judged this meanwhile: {level}. Yours is not recorded. Look at it, then send yours again or go on.")
    return words.format(name=told.newer.name, level=told.newer.label)


def _confirm(request: HttpRequest, sheet: _Sheet, level: str) -> None:
    """Say on the next page who was judged in what, with a link to the judgement: a slip is seen and taken back there."""
    cell = (sheet.student.id, sheet.node.id)
    with acting_as("area_learning"):
        made = last_judged([cell])[cell]
    words = _("{student}: {competency} judged {level}.").format(
        student=sheet.student.name, competency=sheet.node.code or Truncator(sheet.node.statement).chars(60), level=level
    )
    address = reverse("withdraw_judgment", args=[sheet.student.uuid, sheet.node.uuid, made.id])
    messages.success(request, words, extra_tags=address)


def _returned(request: HttpRequest, sheet: _Sheet, form: JudgeForm) -> str | None:
    """Give the request back with the comment; a request that has ended meanwhile is told and stays ended."""
    if sheet.item is None or sheet.item.request is None:
        messages.info(request, _("Nothing was given back: there is no open request any more."))
        return None
    return_work(
        student_id=sheet.student.id,
        request=sheet.item.request,
        returned_by=sheet.actor,
        at=timezone.now(),
        comment=form.cleaned_data["comment"],
        seen=[int(one) for one in request.POST.getlist("shown") if one.isdecimal()],
    )
    messages.success(request, _("The work is given back to {student} for another try.").format(student=sheet.student.name))
    return None


def _next(request: HttpRequest, sheet: _Sheet) -> HttpResponse:
    """On to the next item of the inbox as it was chosen, or to the list where none is left; from outside it, to the plan."""
    if sheet.item is None:
        return redirect("plan_competency", sheet.student.uuid, sheet.node.uuid)
    left = sheet.inbox.after(sheet.item.since, sheet.item.cell)
    if left is None:
        return redirect(_with(reverse("inbox"), sheet.inbox.query))
    return redirect(_address(sheet.inbox, left))


def _address(inbox: Inbox, one: Waiting) -> str:
    return _with(reverse("judge_page", args=[inbox.students[one.student_id].uuid, one.competency]), inbox.query)


def _with(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address


def _shown(request: HttpRequest, sheet: _Sheet, form: JudgeForm) -> HttpResponse:
    item = sheet.item
    place, others = 0, len(sheet.inbox.shown)
    if item is not None and item in sheet.inbox.shown:
        place = sheet.inbox.shown.index(item) + 1
    after = sheet.inbox.after(item.since, item.cell) if item else None
    level = sheet.cell.explained.level
    ticked = {int(one) for one in request.POST.getlist("rests_on") if one.isdecimal()} if form.is_bound else sheet.waits
    context = {
        "student": sheet.student,
        "node": sheet.node,
        "cell": sheet.cell,
        "item": item,
        "pieces": [(piece, version, version.id in sheet.waits, version.id in ticked) for piece, version in sheet.pieces],
        "guide": sheet.guide,
        "form": form,
        "mark": level.mark if level else "",
        "worked_on": form["worked_on"].value() if form.is_bound else sheet.worked_on.isoformat(),
        "chosen": form["level"].value() if form.is_bound else "",
        "today": sheet.day,
        "place": place,
        "others": others,
        "after": _address(sheet.inbox, after) if after else "",
        "back": _with(reverse("inbox"), sheet.inbox.query),
        "query": sheet.inbox.query,
        "longest": MESSAGE_CHARACTERS,
    }
    return render(request, "pathways/judging.html", context, status=422 if form.is_bound else 200)


@require_POST
def try_anchor(request: HttpRequest, student: uuid.UUID, competency: uuid.UUID, anchor: uuid.UUID) -> HttpResponse:
    """Rate an anchor sample before judging, and be told the agreed level; back to the work."""
    sheet = _Sheet(request, student, competency)
    offered = {one.uuid: one for one in sheet.guide.to_try}
    level = request.POST.get("level", "")
    if anchor not in offered:
        # Tried before, or by a second click: its level stands among the samples already.
        try:
            with acting_as("area_learning"):
                anchor_by_uuid(anchor)
        except NotInReach:
            raise Http404 from None
    elif not level.isdecimal():
        messages.error(request, _("Choose a level for the sample first."))
    else:
        try:
            with acting_as("area_learning"):
                pk = anchor_by_uuid(anchor)
            rate_anchor(anchor_id=pk, rater_id=sheet.actor, rank=int(level), at=timezone.now())
            messages.success(
                request, _("Your level for “{title}” is kept. The agreed one is shown beside it.").format(title=offered[anchor].title)
            )
        except RatingRefused as refused:
            messages.error(request, str(refused))
    return redirect(_with(reverse("judge_page", args=[student, competency]), sheet.inbox.query) + "#levels")
