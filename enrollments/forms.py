"""What administrators type about people, checked as far as a form can; the actions have the last word."""

import datetime
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models import Organization, Role

INPUT = {"class": "usa-input"}
SELECT = {"class": "usa-select"}
NAMES = {
    "student": _("Student"),
    "guardian": _("Guardian"),
    "teacher": _("Teacher"),
    "counsellor": _("Counsellor"),
    "school_administrator": _("School administrator"),
    "district_administrator": _("District administrator"),
}
# What an administrator of each kind appoints. Students are put on file or come by roster, guardians are named.
APPOINTS = {
    Organization.Kind.SCHOOL.value: (Role.Kind.TEACHER, Role.Kind.COUNSELLOR, Role.Kind.SCHOOL_ADMINISTRATOR),
    Organization.Kind.DISTRICT.value: (Role.Kind.DISTRICT_ADMINISTRATOR,),
}


def day_field(label: Any, *, required: bool = True) -> forms.DateField:
    """A day as browsers ask for it."""
    return forms.DateField(label=label, required=required, widget=forms.DateInput({"class": "usa-input", "type": "date"}))


class DaysForm(forms.Form):
    """From a day, perhaps until one: the first day without it."""

    starts_on = day_field(_("First day"))
    ends_on = day_field(_("First day without it, if known"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on <= starts_on:
            self.add_error("ends_on", _("This lies before the first day."))
        return cleaned


class AppointForm(DaysForm):
    """A role at a place: `place` is a uuid of `places`."""

    kind = forms.ChoiceField(label=_("Role"), widget=forms.Select(SELECT))
    place = forms.ChoiceField(label=_("At"), widget=forms.Select(SELECT))
    field_order: tuple[str, ...] = ("kind", "place", "starts_on", "ends_on")
    appoints: dict[str, tuple[Role.Kind, ...]] = APPOINTS

    def __init__(self, *args: Any, places: Iterable[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {str(one.uuid): one for one in places}
        kinds = [kind for of in self.appoints for kind in self.appoints[of] if any(place.kind == of for place in self.places.values())]
        self.fields["kind"].choices = [(str(kind), NAMES[kind]) for kind in kinds]  # type: ignore[attr-defined]
        self.fields["place"].choices = [(key, one.name) for key, one in self.places.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        place = self.places.get(cleaned.get("place", ""))
        if place is not None and cleaned.get("kind") and cleaned["kind"] not in self.appoints[place.kind]:
            self.add_error("place", _("This role is not held there. Choose the school or the district that it is for."))
        cleaned["place"] = place
        return cleaned


def username_field(label: Any) -> forms.CharField:
    """A sign-in name: what is typed at the sign-in, so without spaces at its ends."""
    return forms.CharField(
        label=label, max_length=150, widget=forms.TextInput({**INPUT, "autocapitalize": "none", "spellcheck": "false"})
    )


class NewPersonForm(AppointForm):
    """A person who is new, with the first role."""

    full_name = forms.CharField(label=_("Full name"), max_length=200, widget=forms.TextInput(INPUT))
    username = username_field(_("Sign-in name"))
    email = forms.EmailField(
        label=_("E-mail of the school's own sign-on, if there is one"), required=False, widget=forms.EmailInput(INPUT)
    )
    # Grades as SchoolEnrollment counts them.
    grade = forms.TypedChoiceField(
        label=_("Grade (of a student)"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "–"), ("-1", "PK"), ("0", "K"), *((str(one), str(one)) for one in range(1, 13))],
        widget=forms.Select(SELECT),
    )
    field_order = ("full_name", "username", "email", "kind", "grade", "place", "starts_on", "ends_on")
    appoints = {**APPOINTS, Organization.Kind.SCHOOL.value: (*APPOINTS[Organization.Kind.SCHOOL.value], Role.Kind.STUDENT)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("kind") == Role.Kind.STUDENT and cleaned.get("grade") is None:
            self.add_error("grade", _("Give the student's grade."))
        return cleaned


class GuardianForm(DaysForm):
    """Who answers for a student; with a full name, somebody new."""

    username = username_field(_("The guardian's sign-in name"))
    full_name = forms.CharField(label=_("Full name, if new here"), max_length=200, required=False, widget=forms.TextInput(INPUT))
    field_order = ("username", "full_name", "starts_on", "ends_on")


class CaseForm(DaysForm):
    """Whose case a student becomes: `counsellor` is a uuid of the counsellors given."""

    counsellor = forms.ChoiceField(label=_("Counsellor"), widget=forms.Select(SELECT))
    field_order = ("counsellor", "starts_on", "ends_on")

    def __init__(self, *args: Any, counsellors: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["counsellor"].choices = list(counsellors)  # type: ignore[attr-defined]


class EndForm(forms.Form):
    """The end of something that a person holds."""

    what = forms.ChoiceField(choices=[("role", ""), ("guardianship", ""), ("case", "")], widget=forms.HiddenInput)
    key = forms.IntegerField(widget=forms.HiddenInput)
    ends_on = day_field(_("First day without it"))

    def clean_ends_on(self) -> datetime.date:
        """History is not rewritten: what was open until today was open."""
        ends_on: datetime.date = self.cleaned_data["ends_on"]
        if ends_on < timezone.localdate():
            raise forms.ValidationError(_("This day is past. An end is today or later."))
        return ends_on


class EmailForm(forms.Form):
    """The address by which a school's own sign-on finds the person."""

    email = forms.EmailField(label=_("E-mail of the school's own sign-on"), required=False, widget=forms.EmailInput(INPUT))
