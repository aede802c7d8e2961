"""Put a student who is new on file, at a school from a day on."""

import datetime

from database.areas import acting_as
from enrollments.models import SchoolEnrollment
from people.actions.appoint import appoint
from people.models import Organization, User


def admit_student(
    *,
    username: str,
    full_name: str,
    school: Organization,
    grade: int,
    starts_on: datetime.date,
    ends_on: datetime.date | None = None,
) -> User:
    """The student, with the role and a place at the school from `starts_on` until `ends_on`; `grade` as in SchoolEnrollment."""
    with acting_as("area_learning"):
        student = appoint(
            username=username, full_name=full_name, kind="student", organization=school, starts_on=starts_on, ends_on=ends_on
        )
        SchoolEnrollment.objects.create(student=student, school=school, grade=grade, starts_on=starts_on, ends_on=ends_on)
        return student
