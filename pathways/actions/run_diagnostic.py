"""A diagnostic: a short set of judgements from which gaps are found, however many grades below, and a path is laid out."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from competencies.actions.record_judgments import JudgmentRefused, NewJudgment, record_judgments
from competencies.models import MasteryJudgment
from database.areas import acting_as
from database.locks import hold_plan
from pathways.actions.open_plan import plan_of
from pathways.calc.pace import spread
from pathways.calc.path import Layout, lay_out
from pathways.models import PlanItem
from pathways.queries.ground import Footing, footing_of


class DiagnosticRefused(ValueError):
    """Why no diagnostic was taken, in a sentence with the way out."""


@dataclass(frozen=True, slots=True)
class DiagnosticResult:
    """What one part of a diagnostic showed: the rank in the scale of the competency's framework, of work on a day."""

    competency_id: int
    rank: int
    worked_on: datetime.date


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The judgements recorded, in the order of the results, and the path that was laid out."""

    judgment_ids: tuple[int, ...]
    layout: Layout


def run_diagnostic(
    *,
    student_id: int,
    judged_by: int,
    at: datetime.datetime,
    results: Sequence[DiagnosticResult],
    finish_by: datetime.date | None = None,
) -> Diagnosis:
    """Record the results as judgements of kind diagnostic and lay out the path to the student's goals, else to the
    competencies of the student's courses and grade; with `finish_by`, the steps get dates evenly up to that day. All or
    nothing. Raises DiagnosticRefused, and JudgmentRefused of the recording."""
    day = at.astimezone(datetime.UTC).date()
    if not results:
        raise DiagnosticRefused(_("A diagnostic has at least one result; judge a first competency."))
    if len({one.competency_id for one in results}) < len(results):
        raise DiagnosticRefused(_("A diagnostic judges each competency once; leave out the repeated one."))
    if finish_by is not None and finish_by <= day:
        raise DiagnosticRefused(
            _("The path's last day %(finish_by)s is not after %(day)s; choose a later one.") % {"finish_by": finish_by, "day": day}
        )
    with acting_as("area_learning"):
        judged = [
            NewJudgment(student_id, one.competency_id, one.rank, one.worked_on, MasteryJudgment.Kind.DIAGNOSTIC.value)
            for one in results
        ]
        try:
            made = record_judgments(judged_by=judged_by, at=at, judgments=judged)
        except JudgmentRefused as problem:
            problem.pointer = problem.pointer and problem.pointer.replace("/judgments/", "/results/", 1)
            raise
        layout = lay_out_path(
            student_id=student_id, decided_by=judged_by, at=at, diagnosed=[one.competency_id for one in results], finish_by=finish_by
        )
    return Diagnosis(tuple(made), layout)


def lay_out_path(
    *,
    student_id: int,
    decided_by: int,
    at: datetime.datetime,
    diagnosed: Sequence[int],
    finish_by: datetime.date | None,
) -> Layout:
    """Lay out the path anew from what is on record. What a person put in focus or aside stays where it is; a step that
    stands as it did gets no further row. Expects area_learning."""
    day = at.astimezone(datetime.UTC).date()
    plan = plan_of(student_id, at)
    hold_plan(plan.pk)
    footing = footing_of(student_id, day, also=diagnosed)
    mastered = footing.mastered
    # A gap that the diagnostic found is worked on even where no stated prerequisite ties it to a target.
    targets = {*(footing.goal_ranks or footing.grade_targets), *(pk for pk in diagnosed if mastered.get(pk) is False)}
    layout = lay_out(footing.ground, targets, mastered, footing.goal_ranks)
    PlanItem.objects.bulk_create(_items(plan.pk, layout, footing, decided_by, at, finish_by))
    return layout


def _items(
    plan_id: int, layout: Layout, footing: Footing, decided_by: int, at: datetime.datetime, finish_by: datetime.date | None
) -> list[PlanItem]:
    steps = [step.competency for step in layout.steps]
    dates = dict(spread(steps, at.astimezone(datetime.UTC).date(), finish_by)) if finish_by and steps else {}
    items = []
    for position, pk in enumerate(steps, start=1):
        now = footing.items.get(pk)
        if now is not None and now.place != PlanItem.Place.NEXT:
            continue
        target_on = dates.get(pk) or (now.target_on if now else None)
        if now is not None and (now.position, now.target_on) == (position, target_on):
            continue
        items.append(
            PlanItem(
                plan_id=plan_id,
                competency_id=pk,
                place=PlanItem.Place.NEXT,
                origin=PlanItem.Origin.DIAGNOSTIC,
                position=position,
                target_on=target_on,
                decided_by_id=decided_by,
                recorded_at=at,
            )
        )
    return items
