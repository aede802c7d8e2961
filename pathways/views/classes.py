"""A class's grid: its page, the cells judged on it in the background, and one cell opened to its words and history."""

import datetime
import uuid

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from competencies.queries.evidence import evidence_of
from competencies.queries.levels import explanation
from competencies.queries.named import names_of_people
from database.areas import acting_as
from enrollments.access import taught_section
from enrollments.models import Section
from pathways.access import students_for
from pathways.queries.class_grid import class_grid, columns_of
from pathways.views.class_judging import account_key
from people.access import NotInReach, StudentInReach

ROWS = 50


def _class(request: HttpRequest, section: uuid.UUID, day: datetime.date) -> tuple[Section, list[StudentInReach]]:
    """A class that the reader teaches with the students whom they may judge, by name; Http404 for any other."""
    actor = int(request.user.pk or 0)
    try:
        found = taught_section(actor_id=actor, section=section, day=day)
    except NotInReach:
        raise Http404 from None
    return found, students_for("judge", actor_id=actor, day=day, section_id=found.pk)


@never_cache
@require_GET
def class_page(request: HttpRequest, section: uuid.UUID) -> HttpResponse:
    """Students down, competencies across, a page of students at a time."""
    day = timezone.localdate()
    with acting_as("area_learning"):
        found, students = _class(request, section, day)
        page = Paginator(students, ROWS).get_page(request.GET.get("page"))
        grid = class_grid(course_id=found.course_id, students=list(page.object_list), day=day)
    context = {"section": found, "page": page, "grid": grid, "today": day, "account": account_key(request.user)}
    return render(request, "pathways/class.html", context)


@never_cache
@require_GET
def cell(request: HttpRequest, section: uuid.UUID, student: uuid.UUID, competency: uuid.UUID) -> HttpResponse:
    """Why a level is what it is: the rule in words, what would change it, every judgement, and the evidence."""
    day = timezone.localdate()
    with acting_as("area_learning"):
        found, students = _class(request, section, day)
        of = next((one for one in students if one.uuid == student), None)
        column = next((one for one in columns_of(found.course_id) if one.uuid == competency), None)
        if of is None or column is None:
            raise Http404
        told = explanation(of.id, column.id)
        names = names_of_people({one.judged_by_id for one in told.judged})
        evidence = [one for one in evidence_of([of.id]) if competency in one.competencies]
    history = [
        {
            "label": told.scales[one.entry.version_id].label(one.entry.rank),
            "name": names[one.judged_by_id],
            "counts": one.id in told.contributing,
            "said": one,
        }
        for one in reversed(told.judged)
    ]
    context = {"student": of, "column": column, "told": told, "history": history, "evidence": evidence}
    return render(request, "pathways/_class_cell.html", context)
