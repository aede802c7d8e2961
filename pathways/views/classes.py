"""A class's pages: its grid, one competency over its students, one student over its competencies, and one cell opened."""

import datetime
import uuid
from collections.abc import Sequence
from typing import Protocol

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from competencies.queries.evidence import evidence_of
from competencies.queries.journal import withdrawals_of
from competencies.queries.levels import explanation
from competencies.queries.named import names_of_people
from database.areas import acting_as
from enrollments.access import taught_section
from enrollments.models import Section
from pathways.access import students_for
from pathways.queries.class_grid import class_grid, columns_of, scales_of, spreads_of
from pathways.queries.class_lines import class_lines
from pathways.views.class_judging import UNDONE, account_key
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
        grid = class_grid(course_id=found.course_id, students=list(page.object_list), in_class=students, day=day)
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
        withdrawn = withdrawals_of([one.id for one in told.judged if one.withdrawn_on])
        evidence = [one for one in evidence_of([of.id]) if competency in one.competencies]
    history = [
        {
            "label": told.scales[one.entry.version_id].label(one.entry.rank),
            "name": names[one.judged_by_id],
            "counts": one.id in told.contributing,
            "said": one,
            "withdrawn": withdrawn.get(one.id),
        }
        for one in reversed(told.judged)
    ]
    context = {"section": found, "student": of, "column": column, "told": told, "history": history, "evidence": evidence}
    return render(request, "pathways/_class_cell.html", context | {"undone": UNDONE})


@never_cache
@require_GET
def competency_page(request: HttpRequest, section: uuid.UUID, competency: uuid.UUID) -> HttpResponse:
    """One competency over a class: each student's level with its words and the newest evidence, judged here as on the grid."""
    day = timezone.localdate()
    with acting_as("area_learning"):
        found, students = _class(request, section, day)
        columns = columns_of(found.course_id)
        place = _place(columns, competency)
        page = Paginator(students, ROWS).get_page(request.GET.get("page"))
        lines = class_lines(students=list(page.object_list), columns=[columns[place]], day=day)
        [spread] = spreads_of([columns[place]], students)
    context = {
        "section": found,
        "column": columns[place],
        "previous": columns[place - 1] if place else None,
        "next": columns[place + 1] if place + 1 < len(columns) else None,
        "page": page,
        "lines": lines,
        "spread": list(zip((_("No evidence"), *columns[place].scale.labels), spread.counts, strict=True)),
        "scales": [columns[place].scale],
        "today": day,
        "account": account_key(request.user),
    }
    return render(request, "pathways/class_competency.html", context)


@never_cache
@require_GET
def student_page(request: HttpRequest, section: uuid.UUID, student: uuid.UUID) -> HttpResponse:
    """One student over the competencies of the class; the one pinned by `?competency=` stays when one goes on to the next."""
    day = timezone.localdate()
    with acting_as("area_learning"):
        found, students = _class(request, section, day)
        place = _place(students, student)
        columns = columns_of(found.course_id)
        lines = class_lines(students=[students[place]], columns=columns, day=day)
    pinned = next((one for one in lines if str(one.column.uuid) == request.GET.get("competency")), None)
    context = {
        "section": found,
        "student": students[place],
        "previous": students[place - 1] if place else None,
        "next": students[place + 1] if place + 1 < len(students) else None,
        "lines": lines,
        "pinned": pinned,
        "scales": scales_of(columns),
        "today": day,
        "account": account_key(request.user),
    }
    return render(request, "pathways/class_student.html", context)


class _Keyed(Protocol):
    @property
    def uuid(self) -> uuid.UUID: ...


def _place(of: Sequence[_Keyed], key: uuid.UUID) -> int:
    """Where the one with this uuid stands among them; Http404 where it does not."""
    found = next((place for place, one in enumerate(of) if one.uuid == key), None)
    if found is None:
        raise Http404
    return found
