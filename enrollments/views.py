"""The learning site's first page: what each role has there today. Nothing on this site holds an amount of money."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from database.areas import acting_as
from enrollments.queries.own_work import own_work
from people.roles import GUARDIAN, PROVIDER_STAFF, STUDENT, TEACHER, roles_of, wards_on


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Students see their own work, guardians that of their wards; nobody sees anybody else's."""
    held = roles_of(request)
    today = timezone.localdate()
    with acting_as("area_learning"):
        wards = wards_on(guardian_id=held.user_id, day=today) if GUARDIAN in held.kinds else {}
        students = {held.user_id, *wards} if STUDENT in held.kinds else set(wards)
        work = own_work(student_ids=students, day=today) if students else {}
    context = {
        "is_student": STUDENT in held.kinds,
        "is_guardian": GUARDIAN in held.kinds,
        "is_teacher": TEACHER in held.kinds,
        "is_provider_staff": PROVIDER_STAFF in held.kinds,
        "has_no_role": not held.kinds & {STUDENT, GUARDIAN, TEACHER, PROVIDER_STAFF},
        "own": work.get(held.user_id, []),
        "wards": [(name, work[ward]) for ward, name in wards.items()],
    }
    return render(request, "enrollments/home.html", context)
