"""Withdraw a judgement with its reason: who judged takes back their own, a counsellor or school administrator any."""

import uuid

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from competencies.access import judgment_to_withdraw
from competencies.actions.withdraw_judgment import WithdrawalRefused, withdraw_judgment
from database.areas import acting_as
from pathways.queries.plan_cell import plan_cell
from pathways.views.plan import competency_or_404, reader
from people.access import NotInReach

REASON_CHARACTERS = 2_000


class WithdrawalForm(forms.Form):
    """Why; it stays on the record with the judgement."""

    reason = forms.CharField(
        label=gettext_lazy("Why is it withdrawn?"),
        max_length=REASON_CHARACTERS,
        widget=forms.Textarea(attrs={"class": "usa-textarea credence-textarea", "rows": 3}),
        error_messages={"required": gettext_lazy("Give the reason; it stays on the record.")},
    )


@never_cache
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, student: uuid.UUID, competency: uuid.UUID, number: int) -> HttpResponse:
    """Show the judgement and ask why; then withdraw it and lead back to the competency, where the level reads anew."""
    actor, day = int(request.user.pk or 0), timezone.localdate()
    found = reader(request, student)
    try:
        with acting_as("area_learning"):
            pk = judgment_to_withdraw(student, number, actor_id=actor, day=day)
            node = competency_or_404(competency)
            cell = plan_cell(student_id=found.id, node=node, day=day)
    except NotInReach:
        raise Http404 from None
    told = next((one for one in cell.told if one.number == pk), None)
    if told is None:
        raise Http404
    if told.withdrawn_on:
        messages.info(request, _("This judgement is withdrawn already."))
        return redirect("plan_competency", student, competency)
    form = WithdrawalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_judgment(judgment_id=pk, withdrawn_by=actor, reason=form.cleaned_data["reason"], at=timezone.now())
            messages.success(request, _("The judgement is withdrawn; it no longer counts and stays on the record."))
        except WithdrawalRefused as refused:
            messages.info(request, str(refused))
        return redirect("plan_competency", student, competency)
    if request.method == "POST":
        form.fields["reason"].widget.attrs |= {"autofocus": True, "aria-invalid": "true", "aria-describedby": "id_reason_error"}
    context = {"student": found, "node": node, "one": told, "form": form}
    return render(request, "pathways/withdraw.html", context, status=422 if request.method == "POST" else 200)
