"""A roster brought by page: every difference and every refused line is looked at first, then exactly that is taken.

The file stays in the reader's browser between the two and is sent again with the agreement, so that no list of students lies
about on the server.
"""

import contextlib
import gzip
import hashlib
import json
import tempfile
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from api.csv_answer import csv_answer
from database.areas import acting_as
from enrollments.access import rows_in_reach
from enrollments.actions.import_roster import RosterChange, RosterRefused, import_roster
from enrollments.calc.completion_rows import Refusal
from enrollments.exchange.delimited import FileProblem
from enrollments.exchange.roster_file import read_roster
from enrollments.queries.catalogue import catalogues
from enrollments.views.schools import require

MEGABYTES, UNPACKED_MEGABYTES = 20, 100
SHOWN = 100


class RosterForm(forms.Form):
    """A roster's file and the list that its courses are of."""

    file = forms.FileField(
        label=gettext_lazy("The roster's file"),
        widget=forms.FileInput(attrs={"class": "usa-file-plain", "accept": ".csv,.gz"}),
        max_length=500,
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("Choose the roster's file.")},
    )
    catalogue = forms.ChoiceField(
        label=gettext_lazy("The courses are of the list"), widget=forms.Select(attrs={"class": "usa-select"})
    )

    def __init__(self, *args: Any, names: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["catalogue"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Refused by its size before anybody reads it."""
        file = self.cleaned_data["file"]
        if file.size > MEGABYTES * 1024 * 1024:
            raise forms.ValidationError(_("The file has more than %(most)s MB; send one school a file.") % {"most": MEGABYTES})
        return file


@dataclass
class Look:
    """What a roster changes and which of its lines are refused; `counts` as import_roster answers them."""

    counts: dict[str, int] = field(default_factory=dict)
    changes: list[RosterChange] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    def mark(self) -> str:
        """The same for the same differences."""
        told = [[asdict(one) for one in self.changes], [list(one) for one in self.refused]]
        return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()


class ChangedSince(ValueError):
    """The differences are others than those that were looked at."""


@never_cache
@require_http_methods(["GET", "POST"])
def roster_page(request: HttpRequest) -> HttpResponse:
    """The form; with a file, what it would change (`look`), all of that as a table (`list`), or its taking in (`take`)."""
    actor = require(request)
    with acting_as("area_learning"):
        names = catalogues()
    if request.method == "GET":
        return render(request, "enrollments/roster.html", {"form": RosterForm(names=names)})
    form = RosterForm(request.POST, request.FILES, names=names)
    if not form.is_valid():
        return _answer(request, form, status=422)
    try:
        if request.POST.get("what") != "take":
            return _looked(request, form, _read(actor, form, dry_run=True))
        with transaction.atomic():
            look = _read(actor, form, dry_run=False)
            if look.mark() != request.POST.get("looked_at"):
                raise ChangedSince
    except (FileProblem, RosterRefused) as refused:
        form.add_error("file", str(refused))
        return _answer(request, form, status=422)
    except ChangedSince:
        since = _("What is on file has changed since you looked, so the changes below are others. Nothing was taken.")
        return _answer(request, form, _read(actor, form, dry_run=True), since, status=422)
    messages.success(request, _("The roster is taken in: %(changes)s changes, %(refused)s lines refused.") % {
        "changes": len(look.changes), "refused": len(look.refused)})  # fmt: skip
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = reverse("schools")
        return answer
    return redirect("schools")


def _read(actor: int, form: RosterForm, *, dry_run: bool) -> Look:
    """Everything that the file does, in memory; raises FileProblem or RosterRefused."""
    look, today = Look(), timezone.localdate()
    file = form.cleaned_data["file"]
    file.seek(0)
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "roster.csv"
        with kept.open("wb") as into:
            into.writelines(file.chunks())
        _bound(kept)
        with acting_as("area_learning"):
            rows = rows_in_reach(actor_id=actor, rows=read_roster(kept), day=today)
    done = import_roster(
        rows=rows,
        catalogue=form.cleaned_data["catalogue"],
        today=today,
        on_change=look.changes.append,
        on_refusal=look.refused.append,
        dry_run=dry_run,
    )
    look.counts = done.counts
    return look


def _bound(path: Path) -> None:
    """Raises FileProblem where a gzipped file unpacks to more than a roster has; what is damaged is told by whoever reads it."""
    with path.open("rb") as raw:
        if raw.read(2) != b"\x1f\x8b":
            return
    unpacked = 0
    with gzip.open(path) as packed, contextlib.suppress(OSError, EOFError, zlib.error):
        while chunk := packed.read(1024 * 1024):
            unpacked += len(chunk)
            if unpacked > UNPACKED_MEGABYTES * 1024 * 1024:
                raise FileProblem(
                    _("The file has more than %(most)s MB unpacked; send one school a file.") % {"most": UNPACKED_MEGABYTES}
                )


def _looked(request: HttpRequest, form: RosterForm, look: Look) -> HttpResponse:
    if request.POST.get("what") != "list":
        return _answer(request, form, look)
    rows: list[tuple[object, ...]] = [("refused", one.row, one.source_id or "", one.field, "", one.detail) for one in look.refused]
    rows += [(one.what.replace("_", " "), one.line or "", one.words, "", one.old, one.new) for one in look.changes]
    return csv_answer("roster-changes", ("what", "line", "whom or what", "field", "before", "after"), rows)


def _answer(request: HttpRequest, form: RosterForm, look: Look | None = None, since: str = "", status: int = 200) -> HttpResponse:
    """The whole page, or the part below the form where the page asks for that alone."""
    template = "enrollments/_roster_preview.html" if request.headers.get("HX-Request") else "enrollments/roster.html"
    context: dict[str, Any] = {"form": form, "since": since}
    if look:
        context |= {
            "look": look,
            "mark": look.mark(),
            "counts": {"changes": len(look.changes), "refused": len(look.refused)},
            "changes": look.changes[:SHOWN],
            "refused": look.refused[:SHOWN],
            "more_changes": max(len(look.changes) - SHOWN, 0),
            "more_refused": max(len(look.refused) - SHOWN, 0),
        }
    return render(request, template, context, status=status)
