"""Record which adult answers for which student."""

import datetime

from database.areas import acting_as
from people.models import Guardianship, User


def name_guardian(*, guardian: User, student: User, starts_on: datetime.date) -> None:
    """From `starts_on` on; doing it again changes nothing."""
    with acting_as("area_learning"):
        Guardianship.objects.get_or_create(guardian=guardian, student=student, starts_on=starts_on)
