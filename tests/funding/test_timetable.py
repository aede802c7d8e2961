"""The timetable: whatever the beats and the bell do, one run a date, in date order, with the books of nights by hand."""

import itertools
import random

import kombu.exceptions
import pytest
from celery.app.task import Task

from config.celery import app
from database.areas import acting_as
from funding import tasks
from funding.actions import open_run as opening
from funding.actions.open_run import open_run
from funding.actions.run_night import run_night
from funding.models import Run
from funding.queries.due import due_nights
from tests import build
from tests.at_once import at_once
from tests.copies import copied_database, the_ledger, using_database

TICKS_A_DAY = 4
DAYS = 25
MOST_DELIVERIES = 9


@pytest.fixture
def facts(committed_db, monkeypatch):
    """Twelve enrollments in shards of four with work on days 1 to 24, on a program of the timetable."""
    monkeypatch.setattr(opening, "ENROLLMENTS_A_SHARD", 4)
    build.program(timetable="nightly")
    for code in ("P1", "P2"):
        course = build.offering(code, assignments=4)
        for number in range(6):
            student = build.enrollment(course)
            for place, work in enumerate(build.assignments(course)):
                build.complete(student, work, build.day(1 + number + 6 * place))


@pytest.fixture
def at_the_bell():
    """Tasks run where they are rung for."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


def sweep_on(number):
    tasks.sweep(build.day(number).isoformat())


def by_hand(numbers):
    """What the nights of these days leave on a copy of the database, one after the other, in one process."""
    with copied_database("by_hand") as copy, using_database(copy):
        for number in numbers:
            run_night(program_code="trial", business_date=build.day(number))
        return the_ledger()


def assert_one_run_a_date_in_date_order(numbers):
    runs = list(Run.objects.order_by("started_at", "pk"))
    assert [run.business_date for run in runs] == [build.day(number) for number in numbers]
    assert all(run.finished_at for run in runs)
    assert all(one.finished_at <= other.started_at for one, other in itertools.pairwise(runs))


def test_two_beats_at_once_for_a_hundred_ticks_make_one_run_a_date(facts, at_the_bell):
    expected = by_hand(range(1, DAYS + 1))

    def beat(_):
        for number in range(2, DAYS + 2):
            for _ in range(TICKS_A_DAY):
                sweep_on(number)

    at_once(2, beat)
    # The two may leave the last night between them: the next tick finds it.
    sweep_on(DAYS + 1)
    assert_one_run_a_date_in_date_order(range(1, DAYS + 1))
    assert the_ledger() == expected


def test_a_beat_that_slept_three_days_catches_up_one_date_after_the_other(facts, at_the_bell):
    expected = by_hand(range(9, 14))
    sweep_on(10)
    sweep_on(14)
    assert_one_run_a_date_in_date_order(range(9, 14))
    assert the_ledger() == expected


@pytest.mark.parametrize("seed", range(5))
def test_rings_that_come_many_times_late_in_any_order_or_never_change_nothing(facts, monkeypatch, seed):
    run_night(program_code="trial", business_date=build.day(4))
    expected = by_hand(range(5, 9))
    chance, hung = random.Random(seed), []
    monkeypatch.setattr(Task, "apply_async", lambda task, args=(), kwargs=None, **options: hung.append((task, tuple(args or ()))))
    delivered = {}
    for number in (6, 9, 9, 9, 9, 9, 9):
        sweep_on(number)
        while hung:
            task, arguments = hung.pop(chance.randrange(len(hung)))
            # What is hung often enough already tells nothing new; one ring in ten is lost.
            if delivered.get((task, arguments), 0) > 60 or chance.random() < 0.1:
                continue
            times = chance.randint(1, MOST_DELIVERIES)
            delivered[task, arguments] = delivered.get((task, arguments), 0) + times
            for _ in range(times):
                task(*arguments)
    assert_one_run_a_date_in_date_order(range(4, 9))
    assert the_ledger() == expected


def test_no_task_is_added_without_being_delivered_here_many_times_and_in_any_order():
    app.loader.import_default_modules()
    assert {name for name in app.tasks if not name.startswith("celery.")} == {"funding.sweep", "funding.night", "funding.shard"}


def test_a_sweep_that_cannot_reach_the_bell_leaves_the_night_to_the_next_tick(facts, at_the_bell, monkeypatch):
    open_run(program_code="trial", business_date=build.day(5))
    before = the_ledger()

    def no_bell(*arguments, **options):
        raise kombu.exceptions.OperationalError("no broker")

    with monkeypatch.context() as gone:
        gone.setattr(Task, "apply_async", no_bell)
        with pytest.raises(kombu.exceptions.OperationalError):
            sweep_on(6)
    assert the_ledger() == before
    sweep_on(6)
    assert_one_run_a_date_in_date_order([5])


def due_on(number):
    with acting_as("area_funding"):
        return due_nights(last_on=build.day(number))


def test_a_program_begins_with_yesterday_and_goes_on_with_the_day_after_its_last_night(facts):
    assert due_on(20) == [("trial", build.day(20))]
    run_night(program_code="trial", business_date=build.day(3))
    assert due_on(20) == [("trial", build.day(4))]
    assert due_on(3) == due_on(2) == []


def test_no_night_is_due_while_an_older_one_is_open(facts):
    open_run(program_code="trial", business_date=build.day(3))
    assert due_on(20) == []


def test_a_program_by_hand_is_never_due(committed_db):
    build.program()
    assert due_on(20) == []


def test_dates_of_a_closed_month_are_passed_over(facts):
    run_night(program_code="trial", business_date=build.day(20))
    build.closed_month(build.day(20))
    assert due_on(31) == []
    assert due_on(40) == [("trial", build.day(32))]
