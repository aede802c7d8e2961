"""Credit by page: what is due is looked at and awarded with one confirmation, and an award is revoked with its reason."""

import uuid
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from database.areas import acting_as
from pathways.access import students_for
from pathways.actions.award_credit import AwardRefused, AwardWish, award_credits
from pathways.actions.revoke_credit import RevocationRefused, revoke_credit
from pathways.models import CreditAward
from pathways.queries.credit import AwardShown, DueAward, award_of, awards_of, due_awards
from pathways.views.plan import doer
from pathways.views.students import require
from people.access import StudentInReach

ROWS = 50
OCCASIONS = {
    CreditAward.Occasion.REGULAR.value: gettext_lazy("Regular work in the course"),
    CreditAward.Occasion.RECOVERY.value: gettext_lazy("Recovery of credit"),
    CreditAward.Occasion.ADVANCEMENT.value: gettext_lazy("Advancement, ahead of the course"),
    CreditAward.Occasion.OUTSIDE.value: gettext_lazy("Learning outside school"),
    CreditAward.Occasion.TRANSFER.value: gettext_lazy("Transfer from another school"),
}


@dataclass(frozen=True, slots=True)
class DueLine:
    """A due award with its student; `key` names it in the form."""

    student: StudentInReach
    due: DueAward

    @property
    def key(self) -> str:
        return f"{self.student.uuid} {self.due.catalogue}/{self.due.course}/{self.due.module or ''}"


def _due(request: HttpRequest) -> list[DueLine]:
    """What is due of everybody whom the reader may award, by name."""
    day = timezone.localdate()
    students = {one.id: one for one in students_for("award_credit", actor_id=int(request.user.pk or 0), day=day)}
    with acting_as("area_learning"):
        found = due_awards(list(students), day=day)
    return [DueLine(students[one.student_id], one) for one in found]


@never_cache
@require_http_methods(["GET", "POST"])
def due_page(request: HttpRequest) -> HttpResponse:
    """The list with what each rests on; posted with `look`, exactly what would be awarded; with `award`, that."""
    require(request, "read_due_awards")
    lines = _due(request)
    page = Paginator(lines, ROWS).get_page(request.GET.get("page"))
    context: dict[str, Any] = {"page": page, "occasions": OCCASIONS.items(), "occasion": request.POST.get("occasion", "regular")}
    if request.method == "GET":
        return render(request, "pathways/credit_due.html", context)
    wanted = set(request.POST.getlist("due"))
    chosen = [line for line in lines if line.key in wanted][:ROWS]
    if not chosen or context["occasion"] not in OCCASIONS:
        problem = _("Choose at least one line that is still due.")
        return render(request, "pathways/credit_due.html", context | {"problem": problem}, status=422)
    if request.POST.get("what") != "award":
        total = sum((line.due.credit for line in chosen), Fraction(0))
        context |= {"chosen": chosen, "total": total, "said": OCCASIONS[context["occasion"]]}
        return render(request, "pathways/credit_due_preview.html", context)
    _award(request, chosen, context["occasion"])
    return redirect("credit_due")


def _award(request: HttpRequest, chosen: list[DueLine], occasion: str) -> None:
    """Award each; one that is refused (somebody was faster, a judgement was withdrawn) is named and stops no other."""
    wishes = [AwardWish(line.due.student_id, line.due.course_id, line.due.module_id) for line in chosen]
    made = award_credits(wishes=wishes, awarded_by=int(request.user.pk or 0), occasion=occasion, at=timezone.now())
    for line, award in zip(chosen, made, strict=True):
        if isinstance(award, AwardRefused):
            messages.warning(request, f"{line.student.name}: {award}")
    done = sum(isinstance(award, CreditAward) for award in made)
    if done:
        messages.success(request, ngettext("%(count)s award is made.", "%(count)s awards are made.", done) % {"count": done})


@never_cache
@require_GET
def student_credit(request: HttpRequest, student: uuid.UUID) -> HttpResponse:
    """Every award of a student, revoked ones too, with what each rests on; and a form to revoke one that stands."""
    return _credit_page(request, doer(request, student, "oversee"))


def _credit_page(
    request: HttpRequest, found: StudentInReach, refused: uuid.UUID | None = None, problem: str = "", typed: str = ""
) -> HttpResponse:
    with acting_as("area_learning"):
        awards: list[AwardShown] = list(reversed(awards_of([found.id], day=timezone.localdate())))
    context = {"student": found, "awards": awards, "refused": refused, "problem": problem, "typed": typed, "occasions": OCCASIONS}
    context["said"] = {one.row.pk: OCCASIONS[one.row.occasion] for one in awards}
    return render(request, "pathways/student_credit.html", context, status=422 if problem else 200)


@require_POST
def revoke(request: HttpRequest, student: uuid.UUID, award: uuid.UUID) -> HttpResponse:
    """Revoke an award that stands, with its reason; a second click is told that it is revoked."""
    found = doer(request, student, "revoke_credit")
    with acting_as("area_learning"):
        row = award_of(found.id, award)
    if row is None:
        raise Http404
    reason = request.POST.get("reason", "")[:2000]
    try:
        revoke_credit(award_id=row, revoked_by=int(request.user.pk or 0), reason=reason, at=timezone.now())
        messages.success(request, _("The award is revoked; it stays on record with its reason."))
    except RevocationRefused as refused:
        if not refused.conflict:
            return _credit_page(request, found, award, str(refused), reason)
        messages.info(request, str(refused))
    return redirect("student_credit", student)
