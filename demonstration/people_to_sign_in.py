"""One person a role to sign in as. Their password is printed: a demonstration holds nothing that needs keeping."""

import datetime
from dataclasses import dataclass

from demonstration.school_year import first_class_of
from people.actions.appoint import appoint
from people.actions.give_case import give_cases
from people.actions.name_guardian import name_guardian
from people.actions.set_password import set_password
from people.models import Organization, User

PASSWORD = "credence-demonstration"  # noqa: S105 - see above
SINCE = datetime.date(2025, 7, 1)
TEACHER = "teacher"


@dataclass(frozen=True)
class SignIn:
    user_id: int
    username: str
    site: str
    words: str


def appoint_teacher() -> int:
    """The id of the teacher to sign in as."""
    return appoint(username=TEACHER, full_name="Teacher of algebra", kind="teacher", starts_on=SINCE, password=PASSWORD).pk


def seat_at_school(*, school_code: str) -> dict[str, SignIn]:
    """A counsellor with the cases of a class of the school, its administrator, and its district's."""
    school, cases = first_class_of(school_code)
    places = {
        "counsellor": ("counsellor", f"Counsellor: the cases of one class of {school.name}", None),
        "school_administrator": ("school-admin", f"School administrator of {school.name}", school),
        "district_administrator": ("district-admin", "District administrator", school.district),
    }
    seated = {}
    for kind, (username, words, organization) in places.items():
        user = appoint(
            username=username,
            full_name=words.split(":")[0],
            kind=kind,
            starts_on=SINCE,
            organization=organization,
            password=PASSWORD,
        )
        seated[kind] = SignIn(user.pk, username, "learning", words)
    give_cases(counsellor_id=seated["counsellor"].user_id, student_ids=cases, starts_on=SINCE)
    return seated


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
        "teacher": (TEACHER, "learning", "Teacher of algebra: five classes, where the state has a school year", None),
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
