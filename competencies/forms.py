"""What people send to the pages of frameworks, checked as far as a form can; the action has the last word."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from competencies.exchange.bounded_json import LARGEST_BYTES

MEGABYTES = LARGEST_BYTES // 1024 // 1024


class FrameworkFileForm(forms.Form):
    """A framework's file; for a table, which does not name itself, also what framework it is of."""

    file = forms.FileField(
        label=_("The framework's file"),
        widget=forms.FileInput(attrs={"class": "usa-file-plain", "accept": ".json,.csv,.gz"}),
        max_length=500,
        allow_empty_file=True,
        error_messages={"required": _("Choose the file that the publisher gave you.")},
    )
    framework = forms.ChoiceField(label=_("The table is of"), required=False, widget=forms.Select(attrs={"class": "usa-select"}))
    title = forms.CharField(
        label=_("Title of the new framework"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "usa-input"}),
    )
    kind = forms.ChoiceField(
        label=_("A framework that is new here is"),
        required=False,
        choices=[("academic", _("Academic: subjects and standards")), ("lifelong", _("Lifelong learning: habits and skills"))],
        widget=forms.Select(attrs={"class": "usa-select"}),
    )

    def __init__(self, *args: Any, on_file: Iterable[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("A new framework, by the title below")), *((str(key), title) for key, title in on_file)]
        self.fields["framework"].choices = choices  # type: ignore[attr-defined]
        self.order_fields(["file", "kind", "framework", "title"])

    def clean_file(self) -> Any:
        """Refused by its size before anybody reads it."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_BYTES:
            said = _("The file has %(megabytes)s MB; at most %(most)s MB are taken. Send one framework a file, images by address.")
            raise forms.ValidationError(said, params={"megabytes": f"{file.size / 1024 / 1024:.0f}", "most": MEGABYTES})
        return file
