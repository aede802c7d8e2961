"""A year ahead, pure: the prediction, the instalments whatever re-estimates come, the true-up and its parts."""

import datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funding.calc.primitives.kinds import CannotMean
from funding.calc.year_ahead import (
    Instalment,
    Learned,
    check_schedule,
    instalments_of,
    monthly,
    part_due_on,
    parts_of_true_up,
    predict,
    to_true_up,
)

cents = st.integers(0, 10**9)


def day(text):
    return datetime.date.fromisoformat(text)


def test_a_provider_is_predicted_by_its_own_share_and_a_new_one_by_everybodys():
    prior = {"A": Learned(50_00, 100_00), "B": Learned(300_00, 300_00), "left": Learned(0, 100_00)}
    found = predict(prior, {"A": 80_00, "B": 40_00, "new": 10_01})
    assert {name: (one.share, one.by_average, one.amount_cents) for name, one in found.items()} == {
        "A": (Fraction(1, 2), False, 40_00),
        "B": (Fraction(1), False, 40_00),
        # 350 of 500: 7.007 dollars, half up
        "new": (Fraction(7, 10), True, 7_01),
    }


def test_half_a_cent_of_a_prediction_goes_up():
    assert predict({"A": Learned(1, 2)}, {"A": 3})["A"].amount_cents == 2


def test_who_could_earn_nothing_before_is_predicted_by_the_average_and_nobody_at_all_is_refused():
    assert predict({"A": Learned(0, 0), "B": Learned(1, 4)}, {"A": 400})["A"].amount_cents == 100
    with pytest.raises(CannotMean, match="no share to predict by"):
        predict({"A": Learned(0, 0)}, {"A": 400})


@given(st.dictionaries(st.sampled_from("ABCD"), st.tuples(cents, cents), min_size=1), st.dictionaries(st.sampled_from("ABCDE"), cents))
def test_no_prediction_is_below_nothing_or_beyond_the_whole(prior, whole):
    learned = {name: Learned(min(pair), max(pair)) for name, pair in prior.items()}
    if not any(one.whole_cents for one in learned.values()):
        return
    for name, one in predict(learned, whole).items():
        assert 0 <= one.amount_cents <= whole[name]


def test_monthly_instalments_fall_on_the_first_days_and_are_the_whole():
    schedule = monthly(day("2025-07-01"), 12)
    assert [one.due_on.isoformat() for one in schedule][::11] == ["2025-07-01", "2026-06-01"]
    check_schedule(schedule, day("2026-06-30"))
    assert [one.due_on.isoformat() for one in monthly(day("2025-08-31"), 3)] == ["2025-08-31", "2025-09-30", "2025-10-31"]


@pytest.mark.parametrize(
    ("schedule", "match"),
    [
        ([], "at least one"),
        ([("2025-07-01", "1/2"), ("2025-08-01", "1/3")], "add up to 5/6"),
        ([("2025-07-01", "3/2"), ("2025-08-01", "-1/2")], "not above 0"),
        ([("2025-08-01", "1/2"), ("2025-07-01", "1/2")], "in the order"),
        ([("2025-07-01", "1/2"), ("2025-07-01", "1/2")], "each day once"),
        ([("2025-07-01", "1/2"), ("2026-07-01", "1/2")], "after the year's last day"),
    ],
)
def test_a_schedule_that_cannot_be_meant_is_refused(schedule, match):
    with pytest.raises(CannotMean, match=match):
        check_schedule([Instalment(day(on), Fraction(share)) for on, share in schedule], day("2026-06-30"))


shares = st.lists(st.integers(1, 100), min_size=1, max_size=12).map(lambda ns: [Fraction(n, sum(ns)) for n in ns])


@given(shares, st.lists(cents, min_size=1, max_size=12))
def test_whatever_is_re_estimated_the_instalments_are_the_last_prediction_or_nothing_less_than_what_was_paid(of, predictions):
    paid: list[int] = []
    for number in range(len(of)):
        newest = predictions[min(number, len(predictions) - 1)]
        plan = instalments_of(newest, of, paid)
        assert [int(amount) for amount in plan.periods[: len(paid)]] == paid
        assert all(amount.denominator == 1 and amount >= 0 for amount in plan.periods)
        assert sum(plan.periods) - plan.carried == newest
        paid.append(int(plan.periods[number]))
    # The last instalment leaves what its prediction says, or a debt that no instalment could take back.
    newest = predictions[min(len(of), len(predictions)) - 1]
    assert sum(paid) >= newest


@given(cents, cents, st.integers(-(10**9), 10**9), st.integers(1, 24))
def test_advanced_and_all_true_ups_are_what_was_earned_however_they_are_parted(actual, advanced, before, parts):
    amount = to_true_up(actual, advanced, before)
    posted = parts_of_true_up(amount, parts)
    assert advanced + before + sum(posted) == actual
    assert len({part > 0 for part in posted if part}) <= 1
    assert to_true_up(actual, advanced, before + sum(posted)) == 0


def test_what_comes_back_in_parts_falls_due_at_the_ends_of_months():
    assert parts_of_true_up(-1000, 3) == (-333, -333, -334)
    assert parts_of_true_up(1000, 3) == (1000,)
    on = day("2026-07-31")
    assert [part_due_on(on, part).isoformat() for part in (1, 2, 3)] == ["2026-07-31", "2026-08-31", "2026-09-30"]


def test_the_academys_year_ahead_comes_to_the_figures_of_the_policy_paper():
    """1,200 half credits predicted at 493.44; 1,130 or 1,275 completed (the collection's case nh-vlacs-reconcile)."""
    rate = 493_44
    advance = predict({"A": Learned(rate, rate)}, {"A": 1200 * rate})["A"].amount_cents
    assert advance == 592_128_00
    assert [to_true_up(count * rate, advance, 0) for count in (1130, 1275)] == [-34_540_80, 37_008_00]
