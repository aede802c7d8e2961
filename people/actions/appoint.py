"""Give a person a role, and the person an account where there is none yet."""

import datetime

from django.db import IntegrityError
from django.db.models import Q
from django.utils.translation import gettext as _

from database.areas import acting_as
from people.models import Organization, Role, User

# Who holds one of these has no part in any learning record.
MONEY_ROLES = frozenset({"finance_officer", "payment_releaser", "auditor"})
OFFICE_ROLES = MONEY_ROLES | {"provider_staff"}


class MoneyOrLearning(ValueError):
    """The account would hold both a role of money and a relation to students, which the database refuses."""

    def __init__(self) -> None:
        super().__init__(
            _("Whoever handles money has no part in a student's record under the same account. Give the person a second account.")
        )


def refused_by_the_firewall(problem: IntegrityError) -> bool:
    """Whether it was the guard between money and learning (database/learning_record.sql) that spoke."""
    return "one account holds a role of money or a relation to a student" in str(problem)


def appoint(
    *,
    username: str,
    full_name: str,
    kind: str,
    starts_on: datetime.date,
    organization: Organization | None = None,
    password: str | None = None,
    ends_on: datetime.date | None = None,
) -> User:
    """The user, holding the role `kind` (Role.Kind) from `starts_on` on, until `ends_on` where one is given; doing it again
    changes nothing. MoneyOrLearning where the account is of the other side.

    Without a password the user cannot sign in with one.
    """
    try:
        with acting_as("area_learning"):
            user = User.objects.filter(username=username).first()
            if user is None:
                user = User.objects.create_user(username, password, full_name=full_name, works_in_office=kind in OFFICE_ROLES)
            held = Role.objects.filter(user=user, kind=kind, organization=organization)
            if not held.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on)).exists():
                Role.objects.create(user=user, kind=kind, organization=organization, starts_on=starts_on, ends_on=ends_on)
            return user
    except IntegrityError as problem:
        if refused_by_the_firewall(problem):
            raise MoneyOrLearning from problem
        raise
