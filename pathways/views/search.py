"""Search for staff: students in reach by name, competencies by code or words, classes. What is typed is posted: it stands in
no address and no log."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from database.areas import acting_as
from enrollments.access import sections_in_reach, taught_sections
from pathways.access import students_for
from pathways.queries.search import SHOWN, competencies_by_words, matches, words_of
from people.roles import COUNSELLOR, DISTRICT_ADMINISTRATOR, PROVIDER_STAFF, SCHOOL_ADMINISTRATOR, TEACHER, roles_of

STAFF = frozenset({TEACHER, COUNSELLOR, SCHOOL_ADMINISTRATOR, DISTRICT_ADMINISTRATOR})


class SearchForm(forms.Form):
    """Words; two characters at least, so that a whole school is not listed by a slip."""

    words = forms.CharField(
        label=gettext_lazy("Name of a student or a class, code or words of a competency"),
        min_length=2,
        max_length=100,
        widget=forms.TextInput(attrs={"class": "usa-input", "type": "search", "autocomplete": "off", "autofocus": True}),
        error_messages={
            "required": gettext_lazy("Type a name, a code or a word."),
            "min_length": gettext_lazy("Type at least two characters."),
        },
    )


@never_cache
@sensitive_post_parameters("words")
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """The form, and below it what was found, by kind."""
    kinds = roles_of(request).kinds
    if not kinds & STAFF:
        raise PermissionDenied
    form = SearchForm(request.POST or None)
    context: dict[str, object] = {"form": form, "searched": False, "most": SHOWN}
    if request.method == "POST" and form.is_valid():
        context |= _found(request, form.cleaned_data["words"]) | {"searched": True}
    elif request.method == "POST":
        form.fields["words"].widget.attrs |= {"aria-invalid": "true", "aria-describedby": "id_words_error"}
    return render(request, "pathways/search.html", context, status=422 if form.errors else 200)


def _found(request: HttpRequest, typed: str) -> dict[str, object]:
    """Students, competencies and classes, each at most SHOWN, and whether there are more of a kind."""
    actor, day, words = int(request.user.pk or 0), timezone.localdate(), words_of(typed)
    with acting_as("area_learning"):
        reach = students_for("read_plan", actor_id=actor, day=day)
        # A provider's staff have levels through the API alone, so that relation opens no plan to lead to.
        students = [one for one in reach if one.relations - {PROVIDER_STAFF} and matches(one.name, words)]
        competencies = competencies_by_words(typed)
        sections = sections_in_reach(actor_id=actor, day=day).order_by("title", "id")
        classes = [one for one in sections if matches(f"{one.title} {one.code}", words)]
        taught = set(taught_sections(actor_id=actor, day=day).values_list("pk", flat=True))
    return {
        "students": students[:SHOWN],
        "competencies": competencies[:SHOWN],
        "classes": [(one, one.pk in taught) for one in classes[:SHOWN]],
        "more": max(len(students), len(competencies), len(classes)) > SHOWN,
    }
