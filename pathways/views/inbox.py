"""A teacher's inbox over all classes: what waits to be judged, the oldest first, and what was answered lately."""

import datetime
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from database.areas import acting_as
from enrollments.access import taught_sections
from enrollments.models import Section
from enrollments.queries.sections import natural
from pathways.access import students_for
from pathways.queries.inbox import NEW, RESUBMITTED, Answered, Waiting, answered, waiting
from people.access import StudentInReach
from people.roles import TEACHER, roles_of

ROWS = 50
ASKED, ANSWERED, ELSEWHERE = "asked", "answered", "elsewhere"
STATES = ("", NEW, RESUBMITTED, ASKED, ANSWERED)
# What was answered stays to be looked up for so many days; the plan of each student keeps it for good.
ANSWERED_DAYS = 30


@dataclass(frozen=True, slots=True)
class Inbox:
    """What a teacher may judge today: the students by id, the classes, and what waits (`items`), the oldest first.

    `chosen` is the class chosen (its uuid as text, ELSEWHERE, or "" for all of one's own), `state` one of STATES.
    """

    students: dict[int, StudentInReach]
    sections: list[Section]
    items: list[Waiting]
    chosen: str
    state: str

    @property
    def shown(self) -> list[Waiting]:
        """The items of the class and state chosen."""
        found = [one for one in self.items if self.in_class(one)]
        if self.state in (NEW, RESUBMITTED):
            found = [one for one in found if one.resubmitted == (self.state == RESUBMITTED)]
        if self.state == ASKED:
            found = [one for one in found if one.request is not None]
        return found

    @property
    def query(self) -> str:
        """The choice as an address carries it: no name, nothing that was typed."""
        return urlencode({name: said for name, said in (("class", self.chosen), ("state", self.state)) if said})

    def in_class(self, one: Waiting | Answered) -> bool:
        """Whether it belongs to the class chosen."""
        if self.chosen == ELSEWHERE:
            return one.elsewhere
        chosen = next((section.pk for section in self.sections if str(section.uuid) == self.chosen), None)
        return not one.elsewhere if chosen is None else chosen in one.sections

    def after(self, since: datetime.datetime, cell: tuple[int, int]) -> Waiting | None:
        """The next item shown after a place in the order, from the front again at its end; None where no other is left."""
        left = [one for one in self.shown if one.cell != cell]
        return next((one for one in left if (one.since, *one.cell) > (since, *cell)), left[0] if left else None)


def inbox_of(request: HttpRequest) -> Inbox:
    """The reader's inbox by what the address chooses; PermissionDenied for whoever is no teacher. Expects area_learning."""
    if TEACHER not in roles_of(request).kinds:
        raise PermissionDenied
    actor, day = int(request.user.pk or 0), timezone.localdate()
    students = {one.id: one for one in students_for("judge", actor_id=actor, day=day)}
    sections = list(taught_sections(actor_id=actor, day=day).order_by(natural("title"), "id"))
    items = waiting(student_ids=students, section_ids=[one.pk for one in sections], day=day)
    chosen, state = request.GET.get("class", ""), request.GET.get("state", "")
    if chosen != ELSEWHERE and chosen not in {str(one.uuid) for one in sections}:
        chosen = ""
    return Inbox(students, sections, items, chosen, state if state in STATES else "")


def reader_of(found: Inbox, student: uuid.UUID) -> StudentInReach | None:
    """The student of this uuid among those whom the inbox's teacher may judge."""
    return next((one for one in found.students.values() if one.uuid == student), None)


@never_cache
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The list, a page at a time, by class and state."""
    with acting_as("area_learning"):
        found = inbox_of(request)
        if found.state == ANSWERED:
            sections = [one.pk for one in found.sections]
            since = timezone.now() - datetime.timedelta(days=ANSWERED_DAYS)
            told = answered(student_ids=found.students, section_ids=sections, day=timezone.localdate(), since=since)
            listed: list[Any] = [one for one in told if found.in_class(one)]
        else:
            listed = found.shown
    page = Paginator(listed, ROWS).get_page(request.GET.get("page"))
    titles = {one.pk: one.title for one in found.sections}
    rows = [
        {
            "student": found.students[one.student_id],
            "item": one,
            "classes": sorted(titles[pk] for pk in one.sections) if isinstance(one, Waiting) else [],
        }
        for one in page.object_list
    ]
    context = {
        "inbox": found,
        "page": page,
        "rows": rows,
        "counts": _counts(found),
        "answered_days": ANSWERED_DAYS,
        "elsewhere": sum(one.elsewhere for one in found.items),
    }
    return render(request, "pathways/inbox.html", context)


def _counts(found: Inbox) -> dict[str, int]:
    """How many wait in the class chosen, by state."""
    every = Inbox(found.students, found.sections, found.items, found.chosen, "").shown
    again = sum(one.resubmitted for one in every)
    return {"all": len(every), NEW: len(every) - again, RESUBMITTED: again, ASKED: sum(one.request is not None for one in every)}
