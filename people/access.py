"""Who is calling and for whom: the only ways from a credential, a code or a uuid to a person or an organization."""

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from people.actions.issue_token import digest
from people.models import ApiToken, Organization, PersonalToken, User
from people.roles import MONEY

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


@dataclass(frozen=True, slots=True)
class TokenInUse:
    """The personal token that a request carries: what it is good for."""

    scopes: frozenset[str]


class PersonalTokenSignIn(BaseAuthentication):
    """`Authorization: Bearer <personal token>`: the person, bounded by the token's scopes, until its end."""

    def authenticate(self, request: Request) -> tuple[User, TokenInUse] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        kept = _personal_token(token.strip())
        if kept is None:
            raise AuthenticationFailed("This token is unknown, revoked or past its end.")
        return kept.user, TokenInUse(frozenset(kept.scopes))

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class SessionSignIn(SessionAuthentication):
    """Who signed in at the site's own page; a write needs the CSRF token of that page."""


def _personal_token(token: str) -> PersonalToken | None:
    if not token or len(token) > TOKEN_CHARACTERS or not token.isascii():
        return None
    living = PersonalToken.objects.select_related("user").filter(
        Q(revoked_at__isnull=True) | Q(revoked_at__gt=Now()), expires_at__gt=Now(), user__is_active=True, token_sha256=digest(token)
    )
    return living.first()


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


def user_by_username(username: str) -> User | None:
    return User.objects.filter(username=username).first()


# {role: the kind of organization that it is held for}; the others are held for a school.
PLACE_OF_ROLE = {"district_administrator": "district", "provider_staff": "provider"}


def organization_by_code(code: str, *, kind: str) -> Organization | None:
    """The organization of that code in which the role `kind` is held; for the owner's commands."""
    return Organization.objects.filter(kind=PLACE_OF_ROLE.get(kind, "school"), code=code).first()


SELF = "self"


class NotForThisRole(PermissionDenied):
    """The person's roles do not open this at all; the message says which would."""


class NotInReach(LookupError):
    """There is no such student, or none in a living relation to who asks; which of the two is not told."""


class MayNot(PermissionDenied):
    """The student is in reach, but not for this; the message names the relations that may."""

    def __init__(self, relations: Collection[str]) -> None:
        said = sorted("the student" if one == SELF else f"the student's {one.replace('_', ' ')}" for one in relations)
        super().__init__(f"You may see this student's record, but not do this; who may is {' or '.join(said)}.")
        self.relations = frozenset(relations)


@dataclass(frozen=True, slots=True)
class StudentInReach:
    """A student as one person may see them: `relations` are the kinds of learning.student_relations, and "self"."""

    id: int
    uuid: uuid.UUID
    name: str
    relations: frozenset[str]


def students_in_reach(
    *, actor_id: int, day: datetime.date, student: uuid.UUID | None = None, section_id: int | None = None
) -> list[StudentInReach]:
    """The students to whom the actor stands in a relation that lives on `day`, by name; of one class, or one student, on
    request. Expects to run under area_learning."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.id, u.uuid, coalesce(nullif(u.full_name, ''), u.username), array_agg(DISTINCT r.kind) "
            "FROM (SELECT student_id, kind, section_id FROM learning.student_relations WHERE actor_id = %(actor)s "
            "      AND starts_on <= %(day)s AND (ends_on IS NULL OR ends_on > %(day)s) "
            "      UNION ALL SELECT %(actor)s, 'self', NULL WHERE EXISTS (SELECT FROM learning.people_role WHERE user_id = %(actor)s "
            "      AND kind = 'student' AND starts_on <= %(day)s AND (ends_on IS NULL OR ends_on > %(day)s))) r "
            "JOIN learning.people_user u ON u.id = r.student_id "
            "WHERE (%(student)s::uuid IS NULL OR u.uuid = %(student)s) "
            "AND (%(section)s::bigint IS NULL OR r.section_id = %(section)s) "
            # Whoever handles money sees no student's record, whatever else they are.
            "AND NOT EXISTS (SELECT FROM learning.people_role WHERE user_id = %(actor)s AND kind = ANY (%(money)s) "
            "      AND starts_on <= %(day)s AND (ends_on IS NULL OR ends_on > %(day)s)) "
            "GROUP BY u.id ORDER BY 3, u.id",
            {"actor": actor_id, "day": day, "student": student, "section": section_id, "money": list(MONEY)},
        )
        return [StudentInReach(pk, key, name, frozenset(kinds)) for pk, key, name, kinds in cursor.fetchall()]


def is_student(*, user_id: int, day: datetime.date) -> bool:
    """Whether the person is a student to anybody on `day`: in a living relation as its student, or with the role begun. A school year
    that is over ends a role, and no student's record. Expects to run under area_learning."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM learning.people_role WHERE user_id = %(user)s AND kind = 'student' AND starts_on <= %(day)s) "
            "OR EXISTS (SELECT FROM learning.student_relations WHERE student_id = %(user)s "
            "AND starts_on <= %(day)s AND (ends_on IS NULL OR ends_on > %(day)s))",
            {"user": user_id, "day": day},
        )
        return bool(cursor.fetchone()[0])


def student_in_reach(*, actor_id: int, student: uuid.UUID, day: datetime.date, by: Collection[str] | None = None) -> StudentInReach:
    """The student, where a relation to the actor lives on `day`, else NotInReach; and where (with `by`) one of their relations
    is of those kinds, else MayNot."""
    found = students_in_reach(actor_id=actor_id, day=day, student=student)
    if not found:
        raise NotInReach("There is no such student among those you work with.")
    if by is not None and not found[0].relations & frozenset(by):
        raise MayNot(by)
    return found[0]
