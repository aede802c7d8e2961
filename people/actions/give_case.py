"""Give a counsellor the cases of students."""

import datetime
from collections.abc import Iterable

from django.db import IntegrityError
from django.db.models import Q

from database.areas import acting_as
from people.actions.appoint import MoneyOrLearning, refused_by_the_firewall
from people.models import StudentCase


def give_cases(
    *, counsellor_id: int, student_ids: Iterable[int], starts_on: datetime.date, ends_on: datetime.date | None = None
) -> None:
    """From `starts_on` the counsellor has the students' cases, until `ends_on` where one is given; giving them again changes
    nothing. MoneyOrLearning where the account is of the office."""
    try:
        with acting_as("area_learning"):
            living = Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on)
            has = set(StudentCase.objects.filter(living, counsellor_id=counsellor_id).values_list("student_id", flat=True))
            StudentCase.objects.bulk_create(
                (
                    StudentCase(counsellor_id=counsellor_id, student_id=pk, starts_on=starts_on, ends_on=ends_on)
                    for pk in student_ids
                    if pk not in has
                ),
                ignore_conflicts=True,
            )
    except IntegrityError as problem:
        if refused_by_the_firewall(problem):
            raise MoneyOrLearning from problem
        raise
