"""One person a role to sign in as. Their password is printed: a demonstration holds nothing that needs keeping."""

import datetime
from dataclasses import dataclass

from people.actions.appoint import appoint
from people.actions.name_guardian import name_guardian
from people.actions.set_password import set_password
from people.models import Organization, User

PASSWORD = "credence-demonstration"  # noqa: S105 - see above
SINCE = datetime.date(2025, 7, 1)


@dataclass(frozen=True)
class SignIn:
    user_id: int
    username: str
    site: str
    words: str


def seat(*, provider_code: str, catalogue: str) -> dict[str, SignIn]:
    """The sign-ins by role; seated before, they are the same again. A student of `catalogue` gets a password too."""
    provider = Organization.objects.get(kind="provider", code=provider_code)
    places = {
        "finance_officer": ("finance", "office", "Finance officer: nights, statements, discrepancies, closing a month", None),
        "payment_releaser": ("releaser", "office", "Payment releaser: releases what a night has batched", None),
        "auditor": ("auditor", "office", "Auditor: sees all of it, changes nothing; each look at a name is recorded", None),
        "provider_staff": (
            f"staff-{provider_code.lower()}",
            "office",
            f"Staff of {provider.name}: its statement and its holds",
            provider,
        ),
        "teacher": ("teacher", "learning", "Teacher: no course is assigned yet", None),
        "guardian": ("guardian", "learning", "Guardian: the work of the student below", None),
    }
    seated = {}
    for kind, (username, site, words, organization) in places.items():
        user = appoint(
            username=username,
            full_name=words.split(":")[0],
            kind=kind,
            starts_on=SINCE,
            organization=organization,
            password=PASSWORD,
        )
        seated[kind] = SignIn(user.pk, username, site, words)
    student = User.objects.filter(enrollments__offering__course__catalogue=catalogue).order_by("username").first()
    if student is not None:
        appoint(username=student.username, full_name=student.full_name, kind="student", starts_on=SINCE)
        set_password(user=student, password=PASSWORD)
        name_guardian(guardian=User.objects.get(pk=seated["guardian"].user_id), student=student, starts_on=SINCE)
        seated["student"] = SignIn(
            student.pk, student.username, "learning", "Student: own enrollments, and no amount of money anywhere"
        )
    return seated
