"""Rows of attested facts: whatever stands in the cells becomes a row or a refusal, and an amount stays exact."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrollments.calc.attested_rows import AttestedRow, milestone_row, need_row, prior_learning_row
from enrollments.calc.completion_rows import REASONS, Refusal

CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "true", "1", "0", "passed", "language", "2026-01-01", "2026-02-30", "5/2", "0/0", "1e9", "-0", "٣", "=1+1"]),
)


@given(
    cells=st.lists(CELLS, min_size=5, max_size=5), read=st.sampled_from([(milestone_row, 4), (need_row, 5), (prior_learning_row, 4)])
)
def test_any_cells_are_a_row_or_a_refusal_with_its_way_out(cells, read):
    row_from, width = read
    made = row_from(7, *cells[:width])
    assert made.row == 7
    if isinstance(made, Refusal):
        assert made.detail.endswith(REASONS[made.reason])
    else:
        assert isinstance(made, AttestedRow)
        assert not (made.void and made.content)


@given(numerator=st.integers(-(10**9) + 1, 10**9 - 1), denominator=st.integers(1, 10**9 - 1))
def test_an_amount_is_kept_exactly_in_lowest_terms(numerator, denominator):
    row = prior_learning_row(2, "E", "grades_to_grow", f"{numerator}/{denominator}", "")
    exact = Fraction(numerator, denominator)
    assert row.content == f"{exact.numerator}/{exact.denominator}"


@pytest.mark.parametrize(("amount", "exact"), [("2.5", "5/2"), ("0.333333", "333333/1000000"), ("-1.50", "-3/2"), ("007", "7/1")])
def test_a_decimal_is_read_exactly(amount, exact):
    assert prior_learning_row(2, "E", "m", amount, "0").content == exact


@pytest.mark.parametrize("amount", ["1/0", "1.", ".5", "1.2345678", "1 000", "+1", "12345678901", "½", "٣"])
def test_what_is_no_exact_amount_is_refused(amount):
    assert prior_learning_row(2, "E", "m", amount, "").reason == "not_a_fraction"


def test_a_need_may_begin_of_old_and_ends_after_it_began():
    assert need_row(2, "E", "language", "", "2026-01-01", "") == AttestedRow(2, "E", "language", None, "2026-01-01", False)
    assert need_row(2, "E", "language", "2026-01-01", "2026-01-01", "").from_on == date(2026, 1, 1)
    assert need_row(2, "E", "language", "2026-01-02", "2026-01-01", "").reason == "ends_before_start"
