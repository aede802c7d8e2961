"""Two who judge the same student at the same time: the level that is kept is that of both their judgements."""

import threading

import pytest
from django.db import connection, connections

from competencies.actions.withdraw_judgment import withdraw_judgment
from competencies.models import CurrentLevel
from database.areas import acting_as
from tests.build_learning import class_of, framework, judge, noon, scale


@pytest.mark.parametrize(("second", "rank", "judgments"), [("judges", 3, 3), ("withdraws", 4, 1)])
def test_two_at_once_leave_the_level_of_the_whole_journal(committed_db, second, rank, judgments):
    educator, (student,), _ = class_of(1)
    _, (competency,) = framework(1, version=scale(method="mean"))
    before = judge(educator, student, competency, 1)

    def other():
        if second == "judges":
            judge(educator, student, competency, 4, on=3)
        else:
            withdraw_judgment(judgment_id=before, withdrawn_by=educator.pk, reason="A slip.", at=noon(9))
        connections.close_all()

    thread = threading.Thread(target=other)
    with acting_as("area_learning"):
        judge(educator, student, competency, 4, on=2)
        thread.start()
        _until_someone_waits()
    thread.join()
    kept = CurrentLevel.objects.get(student_id=student.pk, competency_id=competency.pk)
    assert (kept.rank, kept.judgments) == (rank, judgments)


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
