"""Placing a newcomer: the portfolio of the former school is brought, and what it proposes is confirmed or refused.

Nothing of a portfolio counts before a person confirms it. What is decided stays decided; a mistake is judged anew.
"""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from competencies.queries.scales import newest_versions
from database.areas import acting_as
from pathways.actions.decide_placement import PlacementChoice, PlacementRefused, decide_placements
from pathways.actions.import_portfolio import PortfolioRefused, import_portfolio
from pathways.exchange.portfolio_bundle import BUNDLE_BYTES
from pathways.models import Placement
from pathways.queries.portfolio import placements_of
from pathways.views.plan import doer
from people.access import StudentInReach

MEGABYTES = BUNDLE_BYTES // 1024 // 1024
TOO_LARGE = gettext_lazy("The file is too large; at most %(most)s MB are taken. Ask for the portfolio without its films.")


class BundleForm(forms.Form):
    """The zip that a student takes along."""

    bundle = forms.FileField(
        label=gettext_lazy("The student's portfolio"),
        max_length=500,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"class": "usa-file-plain", "accept": ".zip"}),
        error_messages={"required": gettext_lazy("Choose the portfolio's zip file.")},
    )

    def clean_bundle(self) -> Any:
        """Refused by its size before anybody reads it."""
        bundle = self.cleaned_data["bundle"]
        if bundle.size > BUNDLE_BYTES:
            raise forms.ValidationError(TOO_LARGE, params={"most": MEGABYTES})
        return bundle


@never_cache
@require_GET
def placement_page(request: HttpRequest, student: uuid.UUID) -> HttpResponse:
    """What portfolios propose for a student: open, matched to nothing here, and decided; and the form for a further one."""
    return _page(request, doer(request, student, "decide_placement"))


def _page(
    request: HttpRequest, found: StudentInReach, form: BundleForm | None = None, problem: str = "", note: str = ""
) -> HttpResponse:
    """With a refused form, or with a refused decision, as it was sent."""
    with acting_as("area_learning"):
        rows = list(placements_of(found.id))
        versions = newest_versions({row.competency_id for row in rows if row.competency_id})
    chosen = set(request.POST.getlist("placement"))
    opened = [row for row in rows if not hasattr(row, "decision")]
    matched = [
        {
            "row": row,
            "levels": list(enumerate(versions[row.competency_id].labels, start=1)),
            "rank": _rank(request, row) or row.proposed_rank,
            "chosen": not problem or str(row.uuid) in chosen,
        }
        for row in opened
        if row.competency_id
    ]
    context = {
        "student": found,
        "form": form or BundleForm(),
        "matched": matched,
        "unmatched": [{"row": row, "chosen": str(row.uuid) in chosen} for row in opened if not row.competency_id],
        "decided": [row for row in rows if hasattr(row, "decision")],
        "problem": problem,
        "note": note,
    }
    if form is not None:
        form.fields["bundle"].widget.attrs |= {"aria-invalid": "true", "aria-describedby": "id_bundle_error", "autofocus": True}
    return render(request, "pathways/placement.html", context, status=422 if form or problem else 200)


def _rank(request: HttpRequest, row: Placement) -> int | None:
    sent = request.POST.get(f"rank-{row.uuid}", "")
    return int(sent) if sent.isdecimal() and len(sent) < 4 else None


@require_POST
def bring(request: HttpRequest, student: uuid.UUID) -> HttpResponse:
    """Take in a portfolio: its evidence is recorded, its competencies are proposed. The same file again changes nothing."""
    found = doer(request, student, "decide_placement")
    form = BundleForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, form)
    try:
        arrived = import_portfolio(
            bundle=form.cleaned_data["bundle"].read(BUNDLE_BYTES + 1),
            student_id=found.id,
            brought_by=int(request.user.pk or 0),
            at=timezone.now(),
        )
    except PortfolioRefused as refused:
        form.add_error("bundle", str(refused))
        return _page(request, found, form)
    if not arrived.new:
        messages.info(request, _("This portfolio had come before; nothing was changed."))
        return redirect("placement", student)
    said = _("The portfolio from %(issuer)s is taken in.") % {"issuer": arrived.arrival.issuer}
    pieces = ngettext("%(count)s piece of evidence came along.", "%(count)s pieces of evidence came along.", arrived.evidence)
    messages.success(request, f"{said} {pieces % {'count': arrived.evidence}}")
    for warning in arrived.warnings:
        messages.warning(request, warning)
    return redirect("placement", student)


@require_POST
def decide(request: HttpRequest, student: uuid.UUID) -> HttpResponse:
    """Confirm or refuse the placements chosen, all of them or none."""
    found = doer(request, student, "decide_placement")
    confirm = request.POST.get("what") == "confirm"
    note = request.POST.get("note", "")[:2000]
    with acting_as("area_learning"):
        rows = {str(row.uuid): row for row in placements_of(found.id)}
    chosen = [rows[key] for key in dict.fromkeys(request.POST.getlist("placement")) if key in rows]
    if not chosen:
        return _page(request, found, problem=_("Choose at least one competency."), note=note)
    try:
        decided = decide_placements(
            choices=[PlacementChoice(row.pk, _rank(request, row)) for row in chosen],
            confirm=confirm,
            note=note,
            decided_by=int(request.user.pk or 0),
            at=timezone.now(),
        )
    except PlacementRefused as refused:
        if refused.conflict:
            messages.info(request, str(refused))
            return redirect("placement", student)
        return _page(request, found, problem=str(refused), note=note)
    count = {"count": len(decided)}
    if confirm:
        said = ngettext("%(count)s competency is confirmed.", "%(count)s competencies are confirmed.", len(decided)) % count
    else:
        said = ngettext("%(count)s competency is refused.", "%(count)s competencies are refused.", len(decided)) % count
    messages.success(request, said)
    return redirect("placement", student)
