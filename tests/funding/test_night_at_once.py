"""The same night from sixteen processes at once: one run, nothing posted twice, the books of a single process."""

import pytest

from funding.actions import open_run as opening
from funding.actions.appropriate import add_to_appropriation
from funding.actions.open_run import open_run
from funding.actions.run_night import run_night
from funding.models import Fund, Run
from tests import build
from tests.at_once import at_once
from tests.copies import copied_database, the_ledger, using_database

TIMES = 16
MONTH_END = build.day(31)


@pytest.fixture
def facts(committed_db, monkeypatch):
    """48 enrollments at two providers, in shards of three, with work, a withdrawal and a void after a first night; too small a
    budget for the month."""
    monkeypatch.setattr(opening, "ENROLLMENTS_A_SHARD", 3)
    build.program()
    for code in ("P1", "P2"):
        course = build.offering(code, modules=2, assignments=3)
        works = build.assignments(course)
        for number in range(24):
            student = build.enrollment(course, withdrawn_on=build.day(9) if number % 7 == 0 else None)
            for place, work in enumerate(works[: 1 + number % 6]):
                build.complete(student, work, build.day(3 + 2 * place))
    budget = {"amount_cents": 10_000, "reason": "too small a budget", "on": build.day(1), "by": 1}
    add_to_appropriation(program_code="trial", fiscal_year=2026, **budget)
    night(build.day(6))
    build.complete(student, works[0], build.day(3), sequence=1)
    build.withdraw(student, build.day(5))


def night(on):
    run = run_night(program_code="trial", business_date=on)
    return run.pk, run.digest, run.result


def test_sixteen_processes_at_once_make_one_run_with_the_books_of_one(facts):
    with copied_database("alone") as copy, using_database(copy):
        alone = night(MONTH_END)
        ledger_alone = the_ledger()
    returned = at_once(TIMES, lambda _: night(MONTH_END))
    assert returned == [alone] * TIMES
    assert the_ledger() == ledger_alone
    assert Run.objects.count() == 2
    assert alone[2]["transfers"] > 48
    appropriation = Fund.objects.get()
    assert (appropriation.free_cents, appropriation.reserved_cents) == (0, 10_000)


def test_a_night_asked_for_again_by_sixteen_at_once_posts_nothing_further(facts):
    recorded, before = night(MONTH_END), the_ledger()
    assert at_once(TIMES, lambda _: night(MONTH_END)) == [recorded] * TIMES
    assert the_ledger() == before


def test_an_earlier_date_returns_the_recorded_run_that_covers_it(facts):
    recorded, before = night(MONTH_END), the_ledger()
    assert night(build.day(20)) == night(build.day(7)) == recorded
    assert night(build.day(6))[0] == night(build.day(1))[0] == Run.objects.earliest("business_date").pk
    assert the_ledger() == before


def test_sixteen_at_once_see_an_older_open_night_through_first(facts):
    open_run(program_code="trial", business_date=build.day(8))
    with copied_database("alone") as copy, using_database(copy):
        night(build.day(8))
        night(MONTH_END)
        ledger_alone = the_ledger()
    at_once(TIMES, lambda _: night(MONTH_END))
    assert the_ledger() == ledger_alone
    assert list(Run.objects.order_by("finished_at").values_list("business_date", flat=True)) == [
        build.day(6), build.day(8), MONTH_END,
    ]  # fmt: skip


def test_different_dates_at_once_run_in_date_order(facts):
    at_once(TIMES, lambda number: night(build.day(10 + number % 4)))
    runs = list(Run.objects.order_by("business_date"))
    assert runs[-1].business_date == build.day(13)
    assert [run.pk for run in runs] == list(Run.objects.order_by("started_at").values_list("pk", flat=True))
    assert [run.previous_id for run in runs] == [None, *(run.pk for run in runs[:-1])]
