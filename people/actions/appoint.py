"""Give a person a role, and the person an account where there is none yet."""

import datetime

from database.areas import acting_as
from people.models import Organization, Role, User

# Who holds one of these has no part in any learning record.
MONEY_ROLES = frozenset({"finance_officer", "payment_releaser", "auditor"})
OFFICE_ROLES = MONEY_ROLES | {"provider_staff"}


def appoint(
    *,
    username: str,
    full_name: str,
    kind: str,
    starts_on: datetime.date,
    organization: Organization | None = None,
    password: str | None = None,
) -> User:
    """The user, holding the role `kind` (Role.Kind) from `starts_on` on; doing it again changes nothing.

    Without a password the user cannot sign in with one.
    """
    with acting_as("area_learning"):
        user = User.objects.filter(username=username).first()
        if user is None:
            user = User.objects.create_user(username, password, full_name=full_name, works_in_office=kind in OFFICE_ROLES)
        if not Role.objects.filter(user=user, kind=kind, organization=organization).exists():
            Role.objects.create(user=user, kind=kind, organization=organization, starts_on=starts_on)
        return user
