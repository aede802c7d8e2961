"""Money and quality do not move each other: random edits on one side change no byte on the other."""

import datetime
import hashlib
import random

import pytest
from django.db import connection

from accountability.queries import success_rates
from database.areas import acting_as
from enrollments.models import CourseResult, Enrollment
from funding.actions.run_night import run_night
from funding.models import Claim, Run, Transfer
from tests import build

pytestmark = pytest.mark.django_db

SEED = 20260131
EDITS_OF_QUALITY, EDITS_OF_MONEY = 200, 100
OUTCOMES = CourseResult.Outcome.values
# A night that finds nothing to do still writes that it ran.
NOT_THE_BOOKS = {"funding_run", "funding_runshard", "funding_rundirty"}


@pytest.fixture
def state():
    """Twelve students at three providers, with work, results and two nights behind them."""
    build.program()
    chance = random.Random(SEED)
    for code in ("P1", "P2", "P3"):
        course = build.offering(code, code=f"{code} course", modules=2, assignments=3)
        for _ in range(4):
            student = build.enrollment(course, withdrawn_on=chance.choice([None, build.day(20), build.day(60)]))
            for work in chance.sample(build.assignments(course), 4):
                build.complete(student, work, build.day(chance.randint(2, 70)))
            CourseResult.objects.create(enrollment=student, outcome=chance.choice(OUTCOMES), batch=build.batch())
    night(datetime.date(2026, 1, 31))
    night(datetime.date(2026, 3, 20))
    return chance


def night(on):
    return run_night(program_code="trial", business_date=on)


def books():
    """One hash over every byte of every table of the books."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'funding' ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall() if name not in NOT_THE_BOOKS]
        sealed = hashlib.sha256()
        for table in tables:
            cursor.execute(f"SELECT t::text FROM funding.{table} t ORDER BY 1")
            sealed.update("\n".join(row for (row,) in cursor.fetchall()).encode())
        return sealed.hexdigest()


def rates():
    with acting_as("area_accountability"):
        return success_rates()


def test_two_hundred_edits_of_course_results_change_no_byte_of_the_books(state):
    students = list(Enrollment.objects.order_by("id"))
    before, rates_before, ran = books(), rates(), night(datetime.date(2026, 3, 20))
    for edit in range(EDITS_OF_QUALITY):
        CourseResult.objects.create(enrollment=state.choice(students), outcome=state.choice(OUTCOMES), batch=build.batch())
        if edit % 50 == 49:
            for student in students:
                # The dates stay as they are; but the night looks at everyone again.
                build.withdraw(student, student.withdrawn_on)
            found = night(ran.business_date + datetime.timedelta(days=1 + edit // 50))
            assert found.result["transfers"] == found.result["claims_changed"] == 0
    assert books() == before
    assert rates() != rates_before, "the edits must have mattered to quality"
    print(f"{EDITS_OF_QUALITY} edits of course results and 4 nights: the books {before[:16]} as before (seed {SEED})")


def test_a_hundred_edits_of_money_change_no_success_rate(state):
    before, books_before = rates(), books()
    on = datetime.date(2026, 3, 20)
    for edit in range(EDITS_OF_MONEY):
        if edit % 4 == 0:
            build.program(rate=f"{state.randint(1, 2000)}.00", in_force_from=f"2025-{8 + edit % 5:02d}-{1 + edit % 28:02d}")
        elif edit % 4 == 1:
            student = state.choice(list(Enrollment.objects.order_by("id")))
            free = [w for w in build.assignments(student.offering) if not completed(student, w)]
            if free:
                build.complete(student, free[0], on)
        elif edit % 4 == 2:
            on += datetime.timedelta(days=1)
            night(on)
        else:
            post_by_hand(state)
        assert rates() == before
    assert books() != books_before, "the edits must have mattered to money"
    print(f"{EDITS_OF_MONEY} edits of money, {Run.objects.count()} nights, {Transfer.objects.count()} transfers, "
          f"{Claim.objects.count()} claims: every success rate as before (seed {SEED})")  # fmt: skip


def completed(student, work):
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM completion_facts WHERE (enrollment_id, assignment_id) = (%s, %s)", [student.pk, work.pk])
        return cursor.rowcount > 0


def post_by_hand(chance):
    """A transfer of any amount between two accounts of the program."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO funding_transfer (effect_key, program_id, kind, debit_account_id, credit_account_id, amount_cents, "
            "business_date, provider_id, row_sha256) SELECT gen_random_uuid(), program_id, kind, credit_account_id, "
            "debit_account_id, %s, business_date, provider_id, '' FROM funding_transfer WHERE kind = 'earn' LIMIT 1",
            [chance.randint(1, 10**6)],
        )
