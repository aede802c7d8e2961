"""Giving a person a key to the API, and taking it back."""

import secrets
from collections.abc import Collection
from datetime import datetime

from database.areas import acting_as
from people.actions.issue_token import digest
from people.models import PersonalToken

PREFIX = "credence_person_"


def issue_personal_token(*, user_id: int, label: str, scopes: Collection[str], expires_at: datetime) -> str:
    """A new token of the person, to be shown once: only its SHA-256 is kept. `scopes` are names of api.scopes."""
    token = PREFIX + secrets.token_urlsafe(32)
    with acting_as("area_learning"):
        PersonalToken.objects.create(
            user_id=user_id, label=label, scopes=sorted(set(scopes)), token_sha256=digest(token), expires_at=expires_at
        )
    return token


def revoke_personal_tokens(*, user_id: int, at: datetime) -> int:
    """From `at` on no token of the person opens anything; answers how many did."""
    with acting_as("area_learning"):
        return PersonalToken.objects.filter(user_id=user_id, revoked_at__isnull=True).update(revoked_at=at)
