"""What a user may do today: the roles that live now, asked once a request."""

import datetime
from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from people.models import Role

STUDENT = Role.Kind.STUDENT.value
GUARDIAN = Role.Kind.GUARDIAN.value
TEACHER = Role.Kind.TEACHER.value
COUNSELLOR = Role.Kind.COUNSELLOR.value
SCHOOL_ADMINISTRATOR = Role.Kind.SCHOOL_ADMINISTRATOR.value
DISTRICT_ADMINISTRATOR = Role.Kind.DISTRICT_ADMINISTRATOR.value
PROVIDER_STAFF = Role.Kind.PROVIDER_STAFF.value
FINANCE_OFFICER = Role.Kind.FINANCE_OFFICER.value
PAYMENT_RELEASER = Role.Kind.PAYMENT_RELEASER.value
AUDITOR = Role.Kind.AUDITOR.value
# The roles that handle or check money. The database lets none of them stand in a relation to a student.
MONEY = frozenset({FINANCE_OFFICER, PAYMENT_RELEASER, AUDITOR})


ADMINISTRATORS = frozenset({SCHOOL_ADMINISTRATOR, DISTRICT_ADMINISTRATOR})
# Those who learn, teach and answer for learners.
LEARNING_SIDE = ADMINISTRATORS | {STUDENT, GUARDIAN, TEACHER, COUNSELLOR, PROVIDER_STAFF}


@dataclass(frozen=True)
class HeldRoles:
    """`kinds` are Role.Kind values; `provider_ids` are the organizations of whose staff the user is."""

    user_id: int
    kinds: frozenset[str]
    provider_ids: frozenset[int]


def roles_on(*, user_id: int, day: datetime.date) -> HeldRoles:
    """The roles of a user that live on `day`. Reads as the login: enter no area for it."""
    held = list(Role.objects.filter(_lives(day), user_id=user_id).values_list("kind", "organization_id"))
    return HeldRoles(
        user_id=user_id,
        kinds=frozenset(kind for kind, _ in held),
        provider_ids=frozenset(organization for kind, organization in held if kind == PROVIDER_STAFF),
    )


def roles_of(request: HttpRequest) -> HeldRoles:
    """The roles of whoever sends the request, read once: the page and its navigation ask for the same."""
    held: HeldRoles | None = getattr(request, "held_roles", None)
    if held is None:
        held = roles_on(user_id=int(request.user.pk or 0), day=timezone.localdate())
        request.held_roles = held  # type: ignore[attr-defined]
    return held


def administered_on(*, user_id: int, day: datetime.date) -> frozenset[int]:
    """The ids of the schools and districts whose administrator the user is on `day`."""
    held = Role.objects.filter(_lives(day), user_id=user_id, kind__in=ADMINISTRATORS)
    return frozenset(place for place in held.values_list("organization_id", flat=True) if place is not None)


def _lives(day: datetime.date) -> Q:
    return Q(starts_on__lte=day) & (Q(ends_on__isnull=True) | Q(ends_on__gt=day))
