"""What needs a teacher today: who waits to be assessed, and who is stalled. Expects to run under area_learning."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from pathways.models import AssessmentRequest
from pathways.queries.assessment_requests import open_requests
from pathways.queries.stalled import Stalled, stalled_on
from people.access import StudentInReach

# A first page names the longest waiting; the number beside says how many there are.
NAMED = 10


@dataclass(frozen=True, slots=True)
class NeedsToday:
    """`requests` and `stalls` are the longest waiting, each with the student or the name, `..._in_all` how many there are."""

    requests: list[tuple[StudentInReach, AssessmentRequest]]
    requests_in_all: int
    stalls: list[tuple[str, Stalled]]
    stalls_in_all: int


def needs_today(*, students: Mapping[int, StudentInReach], day: datetime.date) -> NeedsToday:
    """What of these students, {id: student}, waits for a teacher on `day`. Three queries."""
    waiting = list(open_requests(students)) if students else []
    stalls = stalled_on(student_ids=students, day=day) if students else []
    return NeedsToday(
        requests=[(students[one.student_id], one) for one in waiting[:NAMED]],  # type: ignore[attr-defined]
        requests_in_all=len(waiting),
        stalls=[(students[one.student_id].name, one) for one in stalls[:NAMED]],
        stalls_in_all=len(stalls),
    )
