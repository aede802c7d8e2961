"""Facts and books really committed once for a file of tests, and sessions of the runtime logins on them."""

import pytest
from django.db import connection

from enrollments.models import Assignment, CourseResult
from funding.actions.run_night import run_night
from people.actions.appoint import appoint
from tests import build
from tests.committed import empty_every_table, runtime_logins


@pytest.fixture(scope="module")
def facts(django_db_setup, django_db_blocker):
    """A course with an examination and a result, work that was paid, an auditor and a finance officer: committed."""
    with django_db_blocker.unblock():
        empty_every_table()
        build.program()
        course = build.offering()
        student = build.enrollment(course, withdrawn_on=build.day(20))
        for work, on in zip(build.assignments(course)[:3], (3, 4, 25), strict=True):
            build.complete(student, work, build.day(on))
        CourseResult.objects.create(enrollment=student, outcome="pass", batch=build.batch())
        work = build.assignments(course)[0]
        Assignment.objects.create(
            offering=course, module=work.module, code="X", title="A secret examination", stakes="high", batch=build.batch()
        )
        for kind in ("auditor", "finance_officer"):
            appoint(username=kind, full_name=kind.title(), kind=kind, starts_on=build.START, password="a password of fifteen")
        run_night(program_code="trial", business_date=build.day(31))
        connection.close()
        yield
        empty_every_table()
        connection.close()


@pytest.fixture
def enter(facts, django_db_blocker):
    """enter(login, area=None) -> a connection of that login, in that area until its transaction ends."""
    opened = []

    def as_login(login, area=None):
        with django_db_blocker.unblock():
            opened.append(runtime_logins(login))
        if area:
            opened[-1].execute(f"SET LOCAL ROLE {area}")
        return opened[-1]

    yield as_login
    for one in opened:
        one.close()
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture
def owner(facts, django_db_blocker):
    with django_db_blocker.unblock():
        yield connection
        connection.close()
