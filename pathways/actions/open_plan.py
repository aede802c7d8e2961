"""Give students their learning plans: one on first use, or a whole school's at once."""

import datetime
from collections.abc import Collection

from django.db.models import Q

from database.areas import acting_as
from enrollments.models import SchoolEnrollment
from pathways.models import LearningPlan


def plan_of(student_id: int, at: datetime.datetime) -> LearningPlan:
    """The student's plan, made where there is none; two at once make one. `at` is aware, UTC."""
    with acting_as("area_learning"):
        return LearningPlan.objects.get_or_create(student_id=student_id, defaults={"recorded_at": at})[0]


def open_plans(*, school_id: int, at: datetime.datetime) -> int:
    """A plan for every student at the school on the day of `at` who has none yet; returns how many were made."""
    day = at.astimezone(datetime.UTC).date()
    with acting_as("area_learning"):
        there = SchoolEnrollment.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gt=day), school_id=school_id, starts_on__lte=day, student__learning_plan__isnull=True
        )
        return open_plans_of(student_ids=set(there.values_list("student_id", flat=True)), at=at)


def open_plans_of(*, student_ids: Collection[int], at: datetime.datetime) -> int:
    """A plan for each of these students who has none yet; returns how many were made."""
    with acting_as("area_learning"):
        planned = set(LearningPlan.objects.filter(student_id__in=student_ids).values_list("student_id", flat=True))
        missing = sorted(set(student_ids) - planned)
        LearningPlan.objects.bulk_create(
            [LearningPlan(student_id=student, recorded_at=at) for student in missing], ignore_conflicts=True
        )
    return len(missing)
