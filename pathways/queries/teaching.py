"""What needs a teacher today: what waits to be judged, and who is stalled. Expects to run under area_learning."""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pathways.queries.inbox import Waiting, waiting
from pathways.queries.stalled import Stalled, stalled_on
from people.access import StudentInReach

# A first page names the longest waiting; the number beside says how many there are, and leads to them all.
NAMED = 5


@dataclass(frozen=True, slots=True)
class NeedsToday:
    """`items` and `stalls` are the longest waiting, each with the student, `..._in_all` how many there are; of the items
    `requests_in_all` are asked to be assessed."""

    items: list[tuple[StudentInReach, Waiting]]
    items_in_all: int
    requests_in_all: int
    stalls: list[tuple[StudentInReach, Stalled]]
    stalls_in_all: int


def needs_today(*, students: Mapping[int, StudentInReach], section_ids: Collection[int], day: datetime.date) -> NeedsToday:
    """What of these students, {id: student}, waits on `day` for the teacher of these classes. Four queries at most."""
    items = [one for one in waiting(student_ids=students, section_ids=section_ids, day=day) if not one.elsewhere]
    stalls = stalled_on(student_ids=students, day=day) if students else []
    return NeedsToday(
        items=[(students[one.student_id], one) for one in items[:NAMED]],
        items_in_all=len(items),
        requests_in_all=sum(one.request is not None for one in items),
        stalls=[(students[one.student_id], one) for one in stalls[:NAMED]],
        stalls_in_all=len(stalls),
    )
