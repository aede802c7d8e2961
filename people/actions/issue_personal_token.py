"""Giving a person a key to the API, and taking it back."""

import secrets
from collections.abc import Collection
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Now

from database.areas import acting_as
from people.actions.appoint import MONEY_ROLES
from people.actions.issue_token import digest
from people.models import PersonalToken, Role

PREFIX = "credence_person_"


class TokenRefused(ValueError):
    """The person may not hold a token of these scopes; the message says which."""


def issue_personal_token(*, user_id: int, label: str, scopes: Collection[str], expires_at: datetime) -> str:
    """A new token of the person, to be shown once: only its SHA-256 is kept. `scopes` are names of api.scopes; TokenRefused
    where one of them opens a learning record to somebody with a money role."""
    token = PREFIX + secrets.token_urlsafe(32)
    with acting_as("area_learning"):
        held = Role.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=Now()), user_id=user_id, kind__in=MONEY_ROLES)
        record = sorted(scope for scope in scopes if scope.startswith("record."))
        if record and (kind := held.values_list("kind", flat=True).first()):
            raise TokenRefused(
                f"This person holds the role {kind}, and who handles money has no part in a learning record: leave out "
                f"{', '.join(record)}, or give the token to another person."
            )
        PersonalToken.objects.create(
            user_id=user_id, label=label, scopes=sorted(set(scopes)), token_sha256=digest(token), expires_at=expires_at
        )
    return token


def revoke_personal_tokens(*, user_id: int, at: datetime) -> int:
    """From `at` on no token of the person opens anything; answers how many did."""
    with acting_as("area_learning"):
        return PersonalToken.objects.filter(user_id=user_id, revoked_at__isnull=True).update(revoked_at=at)
