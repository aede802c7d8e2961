"""The learning site's first page: one part for each role that its reader holds today.

A part is a function here, its context under the role's name, and a template `pathways/_home_<role>.html`.
Nothing on this site holds an amount of money.
"""

import datetime
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from competencies.queries.second_ratings import ratings_asked
from database.areas import acting_as
from enrollments.access import taught_sections
from enrollments.queries.own_work import own_work
from enrollments.queries.sections import natural
from pathways.access import students_for
from pathways.queries.caseload import caseload
from pathways.queries.credit import due_awards
from pathways.queries.teaching import needs_today
from people.access import students_in_reach
from people.roles import COUNSELLOR, DISTRICT_ADMINISTRATOR, GUARDIAN, PROVIDER_STAFF, SCHOOL_ADMINISTRATOR, STUDENT, TEACHER, roles_of


def _student(user_id: int, day: datetime.date) -> dict[str, Any]:
    """Students see their own work, and nobody's else."""
    return {"work": own_work(student_ids=[user_id], day=day)[user_id]}


def _guardian(user_id: int, day: datetime.date) -> dict[str, Any]:
    """Guardians see the work of their wards of the day, and are led to each one's plan."""
    wards = [one for one in students_in_reach(actor_id=user_id, day=day) if GUARDIAN in one.relations]
    work = own_work(student_ids=[ward.id for ward in wards], day=day) if wards else {}
    return {"wards": [(ward, work[ward.id]) for ward in wards]}


def _teacher(user_id: int, day: datetime.date) -> dict[str, Any]:
    """Teachers see who waits for them, and the classes that they teach on the day."""
    students = {one.id: one for one in students_for("judge", actor_id=user_id, day=day)}
    classes = list(taught_sections(actor_id=user_id, day=day).order_by(natural("title"), "id"))
    return {
        "needs": needs_today(students=students, section_ids=[one.pk for one in classes], day=day),
        "classes": classes,
        "ratings": sum(one.own_rank is None for one in ratings_asked(user_id)),
    }


def _keeper(user_id: int, day: datetime.date) -> dict[str, Any]:
    """Counsellors and schools see what of the students in their care asks for a look."""
    students = students_for("oversee", actor_id=user_id, day=day)
    due = due_awards([one.id for one in students], day=day) if students else []
    return {"count": len(students), "load": caseload(students, day=day), "due": len(due)}


def _district_administrator(user_id: int, day: datetime.date) -> dict[str, Any]:
    """Administrators of districts are led on; the page reads nothing for it."""
    return {"leads": True}


def _provider_staff(user_id: int, day: datetime.date) -> dict[str, Any]:
    """Providers' staff learn how to report work; the page reads nothing for it."""
    return {"reports": True}


PARTS: dict[str, Callable[[int, datetime.date], dict[str, Any]]] = {
    STUDENT: _student,
    GUARDIAN: _guardian,
    TEACHER: _teacher,
    COUNSELLOR: _keeper,
    SCHOOL_ADMINISTRATOR: _keeper,
    DISTRICT_ADMINISTRATOR: _district_administrator,
    PROVIDER_STAFF: _provider_staff,
}


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Each role's part, as the page orders them."""
    held = roles_of(request)
    day = timezone.localdate()
    with acting_as("area_learning"):
        context = {kind: part(held.user_id, day) for kind, part in PARTS.items() if kind in held.kinds}
    return render(request, "pathways/home.html", {**context, "has_no_role": not context})
