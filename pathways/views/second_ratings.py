"""Second ratings: work of somebody else's student, judged blind, and then compared with the first level."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from competencies.access import MAY_BY_ROLE, request_to_rate
from competencies.actions.ask_second_rating import RatingRefused, rate_second
from competencies.queries.evidence import versions_to_rate
from competencies.queries.second_ratings import RatingAsked, ratings_asked
from database.areas import acting_as
from people.access import NotInReach
from people.roles import roles_of

NOTE_CHARACTERS = 2_000


class RatingForm(forms.Form):
    """The rater's own level, and a note that the first judge may read."""

    level = forms.TypedChoiceField(coerce=int, error_messages={"required": gettext_lazy("Choose a level.")})
    note = forms.CharField(required=False, max_length=NOTE_CHARACTERS)

    def __init__(self, *args: Any, labels: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = list(enumerate(labels, start=1))  # type: ignore[attr-defined]


def _asked(request: HttpRequest) -> list[RatingAsked]:
    """What the reader has been asked to rate; expects area_learning."""
    if not roles_of(request).kinds & MAY_BY_ROLE["rate"]:
        raise PermissionDenied
    return ratings_asked(int(request.user.pk or 0))


@never_cache
@require_GET
def second_ratings(request: HttpRequest) -> HttpResponse:
    """What is asked, open ones first, and how own ratings compared."""
    with acting_as("area_learning"):
        found = _asked(request)
    context = {
        "waiting": [one for one in found if one.own_rank is None],
        "given": [(one, _label(one, one.own_rank), _label(one, one.first_rank)) for one in found if one.own_rank is not None],
    }
    return render(request, "pathways/second_ratings.html", context)


def _label(one: RatingAsked, rank: int | None) -> str:
    return one.labels[rank - 1] if rank else ""


@never_cache
@require_http_methods(["GET", "POST"])
def second_rating(request: HttpRequest, rating: uuid.UUID) -> HttpResponse:
    """The work without the student's name and without the first level; the own level is given once."""
    actor = int(request.user.pk or 0)
    with acting_as("area_learning"):
        found = next((one for one in _asked(request) if one.uuid == rating), None)
        if found is None:
            raise Http404
        versions = versions_to_rate(found.evidence)
    form = RatingForm(request.POST or None, labels=found.labels)
    if request.method == "POST" and form.is_valid():
        try:
            with acting_as("area_learning"):
                pk = request_to_rate(actor, rating)
            said = form.cleaned_data
            rate_second(request_id=pk, rated_by=actor, rank=said["level"], note=said["note"], at=timezone.now())
        except NotInReach:
            raise Http404 from None
        except RatingRefused as refused:
            messages.info(request, str(refused))
        else:
            messages.success(request, _("Your level is kept. The first one stands beside it now."))
        return redirect("second_ratings")
    chosen = form["level"].value() if form.is_bound else ""
    context = {"asked": found, "versions": versions, "form": form, "chosen": chosen, "longest": NOTE_CHARACTERS}
    return render(request, "pathways/second_rating.html", context, status=422 if form.is_bound else 200)
