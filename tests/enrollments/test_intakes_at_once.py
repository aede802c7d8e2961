"""Two intakes of the same rows at the same time: every row is written once, and each intake is told the truth."""

import threading

from django.db import connection, connections

from database.areas import acting_as
from enrollments.actions.record_completions import record_completions
from enrollments.calc.completion_rows import CompletionRow
from enrollments.models import Completion
from tests import build

WORKS, INTAKES = 40, 4


def test_rows_sent_four_times_at_once_are_created_once(committed_db):
    enrollment = build.enrollment(build.offering(assignments=WORKS))
    feed = build.source("feed")
    start = threading.Barrier(INTAKES)
    told, errors = [], []

    def intake(turn):
        # Each sends in another order, so that the intakes truly cross.
        numbers = [(number + turn * 10) % WORKS + 1 for number in range(WORKS)]
        rows = [CompletionRow(n, f"s{n}", enrollment.code, f"1.{n}", build.day(5), False) for n in numbers]
        try:
            start.wait()
            done = record_completions(rows=rows, source_system=feed, kind="test", today=build.day(9), on_outcome=lambda outcome: None)
            told.append(done.counts)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=intake, args=(turn,)) for turn in range(INTAKES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Completion.objects.count() == WORKS
    assert sum(counts["created"] for counts in told) == WORKS
    assert sum(counts["exists"] for counts in told) == WORKS * (INTAKES - 1)


def test_an_intake_that_meets_another_feeds_uncommitted_row_waits_and_then_reports_a_conflict(committed_db):
    enrollment = build.enrollment(build.offering(assignments=1))
    first, second = build.source("first"), build.source("second")
    row = CompletionRow(1, "x", enrollment.code, "1.1", build.day(5), False)
    arguments = {"rows": [row], "kind": "test", "today": build.day(9)}
    told = []

    def other():
        record_completions(**arguments, source_system=second, on_outcome=told.append)
        connections.close_all()

    thread = threading.Thread(target=other)
    with acting_as("area_learning"):
        record_completions(**arguments, source_system=first, on_outcome=print)
        thread.start()
        _until_someone_waits()
    thread.join()
    assert [(outcome.status, outcome.reason) for outcome in told] == [("conflict", "stated_under_another_id")]
    assert Completion.objects.count() == 1


def _until_someone_waits():
    """Returns once another session waits for this one's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        mine = cursor.fetchone()[0]
        for _ in range(100_000):
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))", [mine])
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_stat_clear_snapshot()")
    raise AssertionError("Nobody came to wait.")
