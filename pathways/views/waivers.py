"""A school's seat-time waivers: those in force, those to come and those past; and a further one by its district."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from database.areas import acting_as
from enrollments.access import administered_school
from pathways.access import school_for
from pathways.actions.waive_seat_time import WaiverRefused, waive_seat_time
from pathways.forms import DayInput
from pathways.queries.progress import waivers_of
from people.access import NotInReach

ENTER = gettext_lazy("Give the day as a date.")


class WaiverForm(forms.Form):
    """The days of a waiver and by what authority it is given."""

    starts_on = forms.DateField(
        label=gettext_lazy("First day"), widget=DayInput(), error_messages={"required": ENTER, "invalid": ENTER}
    )
    ends_on = forms.DateField(
        label=gettext_lazy("First day without it"), widget=DayInput(), error_messages={"required": ENTER, "invalid": ENTER}
    )
    authority = forms.CharField(
        label=gettext_lazy("Authority: the law, or the decision and its date"),
        max_length=2000,
        widget=forms.Textarea(attrs={"class": "usa-textarea credence-textarea", "rows": 2}),
        error_messages={"required": gettext_lazy("Name the authority: the law, or the decision and its date.")},
    )

    def describe(self) -> None:
        """Tie each refused field to its error, and lead to the first. Called before rendering."""
        for name in self.errors:
            if name in self.fields:
                first = name == next(iter(self.errors))
                told = {"aria-invalid": "true", "aria-describedby": f"id_{name}_error", "autofocus": first}
                self.fields[name].widget.attrs |= told


@require_http_methods(["GET", "POST"])
def waivers_page(request: HttpRequest, school: uuid.UUID) -> HttpResponse:
    """Read by the school's and the district's administrators, added to by the district's."""
    actor, day = int(request.user.pk or 0), timezone.localdate()
    try:
        with acting_as("area_learning"):
            found = administered_school(actor_id=actor, school=school, day=day)
            rows = list(waivers_of(found.id))
    except NotInReach:
        raise Http404 from None
    try:
        school_for("waive_seat_time", actor_id=actor, school=school, day=day)
        may_add = True
    except NotInReach:
        may_add = False
    if request.method == "POST" and not may_add:
        raise Http404
    form = WaiverForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _added(form, found.id, actor):
        messages.success(request, _("The waiver is recorded."))
        return redirect("waivers", school)
    form.describe()
    context: dict[str, Any] = {"school": found, "form": form, "may_add": may_add}
    context["in_force"] = [one for one in rows if one.starts_on <= day < one.ends_on]
    context["to_come"] = [one for one in rows if one.starts_on > day]
    context["past"] = [one for one in rows if one.ends_on <= day]
    return render(request, "pathways/waivers.html", context, status=422 if form.errors else 200)


def _added(form: WaiverForm, school_id: int, actor: int) -> bool:
    """Whether the waiver is recorded; where it is refused the form says why."""
    try:
        waive_seat_time(school_id=school_id, **form.cleaned_data, decided_by=actor, at=timezone.now())
    except WaiverRefused as refused:
        form.add_error("ends_on", str(refused))
        return False
    return True
