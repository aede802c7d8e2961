"""What people type into the plan's pages, checked as far as a form can; the actions have the last word."""

import datetime
from typing import Any

from django import forms

from competencies.actions.record_evidence import ADDRESS_CHARACTERS, TEXT_CHARACTERS
from competencies.actions.record_evidence import TITLE_CHARACTERS as EVIDENCE_TITLE
from competencies.exchange.evidence_file import BYTES, LISTED, TAKEN
from competencies.models import Evidence
from pathways.actions.ask_for_assessment import MESSAGE_CHARACTERS
from pathways.actions.set_goal import TITLE_CHARACTERS as GOAL_TITLE
from pathways.models import PlanItem

ENTER_A_DAY = {"invalid": "Enter a day like 2025-09-30.", "required": "Enter the day."}
SETTINGS = {
    Evidence.Setting.SCHOOL: "At school",
    Evidence.Setting.AFTER_SCHOOL: "After school",
    Evidence.Setting.WORK: "At work",
    Evidence.Setting.COMMUNITY: "In the community",
    Evidence.Setting.OTHER_SCHOOL: "At another school",
}


class _Described(forms.Form):
    """A form whose refused fields name their error to a screen reader, and whose fields with a hint name that."""

    hints: dict[str, str] = {}

    def describe(self) -> None:
        """Tie each field to its hint and, once refused, to its error; lead to the first of these. Called before rendering."""
        for name in self.fields:
            bound = self[name]
            ids = [f"{bound.id_for_label}_hint"] if name in self.hints else []
            if self.is_bound and bound.errors:
                ids.append(f"{bound.id_for_label}_error")
                bound.field.widget.attrs["aria-invalid"] = "true"
                bound.field.widget.attrs["autofocus"] = name == next(iter(self.errors))
            if ids:
                bound.field.widget.attrs["aria-describedby"] = " ".join(ids)


class DayInput(forms.DateInput):
    """The browser's own way of choosing a day."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"class": "usa-input"})


def _text(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"class": "usa-textarea credence-textarea", "rows": rows})


class EvidenceForm(_Described):
    """Work handed in: in words, as a link or as a file. Which of them it is follows from what is filled in."""

    hints = {"file": f"A photo, or a file: {LISTED}. At most {BYTES // 1024 // 1024} MB."}

    title = forms.CharField(
        label="What is it?",
        max_length=EVIDENCE_TITLE,
        widget=forms.TextInput(attrs={"class": "usa-input"}),
        error_messages={"required": "Give your work a name.", "max_length": f"Use at most {EVIDENCE_TITLE} characters."},
    )
    text = forms.CharField(label="What you did, in your own words", required=False, max_length=TEXT_CHARACTERS, widget=_text(4))
    file = forms.FileField(
        label="Photo or file",
        required=False,
        max_length=500,
        allow_empty_file=True,
        # Named types, not image/*: a phone then turns its own kind of picture into one that is taken.
        widget=forms.FileInput(attrs={"class": "usa-file-plain", "accept": ",".join(TAKEN)}),
    )
    address = forms.CharField(
        label="Or a link to it",
        required=False,
        max_length=ADDRESS_CHARACTERS,
        widget=forms.URLInput(attrs={"class": "usa-input", "placeholder": "https://"}),
    )
    worked_on = forms.DateField(label="The day you did it", widget=DayInput(), error_messages=ENTER_A_DAY)
    setting = forms.ChoiceField(
        label="Where you did it",
        choices=[(kind.value, words) for kind, words in SETTINGS.items()],
        widget=forms.Select(attrs={"class": "usa-select"}),
    )
    ask = forms.BooleanField(
        label="Ask to be assessed on this work", required=False, widget=forms.CheckboxInput(attrs={"class": "usa-checkbox__input"})
    )

    def __init__(self, *args: Any, today: datetime.date, **kwargs: Any) -> None:
        kwargs["initial"] = {"worked_on": today, "setting": Evidence.Setting.SCHOOL.value, "ask": True}
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        taken: dict[str, Any] = super().clean() or {}
        file = taken.get("file")
        if file and taken.get("address"):
            self.add_error("address", "Give a file or a link, not both; hand in two pieces of work for both.")
        elif not (file or taken.get("address") or taken.get("text", "").strip() or self.errors):
            self.add_error("text", "Say what you did, add a file, or give a link.")
        if file and file.size > BYTES:
            self.add_error(
                "file", f"The file has {file.size:,} bytes; at most {BYTES:,} are taken. Choose a smaller one, or give a link."
            )
        return taken

    def content(self) -> dict[str, Any]:
        """What record_evidence takes of a valid form: the kind, with its text, address or file."""
        taken = self.cleaned_data
        said: dict[str, Any] = {name: taken[name] for name in ("title", "worked_on", "setting", "text")}
        if taken["file"]:
            return said | {"kind": Evidence.Kind.FILE.value, "file_name": taken["file"].name or "", "content": taken["file"].read()}
        if taken["address"]:
            return said | {"kind": Evidence.Kind.LINK.value, "address": taken["address"]}
        return said | {"kind": Evidence.Kind.NOTE.value}


class AskForm(_Described):
    """A request to be assessed, with a word to the teacher."""

    message = forms.CharField(
        label="A word to your teacher (you may leave it empty)",
        required=False,
        max_length=MESSAGE_CHARACTERS,
        widget=_text(2),
        error_messages={"max_length": f"Use at most {MESSAGE_CHARACTERS} characters, or hand it in as your work."},
    )


class PlaceForm(_Described):
    """Where a competency stands on the plan, and the day by which it is meant to be mastered."""

    place = forms.ChoiceField(choices=PlanItem.Place.choices, widget=forms.HiddenInput())
    target_on = forms.DateField(
        label="By when? (you may leave it empty)", required=False, widget=DayInput(), error_messages=ENTER_A_DAY
    )


class GoalForm(_Described):
    """A goal in one's own words."""

    title = forms.CharField(
        label="What do you want to reach?",
        max_length=GOAL_TITLE,
        widget=forms.TextInput(attrs={"class": "usa-input"}),
        error_messages={"required": "Say what you want to reach.", "max_length": f"Use at most {GOAL_TITLE} characters."},
    )
    target_on = forms.DateField(
        label="By when? (you may leave it empty)", required=False, widget=DayInput(), error_messages=ENTER_A_DAY
    )
