"""A student's plan as it reads on a day: mastered, in focus, next, and the pace by the student's own dates.

Expects to run under area_learning. Nothing of it is stored: what is mastered follows the levels, what is next follows the
latest choices, the goals and the prerequisites. No completion enters it but as an assignment's own `done`.
"""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from competencies.queries.frameworks import Node
from competencies.queries.levels import LevelNow, levels_now
from pathways.calc.pace import Dated, Pace, pace_on
from pathways.calc.path import Why, in_order, lay_out
from pathways.models import PlanGoal, PlanItem
from pathways.queries.ground import Footing, footing_of, latest_items
from pathways.queries.plan_work import AssignmentSaid, RequestSaid, ResourceSaid, work_of

FOCUS, NEXT, ASIDE = PlanItem.Place.FOCUS.value, PlanItem.Place.NEXT.value, PlanItem.Place.ASIDE.value


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One competency of a plan. `item` is the choice behind it, None where prerequisites, goals or the grade put it there;
    `level` is None without evidence; `why` is empty where only a choice put it there. `waits_for` are the prerequisites
    that stand on the plan before it."""

    node: Node
    level: LevelNow | None
    item: PlanItem | None
    why: str = ""
    waits_for: tuple[Node, ...] = ()
    playlist: tuple[ResourceSaid, ...] = ()
    assignments: tuple[AssignmentSaid, ...] = ()
    request: RequestSaid | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A student's plan. `mastered` in the order of learning, `next` in the order to learn it; `not_checked` are
    prerequisites below a gap of which nothing is known yet, which a diagnostic may look at."""

    mastered: tuple[PlanLine, ...]
    focus: tuple[PlanLine, ...]
    next: tuple[PlanLine, ...]
    aside: tuple[PlanLine, ...]
    not_checked: tuple[Node, ...]
    goals: tuple[PlanGoal, ...]
    pace: Pace
    # The competencies that the pace names as late or proposes anew, by id.
    named: Mapping[int, Node]


def plan_on(*, student_id: int, day: datetime.date) -> Plan:
    """The plan of a student, whether or not anything was chosen yet. Eleven queries at most."""
    footing = footing_of(student_id, day)
    mastered, items = footing.mastered, footing.items
    chosen = {pk: item for pk, item in items.items() if pk in footing.nodes and not mastered.get(pk)}
    focus = [pk for pk, item in chosen.items() if item.place == FOCUS]
    aside = [pk for pk, item in chosen.items() if item.place == ASIDE]
    following, whys, not_checked = _next(footing, {pk: item for pk, item in chosen.items() if item.place == NEXT}, {*focus, *aside})
    work = work_of(student_id=student_id, competency_ids=[*focus, *following], day=day)
    open_ones = {*focus, *following}

    def line(pk: int) -> PlanLine:
        earlier = {one for one in footing.ground.before.get(pk, ()) if one in open_ones and one != pk}
        return PlanLine(
            footing.nodes[pk],
            footing.levels.get(pk),
            items.get(pk),
            whys.get(pk, ""),
            tuple(footing.nodes[one] for one in sorted(earlier, key=lambda one: footing.ground.spots[one].key)),
            tuple(work.playlists.get(pk, ())),
            tuple(work.assignments.get(pk, ())),
            work.requests.get(pk),
        )

    done = in_order(footing.ground, (pk for pk, is_mastered in mastered.items() if is_mastered))
    return Plan(
        mastered=tuple(PlanLine(footing.nodes[pk], footing.levels[pk], items.get(pk)) for pk in done),
        focus=tuple(line(pk) for pk in sorted(focus, key=lambda pk: (items[pk].target_on or datetime.date.max, items[pk].pk))),
        next=tuple(line(pk) for pk in following),
        aside=tuple(PlanLine(footing.nodes[pk], footing.levels.get(pk), items[pk]) for pk in in_order(footing.ground, aside)),
        not_checked=tuple(footing.nodes[pk] for pk in not_checked),
        goals=footing.goals,
        pace=pace_on(_dated(items, mastered), day),
        named=footing.nodes,
    )


def _next(
    footing: Footing, placed: Mapping[int, PlanItem], elsewhere: Collection[int]
) -> tuple[list[int], dict[int, str], tuple[int, ...]]:
    """What comes next in order, why, and what nobody checked: first what a person or a diagnostic laid out by position, then
    the rest by goals (and choices without a position), prerequisites and grade."""
    by_position = sorted((pk for pk in placed if placed[pk].position is not None), key=lambda pk: (placed[pk].position, placed[pk].pk))
    ranks = {pk: rank + 1 for pk, rank in footing.goal_ranks.items()} | dict.fromkeys(placed, 0)
    targets = {*footing.grade_targets, *footing.goal_ranks, *placed}
    laid = lay_out(footing.ground, targets, footing.mastered, ranks)
    rest = [step.competency for step in laid.steps if step.competency not in {*by_position, *elsewhere}]
    whys = {step.competency: step.why.value for step in laid.steps}
    whys |= {pk: Why.GAP.value for pk in elsewhere if footing.mastered.get(pk) is False}
    return [*by_position, *rest], whys, tuple(pk for pk in laid.not_checked if pk not in elsewhere)


def _dated(items: Mapping[int, PlanItem], mastered: Mapping[int, bool]) -> list[Dated]:
    """The student's own dates. What was put aside has none, unless it is mastered."""
    return [
        Dated(pk, item.target_on, mastered.get(pk, False))
        for pk, item in items.items()
        if item.target_on is not None and (item.place != ASIDE or mastered.get(pk))
    ]


def pace_of(*, student_ids: Collection[int], day: datetime.date) -> dict[int, Pace]:
    """{student id: pace on `day`} of a class. Two queries."""
    items = latest_items(student_ids)
    competencies = {pk for ones in items.values() for pk, item in ones.items() if item.target_on is not None}
    mastered: dict[int, dict[int, bool]] = {}
    for (student, competency), level in levels_now(student_ids, competencies, day=day).items():
        mastered.setdefault(student, {})[competency] = level.mastered
    return {student: pace_on(_dated(items.get(student, {}), mastered.get(student, {})), day) for student in student_ids}
