"""Many students at a glance: how far each is to every requirement, who is stalled, who has no plan.

Set by set: the same number of queries whatever the number of students. Expects to run under area_learning.
"""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Q

from enrollments.models import SchoolEnrollment
from pathways.calc.criteria import Progress
from pathways.calc.nearness import NEAR, part_met
from pathways.models import LearningPlan, Requirement
from pathways.queries.progress import progress_of_many, requirements_in_force
from pathways.queries.stalled import Stalled, stalled_on
from people.access import StudentInReach

MET, NEARLY, ON_THE_WAY = "met", "near", "on_the_way"


@dataclass(frozen=True, slots=True)
class Standing:
    """A student and a requirement: `state` is MET, NEARLY (at least NEAR of it is met) or ON_THE_WAY."""

    requirement: Requirement
    progress: Progress
    part: Fraction
    state: str

    @property
    def percent(self) -> int:
        """The part met in whole hundredths, never rounded up."""
        return int(self.part * 100)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A student with all that a counsellor looks for first; `schools` are the names of the day, `grade` as in SchoolEnrollment."""

    student: StudentInReach
    schools: tuple[str, ...]
    grade: int | None
    has_plan: bool
    standings: tuple[Standing, ...]
    stalled: tuple[Stalled, ...]

    def state_of(self, code: str) -> str:
        """The state of the requirement of this code; "" where there is none."""
        return next((one.state for one in self.standings if one.requirement.code == code), "")


@dataclass(frozen=True, slots=True)
class RequirementSum:
    """A requirement and how many students are in which state."""

    requirement: Requirement
    met: int
    near: int
    on_the_way: int


@dataclass(frozen=True, slots=True)
class Caseload:
    """`rows` in the order of the students given."""

    rows: tuple[CaseRow, ...]
    requirements: tuple[RequirementSum, ...]
    stalled: int
    without_plan: int


def caseload(students: Sequence[StudentInReach], *, day: datetime.date) -> Caseload:
    """What stands of these students on `day`."""
    ids = [one.id for one in students]
    chosen = requirements_in_force()
    progress = progress_of_many(ids, day=day, requirements=chosen)
    stalls: dict[int, list[Stalled]] = defaultdict(list)
    for one in stalled_on(student_ids=ids, day=day) if ids else []:
        stalls[one.student_id].append(one)
    planned = set(LearningPlan.objects.filter(student_id__in=ids).values_list("student_id", flat=True))
    places = _places(ids, day)
    rows = tuple(
        CaseRow(
            student=one,
            schools=tuple(name for name, _ in places[one.id]),
            grade=places[one.id][-1][1] if places[one.id] else None,
            has_plan=one.id in planned,
            standings=tuple(_standing(each.requirement, each.progress) for each in progress[one.id]),
            stalled=tuple(stalls[one.id]),
        )
        for one in students
    )
    return Caseload(
        rows=rows,
        requirements=tuple(_sum(requirement, rows) for requirement in chosen),
        stalled=sum(bool(row.stalled) for row in rows),
        without_plan=sum(not row.has_plan for row in rows),
    )


def _standing(requirement: Requirement, progress: Progress) -> Standing:
    part = part_met(progress)
    state = MET if progress.met else NEARLY if part >= NEAR else ON_THE_WAY
    return Standing(requirement, progress, part, state)


def _sum(requirement: Requirement, rows: Sequence[CaseRow]) -> RequirementSum:
    states = [row.state_of(requirement.code) for row in rows]
    return RequirementSum(requirement, states.count(MET), states.count(NEARLY), states.count(ON_THE_WAY))


def _places(ids: Sequence[int], day: datetime.date) -> dict[int, list[tuple[str, int]]]:
    """{student id: (school, grade) of the day, the latest last}."""
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    living = SchoolEnrollment.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), student_id__in=ids, starts_on__lte=day)
    for student, school, grade in living.order_by("starts_on", "id").values_list("student_id", "school__name", "grade"):
        found[student].append((school, grade))
    return found
