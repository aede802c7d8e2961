"""Progress of a student to requirements, and a school's waivers of seat time. Expects to run under area_learning."""

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet

from pathways.calc.criteria import Progress, evaluate, read_tree
from pathways.models import Requirement, SeatTimeWaiver
from pathways.queries.standing import standings_of
from people.models import Organization


@dataclass(frozen=True, slots=True)
class RequirementProgress:
    """A requirement in force and how far a student has come to it."""

    requirement: Requirement
    progress: Progress


def requirements_in_force() -> list[Requirement]:
    """The requirements that count, by code: of each the highest number."""
    return list(Requirement.objects.order_by("code", "-number").distinct("code"))


def progress_of(student_id: int, *, day: datetime.date, requirements: list[Requirement] | None = None) -> list[RequirementProgress]:
    """How far a student has come to each requirement (default: all in force); the same number of queries whatever they ask."""
    return progress_of_many([student_id], day=day, requirements=requirements)[student_id]


def progress_of_many(
    student_ids: Collection[int], *, day: datetime.date, requirements: list[Requirement] | None = None
) -> dict[int, list[RequirementProgress]]:
    """The same for many students; the same number of queries whatever their number."""
    chosen = requirements_in_force() if requirements is None else requirements
    trees = [read_tree(requirement.tree, credit_leaves=True) for requirement in chosen]
    standings = standings_of(student_ids, trees, day=day)
    return {
        student: [RequirementProgress(one, evaluate(tree, standings[student])) for one, tree in zip(chosen, trees, strict=True)]
        for student in student_ids
    }


def waivers_on(school_id: int, day: datetime.date) -> QuerySet[SeatTimeWaiver]:
    """The waivers that a school has on a day; their `ends_on` is the first day without."""
    living = SeatTimeWaiver.objects.filter(school_id=school_id, starts_on__lte=day, ends_on__gt=day)
    return living.order_by("starts_on", "id")


def waivers_of(school_id: int) -> QuerySet[SeatTimeWaiver]:
    """Every waiver of a school, the latest first."""
    return SeatTimeWaiver.objects.filter(school_id=school_id).order_by("-starts_on", "-id")


def school_by_uuid(key: uuid.UUID) -> int | None:
    """The id of the school."""
    return Organization.objects.filter(kind=Organization.Kind.SCHOOL, uuid=key).values_list("pk", flat=True).first()
