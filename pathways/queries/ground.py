"""The ground of a student's plan: which competencies it is made of, where they stand, and what the student works towards.

Expects to run under area_learning.
"""

import datetime
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import F, Q, QuerySet, Subquery

from competencies.models import Competency
from competencies.queries.frameworks import Graph, Node, competencies_by_uuid, competency_graph
from competencies.queries.levels import LevelNow, levels_now
from enrollments.models import Course, Enrollment, SchoolEnrollment, SectionStudent
from pathways.calc.criteria import competencies_of, read_tree
from pathways.calc.path import Ground, Spot, descendants, units
from pathways.models import CourseCompetency, PlanGoal, PlanItem


@dataclass(frozen=True)
class Footing:
    """What a student's path is laid on: the `nodes` of the student's frameworks by id, their `ground`, the student's levels
    and the latest plan item by competency, the living goals, and what the student works towards.

    `goal_ranks`: the competencies that the goals ask for, those of the first goal at 0. `grade_targets`: those of the
    student's courses; where these name none, those of the grade. Both hold what a plan is made of (`units` of calc/path.py),
    no heading.
    """

    nodes: Mapping[int, Node] = field(default_factory=dict)
    ground: Ground = field(default_factory=lambda: Ground({}, {}, {}))
    levels: Mapping[int, LevelNow] = field(default_factory=dict)
    items: Mapping[int, PlanItem] = field(default_factory=dict)
    goals: tuple[PlanGoal, ...] = ()
    goal_ranks: Mapping[int, int] = field(default_factory=dict)
    grade_targets: frozenset[int] = frozenset()

    @property
    def mastered(self) -> dict[int, bool]:
        """Every judged competency, and whether it is mastered."""
        return {pk: level.mastered for pk, level in self.levels.items()}


def footing_of(student_id: int, day: datetime.date, also: Collection[int] = ()) -> Footing:
    """The footing on `day`; `also` are further competencies of the plan, whose frameworks count too. Eight queries at most."""
    items = latest_items([student_id]).get(student_id, {})
    goals = living_goals(student_id, day)
    levels = {competency: level for (_, competency), level in levels_now([student_id], day=day).items()}
    of_courses = _of_courses(student_id, day)
    asked = [_asked_by(goal) for goal in goals]
    by_hand = {*levels, *items, *also}
    frameworks, grade = _frameworks_and_grade(
        {*by_hand, *of_courses}, {one for ones in asked for one in ones}, student_id=student_id, day=day
    )
    if not frameworks:
        return Footing(levels=levels, items=items, goals=goals)
    graph = competency_graph(frameworks)
    ground = ground_of(graph)
    parts = units(ground, by_hand)
    id_of = {node.uuid: pk for pk, node in graph.nodes.items()}
    goal_ranks: dict[int, int] = {}
    for rank, ones in enumerate(asked):
        for pk in _parts_of(ground, parts, (id_of[one] for one in ones if one in id_of)):
            goal_ranks.setdefault(pk, rank)
    towards = {pk for pk in _parts_of(ground, parts, of_courses) if not ground.spots[pk].retired}
    # The grade speaks only where the courses name nothing: else every further framework would add to every plan.
    if not towards and grade is not None:
        towards = {pk for pk in parts if ground.spots[pk].covers(grade) and not ground.spots[pk].retired}
    return Footing(graph.nodes, ground, levels, items, goals, goal_ranks, frozenset(towards))


def ground_of(graph: Graph) -> Ground:
    """The graph as calc/path.py reads it."""
    children: dict[int, list[int]] = {}
    for child, parents in graph.parents.items():
        for parent in parents:
            children.setdefault(parent, []).append(child)
    before: dict[int, list[int]] = {}
    for earlier, later in graph.precedes:
        before.setdefault(later, []).append(earlier)
    spots = {
        pk: Spot(pk, node.framework_id, node.grades[0], node.grades[1], node.position, node.retired)
        for pk, node in graph.nodes.items()
    }
    return Ground(spots, children, before)


def nodes_by_id(competency_ids: Collection[int]) -> dict[int, Node]:
    """The competencies as a path shows them. Two queries."""
    uuids = Competency.objects.filter(id__in=competency_ids).values_list("uuid", flat=True)
    return {node.id: node for node in competencies_by_uuid(set(uuids)).values()}


def latest_items(student_ids: Collection[int]) -> dict[int, dict[int, PlanItem]]:
    """{student id: {competency id: the item that counts}}. One query."""
    rows = (
        PlanItem.objects.filter(plan__student_id__in=student_ids)
        .annotate(student_id=F("plan__student_id"))
        .order_by("plan_id", "competency_id", "-id")
        .distinct("plan_id", "competency_id")
    )
    found: dict[int, dict[int, PlanItem]] = {}
    for item in rows:
        found.setdefault(item.student_id, {})[item.competency_id] = item
    return found


def living_goals(student_id: int, day: datetime.date) -> tuple[PlanGoal, ...]:
    """The student's goals of `day`, the nearest first. One query."""
    living = PlanGoal.objects.select_related("competency", "requirement").filter(
        Q(ended_on__isnull=True) | Q(ended_on__gt=day), plan__student_id=student_id, starts_on__lte=day
    )
    return tuple(living.order_by(F("target_on").asc(nulls_last=True), "id"))


def _asked_by(goal: PlanGoal) -> set[uuid.UUID]:
    """The competencies that a goal asks for; those of a requirement's tree, where it names one."""
    if goal.requirement is not None:
        return competencies_of(read_tree(goal.requirement.tree, credit_leaves=True))
    return {goal.competency.uuid} if goal.competency is not None else set()


def _parts_of(ground: Ground, parts: Collection[int], chosen: Iterable[int]) -> set[int]:
    """What the plan works on for each of the chosen: a heading stands for its parts, anything else for itself."""
    found: set[int] = set()
    for pk in chosen:
        if pk in ground.spots:
            found |= {pk} if pk in parts else (descendants(ground, [pk]) & set(parts) or {pk})
    return found


def courses_of(student_id: int, day: datetime.date) -> QuerySet[Course]:
    """The courses that the student learns in on `day`, in a class or an enrollment."""
    classes = SectionStudent.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), student_id=student_id, starts_on__lte=day)
    enrollments = Enrollment.objects.filter(
        Q(enrolled_on__isnull=True) | Q(enrolled_on__lte=day),
        Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=day),
        student_id=student_id,
    )
    return Course.objects.filter(Q(id__in=classes.values("section__course")) | Q(id__in=enrollments.values("offering__course")))


def _of_courses(student_id: int, day: datetime.date) -> set[int]:
    """The competencies of the courses that the student learns in on `day`."""
    of_courses = CourseCompetency.objects.filter(course__in=courses_of(student_id, day))
    return set(of_courses.values_list("competency_id", flat=True))


def _frameworks_and_grade(
    competency_ids: Collection[int], uuids: Collection[uuid.UUID], *, student_id: int, day: datetime.date
) -> tuple[list[int], int | None]:
    """The frameworks of these competencies, and the grade that the student is in on `day`; without the former, neither."""
    at_school = SchoolEnrollment.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=day), student_id=student_id, starts_on__lte=day
    )
    grade = Subquery(at_school.order_by("-starts_on", "-id").values("grade")[:1])
    named = Competency.objects.filter(Q(id__in=competency_ids) | Q(uuid__in=uuids)).order_by()
    rows = list(named.values_list("framework_id", grade).distinct())
    return sorted(framework for framework, _ in rows), rows[0][1] if rows else None
