"""A counsellor's and a school's students on one page: who is near a requirement, who is stalled, who has no plan.

Every number opens its list, and the list can be taken along as a table. Names travel in no address: a search by name is sent
in the body.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from api.csv_answer import csv_answer
from database.areas import acting_as
from pathways.access import require_role, students_for
from pathways.actions.open_plan import open_plans_of
from pathways.queries.caseload import MET, NEARLY, ON_THE_WAY, Caseload, CaseRow, caseload
from people.access import StudentInReach
from people.roles import roles_of

ROWS = 50
STALLED, WITHOUT_PLAN = "stalled", "without_plan"
SHOWS: dict[str, Callable[[CaseRow], bool]] = {
    STALLED: lambda row: bool(row.stalled),
    WITHOUT_PLAN: lambda row: not row.has_plan,
    MET: lambda row: any(one.state == MET for one in row.standings),
    NEARLY: lambda row: any(one.state == NEARLY for one in row.standings),
    ON_THE_WAY: lambda row: any(one.state == ON_THE_WAY for one in row.standings),
}


def require(request: HttpRequest, verb: str) -> None:
    """Answers 403 where no role of the reader may do `verb`."""
    require_role(verb, held=roles_of(request))


def _overseen(request: HttpRequest) -> list[StudentInReach]:
    require(request, "oversee")
    return students_for("oversee", actor_id=int(request.user.pk or 0), day=timezone.localdate())


def _chosen(request: HttpRequest, load: Caseload) -> tuple[str, str, list[CaseRow]]:
    """(what is shown, the code of a requirement or "", the rows that this leaves); what nobody knows shows all."""
    code = request.GET.get("requirement", "")
    if code not in {one.requirement.code for one in load.requirements}:
        code = ""
    show = request.GET.get("show", "")
    if show not in SHOWS:
        return "", code, list(load.rows)
    if code and show in (MET, NEARLY, ON_THE_WAY):
        return show, code, [row for row in load.rows if row.state_of(code) == show]
    return show, code, [row for row in load.rows if SHOWS[show](row)]


@never_cache
@require_http_methods(["GET", "POST"])
def students_page(request: HttpRequest) -> HttpResponse:
    """The students, as a filter of the address or a name in the body leaves them; each requirement with its numbers above."""
    students = _overseen(request)
    with acting_as("area_learning"):
        load = caseload(students, day=timezone.localdate())
    show, code, rows = _chosen(request, load)
    name = request.POST.get("name", "")[:200].strip()
    if name:
        rows = [row for row in rows if all(part in row.student.name.casefold() for part in name.casefold().split())]
    # A search is answered whole, up to a page: its next page would need the name in the address.
    page = Paginator(rows, ROWS).get_page(1 if name else request.GET.get("page"))
    context = {
        "load": load,
        "count": len(students),
        "show": show,
        "code": code,
        "name": name,
        "found": len(rows),
        "page": page,
        "shown": [(row, _told(row, code)) for row in page],
    }
    return render(request, "pathways/students.html", context)


def _told(row: CaseRow, code: str) -> list[Any]:
    """The standings that a row shows: of the requirement chosen, else those near."""
    return [one for one in row.standings if (one.requirement.code == code if code else one.state == NEARLY)]


@never_cache
@require_GET
def students_table(request: HttpRequest) -> HttpResponse:
    """The same rows as a table: a line for each student and requirement."""
    students = _overseen(request)
    with acting_as("area_learning"):
        load = caseload(students, day=timezone.localdate())
    _show, code, rows = _chosen(request, load)
    header = (
        _("student"), _("school"), _("grade"), _("plan"), _("stalled in"), _("requirement"), _("state"), _("percent met"), _("words"),
    )  # fmt: skip
    return csv_answer("students", header, _lines(rows, code))


def _lines(rows: list[CaseRow], code: str) -> Iterator[tuple[object, ...]]:
    for row in rows:
        grade = "" if row.grade is None else row.grade
        start = (row.student.name, "; ".join(row.schools), grade, _("yes") if row.has_plan else _("no"))
        stalls = "; ".join(one.code or one.statement for one in row.stalled)
        standings = [one for one in row.standings if not code or one.requirement.code == code]
        for one in standings:
            yield (*start, stalls, one.requirement.title, STATES[one.state](), one.percent, one.progress.words)
        if not standings:
            yield (*start, stalls, "", "", "", "")


STATES: dict[str, Callable[[], str]] = {MET: lambda: _("met"), NEARLY: lambda: _("near"), ON_THE_WAY: lambda: _("on the way")}


@require_POST
def open_plans(request: HttpRequest) -> HttpResponse:
    """A plan for each of one's students who has none."""
    made = open_plans_of(student_ids=[one.id for one in _overseen(request)], at=timezone.now())
    if made:
        messages.success(request, ngettext("%(count)s plan is opened.", "%(count)s plans are opened.", made) % {"count": made})
    else:
        messages.info(request, _("Every student has a plan already."))
    return redirect("students")
