"""Who is stalled over all of a teacher's classes, the longest first, and why."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from database.areas import acting_as
from pathways.access import students_for
from pathways.queries.stalled import rule_days, stalled_on
from people.roles import TEACHER, roles_of

ROWS = 50


@never_cache
@require_GET
def stalls(request: HttpRequest) -> HttpResponse:
    """The list, a page at a time; each leads to the student's plan and to the competency."""
    if TEACHER not in roles_of(request).kinds:
        raise PermissionDenied
    day = timezone.localdate()
    with acting_as("area_learning"):
        students = {one.id: one for one in students_for("judge", actor_id=int(request.user.pk or 0), day=day)}
        found = stalled_on(student_ids=students, day=day) if students else []
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    rows = [(students[one.student_id], one) for one in page.object_list]
    return render(request, "pathways/stalls.html", {"page": page, "rows": rows, "rule_days": rule_days(day)})
