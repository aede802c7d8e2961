"""Builders of plans for the tests: prerequisites, choices, and a plan read back by code."""

import uuid

from competencies.models import Association
from database.areas import acting_as
from pathways.actions.choose_plan_items import PlanChoice, choose_plan_items
from pathways.queries.plan import plan_on
from tests import build_learning as build


def precedes(earlier, later):
    """`earlier` is a prerequisite of `later`."""
    Association.objects.create(
        framework=later.framework,
        uuid=uuid.uuid4(),
        kind=Association.PRECEDES,
        origin=earlier.uuid,
        destination=later.uuid,
        local=True,
        content_sha256=uuid.uuid4().hex,
    )


def ladder(first=4, last=8):
    """A framework with one competency a grade, each the prerequisite of the next: {grade: competency}."""
    framework, _ = build.framework(0)
    steps = {
        grade: build.competency(framework, position=grade, code=f"G{grade}", lowest_grade=grade, highest_grade=grade)
        for grade in range(first, last + 1)
    }
    for grade in range(first + 1, last + 1):
        precedes(steps[grade - 1], steps[grade])
    return steps


def choose(student, by=None, on=1, **places):
    """choose(student, focus=[a, b], next=[(c, fields)]): by the student unless said otherwise."""
    choices = []
    for place, ones in places.items():
        for one in ones:
            competency, fields = one if isinstance(one, tuple) else (one, {})
            choices.append(PlanChoice(competency.pk, place, **fields))
    return choose_plan_items(student_id=student.pk, decided_by=(by or student).pk, at=build.noon(on), choices=choices)


def plan(student, on=1):
    with acting_as("area_learning"):
        return plan_on(student_id=student.pk, day=build.day(on))


def codes(lines):
    return [line.node.code for line in lines]
