"""A class's flow: how many competencies were mastered each week, where it is slow, and who is stalled; each also as CSV."""

import datetime
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from api.csv_answer import csv_answer
from database.areas import acting_as
from enrollments.access import taught_section
from enrollments.models import Section
from pathways.access import students_for
from pathways.queries.flow import ClassFlow, class_flow
from pathways.queries.stalled import Stalled, rule_days, stalled_on
from people.access import NotInReach, StudentInReach

_Table = tuple[Sequence[str], Sequence[Sequence[object]]]
ROWS = 50
# The picture of weeks, in its own units: a bar and the room beside it, the highest bar, the room above for its number and
# below for days, of which every eighth week bears its own.
BAR, STEP, HIGH, ROOM, BELOW, LABELLED = 14, 22, 100, 18, 20, 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A week in the picture; all in its own units, from the top left."""

    left: int
    top: int
    height: int
    middle: int
    count: int
    starts_on: datetime.date
    labelled: bool


@dataclass(frozen=True, slots=True)
class _Read:
    section: Section
    students: int
    flow: ClassFlow
    stalls: list[tuple[StudentInReach, Stalled]]


def _read(request: HttpRequest, section: uuid.UUID) -> _Read:
    """The class that the reader teaches today; Http404 for any other."""
    actor, day = int(request.user.pk or 0), timezone.localdate()
    with acting_as("area_learning"):
        try:
            found = taught_section(actor_id=actor, section=section, day=day)
        except NotInReach:
            raise Http404 from None
        students = {one.id: one for one in students_for("judge", actor_id=actor, day=day, section_id=found.pk)}
        last = min(day, found.term.ends_on)
        flow = class_flow(course_id=found.course_id, student_ids=students, first=found.term.starts_on, last=last, day=day)
        stalls = [(students[one.student_id], one) for one in stalled_on(student_ids=students, day=day)] if students else []
    return _Read(found, len(students), flow, stalls)


@never_cache
@require_GET
def class_flow_page(request: HttpRequest, section: uuid.UUID) -> HttpResponse:
    """The picture of the weeks with its table, the competencies with the slowest first, the stalls a page at a time."""
    read = _read(request, section)
    page = Paginator(read.stalls, ROWS).get_page(request.GET.get("page"))
    bars = _bars(read.flow.weeks)
    context = {
        "section": read.section,
        "students": read.students,
        "flow": read.flow,
        "bars": bars,
        # The last day's words may reach beyond their bar.
        "width": max(len(bars), LABELLED) * STEP + BELOW,
        "high": ROOM + HIGH + BELOW,
        "ground": ROOM + HIGH,
        "bar": BAR,
        "page": page,
        "rows": page.object_list,
        "rule_days": rule_days(timezone.localdate()),
    }
    return render(request, "pathways/class_flow.html", context)


def _bars(weeks: list[tuple[datetime.date, int]]) -> list[Bar]:
    most = max((count for _, count in weeks), default=0) or 1
    bars = []
    for place, (monday, count) in enumerate(weeks):
        height = HIGH * count // most
        left = place * STEP + (STEP - BAR) // 2
        bars.append(Bar(left, ROOM + HIGH - height, height, left + BAR // 2, count, monday, place % LABELLED == 0))
    return bars


@never_cache
@require_GET
def class_flow_csv(request: HttpRequest, section: uuid.UUID, part: str) -> HttpResponse:
    """One of the page's tables: weeks, competencies or stalled."""
    tables: dict[str, Callable[[_Read], _Table]] = {"weeks": _weeks, "competencies": _competencies, "stalled": _stalled}
    if part not in tables:
        raise Http404
    return csv_answer(part, *tables[part](_read(request, section)))


def _weeks(read: _Read) -> _Table:
    return ("week_from", "mastered"), read.flow.weeks


def _competencies(read: _Read) -> _Table:
    """`median_days` is empty where nobody has mastered it."""
    header = ("competency", "code", "statement", "students_who_began", "students_who_mastered", "judgements", "median_days")
    rows = []
    for column, one in read.flow.competencies:
        median = "" if one.median_days is None else _decimal(one.median_days)
        rows.append((column.uuid, column.code, column.statement, one.began, one.mastered, one.judgements, median))
    return header, rows


def _decimal(days: Fraction) -> str:
    """A median of whole days is whole or ends in a half."""
    return f"{days.numerator // days.denominator}{'.5' if days.denominator == 2 else ''}"


def _stalled(read: _Read) -> _Table:
    header = ("student", "name", "code", "statement", "last_sign_on", "quiet_days", "rule_days")
    return header, [
        (student.uuid, student.name, one.code, one.statement, one.stall.last_sign_on, one.stall.quiet_days, one.stall.rule_days)
        for student, one in read.stalls
    ]
