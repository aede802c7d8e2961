"""The night through a real Celery worker, logged in as the funding worker; and a beat that can do nothing but send."""

import datetime
import itertools
import json
import time
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
import redis

from funding.actions import open_run as opening
from funding.actions.open_run import open_run
from funding.actions.run_night import run_night
from funding.models import Run, Transfer
from tests import build, processes
from tests.copies import copied_database, the_ledger, using_database

PATIENCE_SECONDS = 60
EVIDENCE = ("learning.enrollments_courseresult", "learning.people_apitoken", "learning.enrollments_completion",
            "learning.enrollments_enrollment", "accountability.accountability_indicatorsnapshot")  # fmt: skip


@pytest.fixture
def redis_url():
    with processes.own_redis() as url:
        yield url


@pytest.fixture
def small_shards(monkeypatch):
    monkeypatch.setattr(opening, "ENROLLMENTS_A_SHARD", 2)


@pytest.fixture
def facts(committed_db):
    """Nine enrollments at two providers with work on days 3 to 7."""
    build.program(timetable="nightly")
    for code in ("P1", "P2"):
        course = build.offering(code, assignments=5)
        for number in range(9 if code == "P1" else 4):
            student = build.enrollment(course)
            for work in build.assignments(course)[: 1 + number % 5]:
                build.complete(student, work, build.day(3 + number % 5))


@pytest.fixture
def worker(facts, redis_url, tmp_path):
    """worker("2") starts one of two processes; its log is printed where a test fails."""
    env = processes.environment("funding", processes.test_database_url("credence_funding"), redis_url)
    log = tmp_path / "worker.log"
    options = ("-Q", "funding", "--pool", "prefork", "--without-gossip", "--without-mingle")
    yield lambda concurrency: processes.celery("worker", "-c", concurrency, *options, env=env, log=log)
    print(log.read_text()[-5000:])


def await_answer(question, what):
    """The first true answer. The other side is another process: the tables are all that we share, so they are asked."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := question()):
        assert time.monotonic() < deadline, f"{what} did not come about in {PATIENCE_SECONDS} s"
        time.sleep(0.02)
    return answer


def finished(on):
    return lambda: Run.objects.filter(business_date=on, finished_at__isnull=False).first()


@pytest.mark.parametrize("concurrency", ["1", "2"])
def test_a_real_worker_runs_the_night_to_the_figures_of_one_process(facts, worker, redis_url, small_shards, concurrency):
    with copied_database("by_hand") as copy, using_database(copy):
        by_hand = run_night(program_code="trial", business_date=build.day(31))
        ledger_by_hand = the_ledger()
    with worker(concurrency):
        processes.send("funding.night", "trial", build.day(31).isoformat(), redis_url=redis_url)
        run = await_answer(finished(build.day(31)), "the night")
    assert (run.digest, run.result) == (by_hand.digest, by_hand.result)
    assert the_ledger() == ledger_by_hand
    assert run.result["transfers"] == 13


def test_shards_that_nobody_rings_for_are_finished_by_the_sweep(facts, worker, redis_url, small_shards):
    run = open_run(program_code="trial", business_date=build.day(31))
    assert run.shards.count() == 7
    with worker("2"):
        processes.send("funding.sweep", build.day(31).isoformat(), redis_url=redis_url)
        assert await_answer(finished(build.day(31)), "the night").pk == run.pk


def test_a_night_asked_for_by_hand_comes_after_an_older_one_that_never_ended(facts, worker, redis_url, small_shards):
    build.program(program="other", catalogue="other")
    open_run(program_code="trial", business_date=build.day(5))
    with worker("1"):
        processes.send("funding.night", "trial", build.day(9).isoformat(), redis_url=redis_url)
        await_answer(finished(build.day(9)), "the later night")
    dates = Run.objects.order_by("finished_at").values_list("business_date", flat=True)
    assert list(dates) == [build.day(5), build.day(9)]


def test_two_real_beats_and_a_worker_catch_up_to_yesterday_in_date_order(facts, worker, redis_url, small_shards, tmp_path):
    yesterday = datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=1)
    nights = [yesterday - datetime.timedelta(days=days) for days in (3, 2, 1, 0)]
    run_night(program_code="trial", business_date=nights[0])
    env = processes.environment("beat", processes.test_database_url("credence_beat"), redis_url)
    with (
        worker("2"),
        processes.celery("beat", env=env, log=tmp_path / "one.log", app_module="tests.quick_timetable"),
        processes.celery("beat", env=env, log=tmp_path / "other.log", app_module="tests.quick_timetable"),
    ):
        await_answer(finished(yesterday), "yesterday's night")
    runs = list(Run.objects.order_by("started_at"))
    assert [run.business_date for run in runs] == nights
    assert all(one.finished_at <= other.started_at for one, other in itertools.pairwise(runs))


def test_the_worker_enters_the_database_as_the_funding_login(facts, worker, redis_url, as_login):
    holder = as_login("credence_funding")
    holder.execute("SET ROLE area_funding")
    holder.execute("SELECT FROM funding.funding_program FOR NO KEY UPDATE")
    watcher = processes.owner_connection()
    with watcher, worker("1"):
        processes.send("funding.night", "trial", build.day(31).isoformat(), redis_url=redis_url)
        waits = "SELECT usename FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        assert await_answer(lambda: watcher.execute(waits).fetchall(), "the worker's wait") == [("credence_funding",)]
        holder.rollback()
        await_answer(finished(build.day(31)), "the night")


def test_the_locks_of_a_killed_worker_are_free_before_its_statement_would_have_ended(facts, worker, redis_url, as_login):
    holder = as_login("credence_funding")
    holder.execute("SET ROLE area_funding")
    holder.execute("SELECT FROM funding.funding_program FOR NO KEY UPDATE")
    watcher = processes.owner_connection()
    others = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with watcher:
        with worker("1"):
            processes.send("funding.night", "trial", build.day(31).isoformat(), redis_url=redis_url)
            await_answer(lambda: watcher.execute(others).rowcount, "the worker's wait")
        await_answer(lambda: watcher.execute(others).rowcount == 0, "the end of the dead worker's session")
    assert Run.objects.count() == 0


@pytest.mark.parametrize("table", EVIDENCE)
def test_the_funding_login_reads_no_evidence(as_login, table):
    login = as_login("credence_funding")
    for role in ("credence_funding", "area_funding"):
        login.execute(f"SET ROLE {role}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            login.execute(f"SELECT FROM {table}")
        login.rollback()


def test_a_beat_sends_the_sweep_and_leaves_nothing_behind(committed_db, redis_url, tmp_path):
    env = processes.environment("beat", processes.test_database_url("credence_beat"), redis_url)
    at = urlsplit(redis_url)
    bell = redis.Redis(unix_socket_path=at.path, db=int(parse_qs(at.query)["virtual_host"][0]))
    log = tmp_path / "beat.log"
    with processes.celery("beat", env=env, log=log, app_module="tests.quick_timetable"):
        _, message = bell.brpop(["funding"], timeout=PATIENCE_SECONDS) or pytest.fail(log.read_text())
    assert json.loads(message)["headers"]["task"] == "funding.sweep"
    assert [left.name for left in tmp_path.iterdir()] == ["beat.log"]
    assert Run.objects.count() == Transfer.objects.count() == 0


def test_the_beat_login_reads_no_table_and_enters_no_area(as_login):
    login = as_login("credence_beat")
    relations = login.execute(
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'v', 'm', 'p') AND n.nspname IN ('public', 'learning', 'funding', 'accountability', 'audit')"
    ).fetchall()
    assert len(relations) > 40
    attempts = [f"SELECT FROM {relation}" for (relation,) in relations]
    attempts += [f"SET ROLE {area}" for area in ("area_learning", "area_funding", "area_accountability", "credence_owner")]
    for attempt in attempts:
        login.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            login.execute(attempt)
