"""A small office for the tests of pages: two providers with a night behind them, and a person of every role."""

import datetime
from dataclasses import dataclass, field

from django.db import connection

from enrollments.models import SourceSystem, UnmatchedCompletion
from funding.actions.run_night import run_night
from funding.models import Discrepancy, PaymentBatch, PaymentLine, Run, Transfer
from people.actions.appoint import appoint
from people.models import Organization, User
from tests import build

NIGHT = datetime.date(2026, 1, 31)
SINCE = datetime.date(2020, 1, 1)
PASSWORD = "a password of the tests"
STUDENT_NAME = "Quillon Zabriskie"
# 986.88 x 1/2 x 3/4 = 370.08
EARNED_BY_P1 = "370.08 USD"


@dataclass
class Office:
    own: Organization
    foreign: Organization
    line: PaymentLine
    foreign_line: PaymentLine
    batch: PaymentBatch
    transfer: Transfer
    student: User
    people: dict[str, User] = field(default_factory=dict)

    @property
    def run(self) -> Run:
        return self.batch.run


def night(on: datetime.date) -> Run:
    """A night of the tests' program; several may follow in one transaction, where nothing commits to drop its tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(format('%I', relname), ', ') FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r'"
        )
        if left := cursor.fetchone()[0]:
            cursor.execute(f"DROP TABLE {left}")
    return run_night(program_code="trial", business_date=on)


def set_up(more_providers: int = 0) -> Office:
    """P1 and P2 (and more) with an enrollment each: three completions that count, one after withdrawal."""
    build.program()
    for number in range(1, 3 + more_providers):
        course = build.offering(f"P{number}", modules=2)
        enrollment = build.enrollment(course, withdrawn_on=build.day(20))
        works = build.assignments(course)
        for work in works[:3]:
            build.complete(enrollment, work, build.day(5))
        build.complete(enrollment, works[3], build.day(25))
        User.objects.filter(pk=enrollment.student_id).update(full_name=STUDENT_NAME)
    _report_what_fits_nothing()
    run = night(NIGHT)
    own, foreign = build.provider("P1"), build.provider("P2")
    lines = {line.provider_id: line for line in PaymentLine.objects.all()}
    return Office(
        own=own,
        foreign=foreign,
        line=lines[own.pk],
        foreign_line=lines[foreign.pk],
        batch=PaymentBatch.objects.get(run=run),
        transfer=Transfer.objects.get(provider_id=own.pk, kind="earn"),
        student=User.objects.filter(full_name=STUDENT_NAME).earliest("pk"),
        people={kind: person(kind, own) for kind in ROLES},
    )


ROLES = ("finance_officer", "payment_releaser", "auditor", "provider_staff", "student", "guardian", "teacher")


def person(kind: str, provider: Organization) -> User:
    """Who holds that role. Without a password, whose hash takes longer than all else; `let_sign_in` gives one."""
    return appoint(
        username=f"a-{kind}",
        full_name=f"One {kind.replace('_', ' ')}",
        kind=kind,
        starts_on=SINCE,
        organization=provider if kind == "provider_staff" else None,
    )


def let_sign_in(user: User) -> User:
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def _report_what_fits_nothing() -> None:
    feed = SourceSystem.objects.create(code="p1-feed", catalogue="trial", provider=build.provider("P1"))
    UnmatchedCompletion.objects.create(
        source_system=feed,
        source_id="1",
        kind="unknown_enrolment",
        enrollment_code="E-unknown",
        assignment_code="1.1",
        completed_on=build.day(6),
        batch=build.batch(),
    )


def doubt(kind: str, provider: Organization) -> Discrepancy:
    return Discrepancy.objects.get(kind=kind, provider_id=provider.pk)
