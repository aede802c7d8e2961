"""Give students their learning plans: one on first use, or a whole school's at once."""

import datetime

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
        students = sorted(set(there.values_list("student_id", flat=True)))
        LearningPlan.objects.bulk_create(
            [LearningPlan(student_id=student, recorded_at=at) for student in students], ignore_conflicts=True
        )
    return len(students)
