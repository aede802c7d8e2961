"""Bringing a framework by page: look at what a file would change, then agree to exactly that.

The file stays in the reader's browser between the two and is sent again with the agreement, so nothing is kept that nobody
agreed to. The agreement carries the mark of the changes that were shown; where they are others by then, nothing is taken.
"""

import json
import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from api.csv_answer import csv_answer
from competencies.actions.import_framework import ChangedSince, import_package
from competencies.calc.framework_changes import Changes
from competencies.calc.framework_content import PackageRefused
from competencies.exchange.bounded_json import LARGEST_BYTES
from competencies.forms import FrameworkFileForm
from competencies.queries.frameworks import frameworks
from competencies.views.frameworks import require
from database.areas import acting_as

# The first lines of each list stand on the page, all of them in the file that it offers.
SHOWN = 100
CHARACTERS = 600


@never_cache
@require_http_methods(["GET", "POST"])
def bring_page(request: HttpRequest) -> HttpResponse:
    """The form; with a file, what it would change (`look`), all of that as a table (`list`), or its taking in (`take`)."""
    require(request, "bring_frameworks")
    with acting_as("area_learning"):
        on_file = [(row["uuid"], row["title"]) for row in frameworks()]
    if request.method == "GET":
        return render(request, "competencies/bring.html", {"form": FrameworkFileForm(on_file=on_file)})
    form = FrameworkFileForm(request.POST, request.FILES, on_file=on_file)
    if not form.is_valid():
        return _answer(request, form, {}, 422)
    taking = request.POST.get("what") == "take"
    try:
        changes = _import(request, form, taking=taking)
    except PackageRefused as refused:
        form.add_error("file", _("%(file)s: %(problem)s") % {"file": form.cleaned_data["file"].name, "problem": refused})
        return _answer(request, form, {}, 422)
    except ChangedSince as since:
        return _answer(request, form, _told(since.changes) | {"since": str(since)}, 422)
    if request.POST.get("what") == "list":
        return csv_answer("framework-changes", ("what", "code or place", "statement", "part", "before", "after"), _rows(changes))
    if not taking:
        return _answer(request, form, _told(changes))
    if changes.applied:
        messages.success(request, _("“%(title)s” is taken in.") % {"title": changes.title})
    else:
        messages.info(request, _("“%(title)s” is on file just so already; nothing was changed.") % {"title": changes.title})
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = reverse("framework", args=[changes.framework])
        return answer
    return redirect("framework", changes.framework)


def _import(request: HttpRequest, form: FrameworkFileForm, *, taking: bool) -> Changes:
    fields = form.cleaned_data
    named = uuid.UUID(fields["framework"]) if fields["framework"] else None
    return import_package(
        content=fields["file"].read(LARGEST_BYTES + 1),
        brought_by=int(request.user.pk or 0),
        at=timezone.now(),
        apply=taking,
        kind=fields["kind"] or "academic",
        title="" if named else fields["title"],
        framework=named,
        # Without a mark nobody has looked: then no changes are the ones agreed to.
        looked_at=request.POST.get("looked_at") or "nothing was looked at",
    )


def _answer(request: HttpRequest, form: FrameworkFileForm, told: dict[str, Any], status: int = 200) -> HttpResponse:
    """The whole page, or the part below the form where the page asks for that alone."""
    template = "competencies/_bring_preview.html" if request.headers.get("HX-Request") else "competencies/bring.html"
    for name in form.errors:
        if name in form.fields:
            form.fields[name].widget.attrs["aria-invalid"] = "true"
    return render(request, template, {"form": form, **told}, status=status)


def _told(changes: Changes) -> dict[str, Any]:
    lists: dict[str, list[Any]] = {
        "refused": changes.refused,
        "changed": [
            {"of": one, "rows": [(key, said(old), said(new)) for key, old, new in one.differences]} for one in changes.changed
        ],
        "retired": changes.retired,
        "returned": changes.returned,
        "added": changes.added,
        "associations": [] if changes.is_new else changes.associations,
        "warnings": changes.warnings,
    }
    return {
        "changes": changes,
        "mark": changes.mark(),
        "document": [(key, said(old), said(new)) for key, old, new in changes.document],
        "lists": {name: found[:SHOWN] for name, found in lists.items()},
        "more": {name: len(found) - SHOWN for name, found in lists.items() if len(found) > SHOWN},
        "counts": {name: len(found) for name, found in lists.items()},
    }


def said(value: Any) -> str:
    """A value of a package as people read it; what is not said is empty."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= CHARACTERS else text[: CHARACTERS - 1] + "…"


def _rows(changes: Changes) -> Iterator[tuple[object, ...]]:
    """Every change as a row of the table to download."""
    for refused in changes.refused:
        yield "refused", refused.where, "", "", "", refused.detail
    for key, old, new in changes.document:
        yield "framework", "", changes.title, key, said(old), said(new)
    for one in changes.changed:
        for key, old, new in one.differences:
            yield "changed", one.code, one.statement, key, said(old), said(new)
    for gone in changes.retired:
        yield "retired", gone.code, gone.statement, "", "", gone.why
    for kind, named in (("in force again", changes.returned), ("added", changes.added)):
        for new_one in named:
            yield kind, new_one.code, new_one.statement, "", "", ""
    for tie in changes.associations:
        yield f"association {tie.what}", "", "", tie.kind, tie.origin, tie.destination
    for line in changes.rubrics:
        yield "rubric", "", "", "", "", line
    for warning in changes.warnings:
        yield "warning", "", "", "", "", warning
