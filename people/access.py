"""Who is calling: the only ways from a credential, or a code, to a person or an organization."""

from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Now
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from people.actions.issue_token import digest
from people.models import ApiToken, Organization

TOKEN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Feed:
    """The caller of an API: a provider, not a person."""

    provider_id: int
    provider_code: str
    is_authenticated: bool = True


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer <token>`, bound to one provider. No session, no cookie."""

    def authenticate(self, request: Request) -> tuple[Feed, None] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        provider = provider_of_token(token.strip())
        if provider is None:
            raise AuthenticationFailed("This token is unknown or revoked.")
        return Feed(provider.pk, provider.code), None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def provider_of_token(token: str) -> Organization | None:
    if not token or len(token) > TOKEN_CHARACTERS or not token.isascii():
        return None
    kept = ApiToken.objects.select_related("provider").filter(
        Q(revoked_at__isnull=True) | Q(revoked_at__gt=Now()), token_sha256=digest(token)
    )
    found = kept.first()
    return found.provider if found else None


def provider_by_code(code: str) -> Organization | None:
    return Organization.objects.filter(kind=Organization.Kind.PROVIDER, code=code).first()
