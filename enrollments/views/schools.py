"""A school's pages for its administrators: its classes, and who is in each from when until when."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from database.areas import acting_as
from enrollments.access import administered_school, administered_section, require_administrator, schools_in_reach
from enrollments.actions.change_class import ClassChangeRefused, join_class, leave_class
from enrollments.models import Section
from enrollments.queries.schools import PeopleOfClass, classes_of_school, named, people_of_class
from people.access import NotInReach
from people.roles import roles_of

ROWS = 50


def require(request: HttpRequest) -> int:
    """The id of the person, who administers a school or district; 403 otherwise."""
    require_administrator(roles_of(request))
    return int(request.user.pk or 0)


@require_GET
def schools_page(request: HttpRequest) -> HttpResponse:
    """The schools that the reader administers."""
    actor, day = require(request), timezone.localdate()
    with acting_as("area_learning"):
        found = [one for one in schools_in_reach(actor_id=actor, day=day) if one.administers]
    return render(request, "enrollments/schools.html", {"page": Paginator(found, ROWS).get_page(request.GET.get("page"))})


@require_GET
def school_page(request: HttpRequest, school: uuid.UUID) -> HttpResponse:
    """One school: its classes, the latest term first."""
    actor, day = int(request.user.pk or 0), timezone.localdate()
    try:
        with acting_as("area_learning"):
            found = administered_school(actor_id=actor, school=school, day=day)
            page = Paginator(classes_of_school(found.id, day), ROWS).get_page(request.GET.get("page"))
            classes = list(page.object_list)
    except NotInReach:
        raise Http404 from None
    return render(request, "enrollments/school.html", {"school": found, "page": page, "classes": classes})


class JoinForm(forms.Form):
    """A student of the school and the days in the class."""

    student = forms.ChoiceField(
        label=gettext_lazy("Student"),
        widget=forms.Select(attrs={"class": "usa-select"}),
        error_messages={
            "required": gettext_lazy("Choose a student."),
            "invalid_choice": gettext_lazy("Choose a student of this school who is not in the class."),
        },
    )
    starts_on = forms.DateField(
        label=gettext_lazy("First day in the class"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"class": "usa-input", "type": "date"}),
        error_messages={"required": gettext_lazy("Give the first day."), "invalid": gettext_lazy("Give the day as a date.")},
    )
    ends_on = forms.DateField(
        label=gettext_lazy("First day without it (empty: the term's end)"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"class": "usa-input", "type": "date"}),
        error_messages={"invalid": gettext_lazy("Give the day as a date.")},
    )

    def __init__(self, *args: Any, people: PeopleOfClass, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Choose")), *((str(one.uuid), named(one)) for one in people.free)]
        self.fields["student"].choices = choices  # type: ignore[attr-defined]

    def describe(self) -> None:
        """Tie each refused field to its error, and lead to the first. Called before rendering."""
        for name in self.errors:
            if name in self.fields:
                first = name == next(iter(self.errors))
                self.fields[name].widget.attrs |= {
                    "aria-invalid": "true",
                    "aria-describedby": f"id_{name}_error",
                    "autofocus": first,
                }


@never_cache
@require_GET
def people_page(request: HttpRequest, section: uuid.UUID) -> HttpResponse:
    """Who was, is and will be in a class; a form to put somebody in, and one a student to leave."""
    found, people = _class(request, section)
    return _people(request, found, people)


def _class(request: HttpRequest, section: uuid.UUID) -> tuple[Section, PeopleOfClass]:
    actor, day = int(request.user.pk or 0), timezone.localdate()
    try:
        with acting_as("area_learning"):
            found = administered_section(actor_id=actor, section=section, day=day)
            return found, people_of_class(found, day)
    except NotInReach:
        raise Http404 from None


def _people(
    request: HttpRequest, found: Section, people: PeopleOfClass, form: JoinForm | None = None, problem: str = "", of: str = ""
) -> HttpResponse:
    day = timezone.localdate()
    form = form or JoinForm(people=people, initial={"starts_on": min(max(day, found.term.starts_on), found.term.ends_on)})
    form.describe()
    page = Paginator(people.students, ROWS).get_page(request.GET.get("page"))
    context = {"section": found, "people": people, "page": page, "form": form, "today": day, "problem": problem, "of": of}
    return render(request, "enrollments/class_people.html", context, status=422 if form.errors or problem else 200)


@require_POST
def join(request: HttpRequest, section: uuid.UUID) -> HttpResponse:
    """Put a student of the school into the class."""
    found, people = _class(request, section)
    form = JoinForm(request.POST, people=people)
    if not form.is_valid():
        return _people(request, found, people, form)
    fields = form.cleaned_data
    (student,) = (one for one in people.free if str(one.uuid) == fields["student"])
    try:
        join_class(section_id=found.pk, student_id=student.pk, starts_on=fields["starts_on"], ends_on=fields["ends_on"])
    except ClassChangeRefused as refused:
        form.add_error(refused.pointer.lstrip("/") or None, str(refused))
        return _people(request, found, people, form)
    messages.success(request, _("%(name)s is in the class.") % {"name": named(student)})
    return redirect("class_people", section)


class LeaveForm(forms.Form):
    """Whose days in the class end, from which day it was, and the first day without it."""

    student = forms.UUIDField()
    starts_on = forms.DateField(input_formats=["%Y-%m-%d"])
    ends_on = forms.DateField()


@require_POST
def leave(request: HttpRequest, section: uuid.UUID) -> HttpResponse:
    """Let a student leave the class; a second click is told that it stands so."""
    found, people = _class(request, section)
    form = LeaveForm(request.POST)
    of = request.POST.get("student", "")
    if not form.is_valid():
        return _people(request, found, people, problem=_("Give the first day without the class as a date."), of=of)
    fields = form.cleaned_data
    rows = [one for one in people.students if (one.student.uuid, one.starts_on) == (fields["student"], fields["starts_on"])]
    if not rows:
        raise Http404
    name = {"name": named(rows[0].student)}
    try:
        if leave_class(membership_id=rows[0].pk, ends_on=fields["ends_on"]):
            gone = fields["ends_on"] <= timezone.localdate()
            said = _("%(name)s has left the class. The first day without it: %(day)s.")
            later = _("%(name)s leaves the class. The first day without it: %(day)s.")
            messages.success(request, (said if gone else later) % {**name, "day": date_format(fields["ends_on"])})
        else:
            messages.info(request, _("The days of %(name)s stand so already.") % name)
    except ClassChangeRefused as refused:
        return _people(request, found, people, problem=str(refused), of=of)
    return redirect("class_people", section)
