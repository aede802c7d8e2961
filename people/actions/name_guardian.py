"""Record which adult answers for which student."""

import datetime

from django.db import IntegrityError
from django.db.models import Q

from database.areas import acting_as
from people.actions.appoint import MoneyOrLearning, refused_by_the_firewall
from people.models import Guardianship, User


def name_guardian(*, guardian: User, student: User, starts_on: datetime.date, ends_on: datetime.date | None = None) -> None:
    """From `starts_on` on, until `ends_on` where one is given; doing it again changes nothing. MoneyOrLearning where the
    guardian's account is of the office."""
    try:
        with acting_as("area_learning"):
            named = Guardianship.objects.filter(guardian=guardian, student=student)
            if not named.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on)).exists():
                Guardianship.objects.create(guardian=guardian, student=student, starts_on=starts_on, ends_on=ends_on)
    except IntegrityError as problem:
        if refused_by_the_firewall(problem):
            raise MoneyOrLearning from problem
        raise
