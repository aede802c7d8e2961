"""What people type into the plan's pages, checked as far as a form can; the actions have the last word."""

import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from competencies.actions.record_evidence import ADDRESS_CHARACTERS, TEXT_CHARACTERS
from competencies.actions.record_evidence import TITLE_CHARACTERS as EVIDENCE_TITLE
from competencies.exchange.evidence_file import BYTES, LISTED, TAKEN
from competencies.models import Evidence
from pathways.actions.ask_for_assessment import MESSAGE_CHARACTERS
from pathways.actions.set_goal import TITLE_CHARACTERS as GOAL_TITLE
from pathways.actions.share_summary import DAYS, NAME_CHARACTERS
from pathways.models import PlanItem

ENTER_A_DAY = {"invalid": _("Enter a day like 2025-09-30."), "required": _("Enter the day.")}
FILES = 5
SETTINGS = {
    Evidence.Setting.SCHOOL: _("At school"),
    Evidence.Setting.AFTER_SCHOOL: _("After school"),
    Evidence.Setting.WORK: _("At work"),
    Evidence.Setting.COMMUNITY: _("In the community"),
    Evidence.Setting.OTHER_SCHOOL: _("At another school"),
}


def _at_most(characters: int) -> Any:
    """A lazy text; which kind of str it counts as, the type stubs disagree."""
    return format_lazy(_("Use at most {count} characters."), count=characters)


class _Described(forms.Form):
    """A form whose refused fields name their error to a screen reader, and whose fields with a hint name that."""

    hints: dict[str, str | Promise] = {}

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


class FilesInput(forms.FileInput):
    """A plain choice of files, one or several."""

    allow_multiple_selected = True

    def __init__(self, attrs: dict[str, Any]) -> None:
        super().__init__(attrs={"class": "usa-file-plain", **attrs})


class FilesField(forms.FileField):
    """Any number of files; its value is a list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=500, allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(FilesField, self).clean(one, initial) for one in data or ()]


class EvidenceForm(_Described):
    """Work handed in: in words, as a link or as files. Which of them it is follows from what is filled in."""

    hints = {
        "file": format_lazy(
            _("At most {files} at once, {count} MB each: {kinds}."), kinds=LISTED, files=FILES, count=BYTES // 1024 // 1024
        )
    }

    title = forms.CharField(
        label=_("What is it?"),
        max_length=EVIDENCE_TITLE,
        widget=forms.TextInput(attrs={"class": "usa-input"}),
        error_messages={"required": _("Give your work a name."), "max_length": _at_most(EVIDENCE_TITLE)},
    )
    text = forms.CharField(label=_("What you did, in your own words"), required=False, max_length=TEXT_CHARACTERS, widget=_text(4))
    photo = FilesField(
        label=_("Take a photo"), widget=FilesInput(attrs={"accept": "image/*", "capture": "environment", "multiple": False})
    )
    # Named types, not image/*: a phone then turns its own kind of picture into one that is taken.
    file = FilesField(label=_("Photos or files"), widget=FilesInput(attrs={"accept": ",".join(TAKEN)}))
    address = forms.CharField(
        label=_("Or a link to it"),
        required=False,
        max_length=ADDRESS_CHARACTERS,
        widget=forms.URLInput(attrs={"class": "usa-input", "placeholder": "https://"}),
    )
    worked_on = forms.DateField(label=_("The day you did it"), widget=DayInput(), error_messages=ENTER_A_DAY)
    setting = forms.ChoiceField(
        label=_("Where you did it"),
        choices=[(kind.value, words) for kind, words in SETTINGS.items()],
        widget=forms.Select(attrs={"class": "usa-select"}),
    )
    ask = forms.BooleanField(
        label=_("Ask to be assessed on this work"), required=False, widget=forms.CheckboxInput(attrs={"class": "usa-checkbox__input"})
    )

    def __init__(self, *args: Any, today: datetime.date, **kwargs: Any) -> None:
        kwargs["initial"] = {"worked_on": today, "setting": Evidence.Setting.SCHOOL.value, "ask": True}
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        taken: dict[str, Any] = super().clean() or {}
        files = self.files_taken()
        if files and taken.get("address"):
            self.add_error("address", _("Give a file or a link, not both; hand in two pieces of work for both."))
        elif not (files or taken.get("address") or taken.get("text", "").strip() or self.errors):
            self.add_error("text", _("Say what you did, add a file, or give a link."))
        if len(files) > FILES:
            said = _("You chose %(chosen)d files; hand in at most %(most)d at once.") % {"chosen": len(files), "most": FILES}
            self.add_error("file", said)
        for file in files:
            if (file.size or 0) > BYTES:
                sizes = {"name": file.name, "size": filesizeformat(file.size or 0), "most": filesizeformat(BYTES)}
                said = _("“%(name)s” has %(size)s; at most %(most)s are taken. Choose a smaller one, or give a link.") % sizes
                self.add_error("photo" if file in taken.get("photo", ()) else "file", said)
        return taken

    @property
    def most(self) -> int:
        """Bytes of a file that are taken, for the page to say so before anything is sent."""
        return BYTES

    def files_taken(self) -> list[UploadedFile]:
        """The photo and the files, in this order."""
        return [*self.cleaned_data.get("photo", ()), *self.cleaned_data.get("file", ())]

    def contents(self) -> list[dict[str, Any]]:
        """What record_evidence takes of a valid form, for each piece: the kind, with its text, address or file. Of several files
        each is a piece of its own, numbered, and the words go with the first."""
        taken, files = self.cleaned_data, self.files_taken()
        said: dict[str, Any] = {name: taken[name] for name in ("title", "worked_on", "setting", "text")}
        if len(files) > 1:
            title = taken["title"][: EVIDENCE_TITLE - 10]
            numbered = [{"title": f"{title} ({place}/{len(files)})", "text": ""} for place in range(1, len(files) + 1)]
            numbered[0]["text"] = taken["text"]
        else:
            numbered = [{} for _file in files]
        if files:
            return [
                said | own | {"kind": Evidence.Kind.FILE.value, "file_name": file.name or "", "content": file.read()}
                for own, file in zip(numbered, files, strict=True)
            ]
        if taken["address"]:
            return [said | {"kind": Evidence.Kind.LINK.value, "address": taken["address"]}]
        return [said | {"kind": Evidence.Kind.NOTE.value}]


class AskForm(_Described):
    """A request to be assessed, with a word to the teacher."""

    message = forms.CharField(
        label=_("A word to your teacher (you may leave it empty)"),
        required=False,
        max_length=MESSAGE_CHARACTERS,
        widget=_text(2),
        error_messages={
            "max_length": format_lazy(_("Use at most {count} characters, or hand it in as your work."), count=MESSAGE_CHARACTERS)
        },
    )


class PlaceForm(_Described):
    """Where a competency stands on the plan, and the day by which it is meant to be mastered."""

    place = forms.ChoiceField(choices=PlanItem.Place.choices, widget=forms.HiddenInput())
    target_on = forms.DateField(
        label=_("By when? (you may leave it empty)"), required=False, widget=DayInput(), error_messages=ENTER_A_DAY
    )


class GoalForm(_Described):
    """A goal in one's own words."""

    title = forms.CharField(
        label=_("What do you want to reach?"),
        max_length=GOAL_TITLE,
        widget=forms.TextInput(attrs={"class": "usa-input"}),
        error_messages={"required": _("Say what you want to reach."), "max_length": _at_most(GOAL_TITLE)},
    )
    target_on = forms.DateField(
        label=_("By when? (you may leave it empty)"), required=False, widget=DayInput(), error_messages=ENTER_A_DAY
    )


class ShareForm(_Described):
    """A link to the summary: for how long, and what the page calls the student."""

    hints = {
        "shown_name": _("A first name or initials are enough: whoever reads it knows the student."),
        "days": _("After that the link opens nothing."),
    }

    shown_name = forms.CharField(
        label=_("What the page calls the student"),
        max_length=NAME_CHARACTERS,
        widget=forms.TextInput(attrs={"class": "usa-input", "autocomplete": "off"}),
        error_messages={"required": _("Say what the page calls the student.")},
    )
    days = forms.IntegerField(
        label=format_lazy(_("Open for how many days (1 to {days})"), days=DAYS),
        min_value=1,
        max_value=DAYS,
        widget=forms.NumberInput(attrs={"class": "usa-input", "inputmode": "numeric"}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            format_lazy(_("Give a whole number of days from 1 to {days}."), days=DAYS),
        ),
    )
