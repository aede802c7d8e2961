"""Giving a provider a key to the intake, and taking it back."""

import hashlib
import secrets
from datetime import UTC, datetime

from database.areas import acting_as
from people.models import ApiToken, Organization

PREFIX = "credence_"


def issue_token(*, provider: Organization, label: str) -> str:
    """A new token of `provider`, to be shown once: only its SHA-256 is kept. `label` says what uses it."""
    if provider.kind != Organization.Kind.PROVIDER:
        raise ValueError(f"{provider.code} is no provider; only a provider can report completions.")
    token = PREFIX + secrets.token_urlsafe(32)
    with acting_as("area_learning"):
        ApiToken.objects.create(provider=provider, label=label, token_sha256=digest(token))
    return token


def revoke_token(*, token_id: int) -> bool:
    """From now on the token opens nothing; False where it was revoked before."""
    with acting_as("area_learning"):
        open_tokens = ApiToken.objects.filter(pk=token_id, revoked_at__isnull=True)
        return open_tokens.update(revoked_at=datetime.now(UTC)) == 1


def revoke_tokens_of(*, provider: Organization) -> int:
    """From now on no token of the provider opens anything; answers how many did."""
    with acting_as("area_learning"):
        return ApiToken.objects.filter(provider=provider, revoked_at__isnull=True).update(revoked_at=datetime.now(UTC))


def digest(token: str) -> str:
    """A token has 256 random bits, so a plain hash is enough to keep it."""
    return hashlib.sha256(token.encode()).hexdigest()
