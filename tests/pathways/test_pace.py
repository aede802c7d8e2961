"""calc/pace.py: pace against the student's own dates, in plain words."""

import datetime

from hypothesis import given
from hypothesis import strategies as st

from pathways.calc.pace import Dated, pace_on, spread

TODAY = datetime.date(2026, 3, 2)


def dated(*said):
    """(days from today, mastered) for competencies 1, 2, ..."""
    return [Dated(pk, TODAY + datetime.timedelta(days=days), mastered) for pk, (days, mastered) in enumerate(said, start=1)]


def in_days(number):
    return TODAY + datetime.timedelta(days=number)


def test_a_student_without_own_dates_has_no_pace():
    assert pace_on([], TODAY).ahead is None
    assert pace_on([], TODAY).words == "No own dates are set."


def test_a_student_is_on_pace_ahead_or_behind_by_own_dates_alone():
    assert pace_on(dated((-3, True), (0, True), (5, False)), TODAY).words == "On pace."
    assert pace_on(dated((-3, True), (5, True), (6, True), (7, False)), TODAY).words == "2 ahead."
    assert pace_on(dated((-3, False), (0, False), (20, False)), TODAY).ahead == -2


def test_early_work_makes_up_for_late_work_and_what_is_late_is_named():
    pace = pace_on(dated((-3, False), (9, True)), TODAY)
    assert (pace.ahead, pace.words, pace.late) == (0, "On pace.", (1,))


def test_a_way_to_catch_up_spreads_what_is_left_over_the_days_that_are_left():
    pace = pace_on(dated((-9, False), (-3, False), (0, True), (30, False)), TODAY)
    assert pace.words == "2 behind. To catch up: 2026-03-12 for the first, 2026-04-01 for the last of 3 left."
    assert pace.catch_up == ((1, in_days(10)), (2, in_days(20)), (4, in_days(30)))


def test_a_way_to_catch_up_gives_a_week_each_where_no_day_is_left():
    assert pace_on(dated((-9, False)), TODAY).words == f"1 behind. To catch up: {in_days(7)}."
    assert spread([5, 6], TODAY, in_days(-30)) == ((5, in_days(7)), (6, in_days(14)))


@given(st.lists(st.tuples(st.integers(-200, 200), st.booleans()), min_size=1, max_size=30))
def test_whoever_catches_up_by_the_proposed_days_is_never_behind_again(said):
    items = dated(*said)
    pace = pace_on(items, TODAY)
    assert pace.ahead == sum(m for _, m in said) - sum(d <= 0 for d, _ in said)
    if pace.ahead is not None and pace.ahead < 0:
        assert {pk for pk, _ in pace.catch_up} == {item.competency for item in items if not item.mastered}
        days = [on for _, on in pace.catch_up]
        assert days == sorted(days)
        assert all(on > TODAY for on in days)
        agreed = [Dated(pk, on, False) for pk, on in pace.catch_up]
        assert pace_on(agreed, TODAY).ahead == 0
