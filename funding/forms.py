"""What people type into the office's pages, checked."""

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from funding.actions.resolve_discrepancy import Outcome
from funding.queries.discrepancies import KINDS, STATES


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"class": "usa-input"})


class StatementForm(forms.Form):
    as_of = forms.DateField(
        label=_("As of"), required=False, widget=DayInput(), error_messages={"invalid": _("Enter a day like 2014-07-31.")}
    )


class ReleaseForm(forms.Form):
    paid_on = forms.DateField(
        label=_("Day of payment"),
        widget=DayInput(),
        error_messages={"invalid": _("Enter a day like 2014-07-31."), "required": _("Enter the day of payment.")},
    )

    def __init__(self, data: Any = None, *, today: datetime.date) -> None:
        super().__init__(data, initial={"paid_on": today})
        self.today = today

    def clean_paid_on(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["paid_on"]
        if day > self.today:
            raise forms.ValidationError(_("The day of payment lies ahead; release the batch on that day."))
        return day


class DiscrepancyFilter(forms.Form):
    """An unknown choice is left out instead of refused: a kept address outlives what it names."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=list(STATES.items()))
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("Every kind")), *KINDS.items()])
    provider = forms.ChoiceField(label=_("Provider"), required=False)
    program = forms.ChoiceField(label=_("Program"), required=False)

    def __init__(self, *args: Any, providers: list[dict[str, Any]], programs: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, every, known in (("provider", _("Every provider"), providers), ("program", _("Every program"), programs)):
            self.fields[name].choices = [("", every), *((row["code"], row["code"]) for row in known)]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["class"] = "usa-select"

    def chosen(self) -> dict[str, str]:
        """{field: value} of the valid choices."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class ResolutionForm(forms.Form):
    outcome = forms.ChoiceField(
        choices=[(Outcome.ACCEPTED, _("Accept")), (Outcome.DISMISSED, _("Dismiss"))],
        error_messages={"required": _("Choose whether to accept or to dismiss.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        error_messages={
            "required": _("Give the reason; it stays with the decision."),
            "max_length": _("Keep the reason below 1,000 characters."),
        },
    )


class LookUpForm(forms.Form):
    transfer = forms.UUIDField()
    purpose = forms.CharField(
        label=_("Purpose"),
        min_length=5,
        max_length=200,
        error_messages={
            "required": _("Say what you need the name for; it is recorded with the look."),
            "min_length": _("Say in a few words what you need the name for; it is recorded with the look."),
        },
    )
