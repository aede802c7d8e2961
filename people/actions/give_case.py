"""Give a counsellor the cases of students."""

import datetime
from collections.abc import Iterable

from database.areas import acting_as
from people.models import StudentCase


def give_cases(*, counsellor_id: int, student_ids: Iterable[int], starts_on: datetime.date) -> None:
    """From `starts_on` the counsellor has the students' cases; giving them again changes nothing."""
    with acting_as("area_learning"):
        StudentCase.objects.bulk_create(
            (StudentCase(counsellor_id=counsellor_id, student_id=pk, starts_on=starts_on) for pk in student_ids), ignore_conflicts=True
        )
