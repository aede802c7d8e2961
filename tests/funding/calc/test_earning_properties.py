"""What holds for every case and amount, not only for the worked ones."""

import datetime
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from funding.calc.case_price import Case
from funding.calc.money import half_up_to_cents, in_words
from tests import build

DAY = datetime.date(2025, 7, 1)
amounts = st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**6)
rates = st.decimals(min_value=0, max_value=100_000, places=2)
credits_ = st.fractions(min_value=0, max_value=4, max_denominator=24)
counts = st.integers(0, 60)


def earned(rate, credit, completed, required, held=0):
    return build.case_price(Case(DAY, completed, held, required, credit.numerator, credit.denominator, {}), rate=f"{rate:f}")


@given(amounts)
def test_rounding_a_negative_amount_mirrors_the_positive_one(amount):
    assert half_up_to_cents(-amount) == -half_up_to_cents(amount)


@given(amounts)
def test_rounding_moves_an_amount_by_half_a_cent_at_most_and_a_half_away_from_zero(amount):
    moved = abs(half_up_to_cents(amount)) - abs(amount) * 100
    assert -Fraction(1, 2) < moved <= Fraction(1, 2)


@given(st.integers(-(10**12), 10**12))
def test_whole_cents_are_left_as_they_are(cents):
    assert half_up_to_cents(Fraction(cents, 100)) == cents


@given(amounts, amounts)
def test_rounding_never_changes_which_amount_is_the_greater(one, other):
    low, high = sorted((one, other))
    assert half_up_to_cents(low) <= half_up_to_cents(high)


@given(rates, credits_, counts, counts, st.integers(1, 60))
def test_more_completed_never_earns_less(rate, credit, completed, more, required):
    assert earned(rate, credit, completed, required).earned_cents <= earned(rate, credit, completed + more, required).earned_cents


@given(rates, credits_, counts, st.integers(1, 60))
def test_no_number_of_completions_earns_more_than_the_whole(rate, credit, completed, required):
    whole = half_up_to_cents(Fraction(rate) * credit)
    assert 0 <= earned(rate, credit, completed, required).earned_cents <= whole
    assert earned(rate, credit, required, required).earned_cents == whole


@given(rates, credits_, counts, counts)
def test_where_nothing_is_required_nothing_is_earned_and_nothing_held(rate, credit, completed, held):
    priced = earned(rate, credit, completed, 0, held)
    assert (priced.earned_cents, priced.held_cents) == (0, 0)


@given(rates, credits_, counts, counts, st.integers(1, 60))
def test_what_is_held_is_exactly_what_accepting_it_would_add(rate, credit, completed, held, required):
    priced = earned(rate, credit, completed, required, held)
    assert priced.held_cents >= 0
    assert priced.earned_cents + priced.held_cents == earned(rate, credit, completed + held, required).earned_cents


@given(rates, credits_, counts, counts, counts)
def test_the_same_case_is_always_priced_and_explained_the_same(rate, credit, completed, held, required):
    assert earned(rate, credit, completed, required, held) == earned(rate, credit, completed, required, held)


@given(rates, credits_, counts, st.integers(1, 60))
def test_the_trace_ends_with_the_amount_that_is_paid(rate, credit, completed, required):
    priced = earned(rate, credit, completed, required)
    case = Case(DAY, completed, 0, required, credit.numerator, credit.denominator, {})
    trace = build.case_trace(case, rate=f"{rate:f}")
    assert Decimal(trace[-1].result.removesuffix(" USD")) * 100 == priced.earned_cents
    assert half_up_to_cents(Fraction(trace[-2].result)) == half_up_to_cents(Fraction(priced.results["earned"])) == priced.earned_cents


@given(st.integers(-(10**15), 10**15))
def test_an_amount_in_words_reads_back_to_its_cents(cents):
    assert Decimal(in_words(cents, "USD").removesuffix(" USD").replace(",", "")) * 100 == cents
