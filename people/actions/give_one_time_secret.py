"""Give a person something to sign in with once, to choose a password of their own."""

import secrets
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password

from database.areas import acting_as
from people.models import OneTimeSecret

# No letter that reads like a digit or another letter: it is typed off paper.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
DAYS = 14


def give_one_time_secret(*, user_id: int, at: datetime, made_by: int | None = None) -> str:
    """The secret, to be shown this once: 79 bits of chance, of which only a slow hash is kept. It opens the account once, for
    DAYS days; an earlier one opens nothing any more, the password goes on doing so until the secret is used."""
    secret = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
    with acting_as("area_learning"):
        OneTimeSecret.objects.create(
            user_id=user_id, made_by_id=made_by, secret_hash=make_password(secret), expires_at=at + timedelta(days=DAYS)
        )
    return secret
