"""One row alone: which values are taken, and how the others are named."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrollments.calc.completion_rows import REASONS, CompletionRow, Refusal, row_from_object, row_from_text

GOOD = {"source_id": "s", "enrollment": "e", "assignment": "a", "completed_on": "2026-01-15", "carried_over": False}
anything = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=2))


def test_a_good_object_and_a_good_line_are_the_same_row():
    row = CompletionRow(7, "s", "e", "a", datetime.date(2026, 1, 15), True)
    assert row_from_object(7, {**GOOD, "carried_over": True}) == row
    assert row_from_text(7, "s", "e", "a", "2026-01-15", "true") == row
    assert row_from_text(7, "s", "e", "a", "2026-01-15", "1") == row


def test_a_void_names_its_id_alone():
    assert row_from_object(1, {"source_id": "s", "void": True}) == CompletionRow(1, "s", None, None, None, False, True)
    assert row_from_object(1, {**GOOD, "void": True}).reason == "unknown_field"
    assert row_from_object(1, {**GOOD, "void": False}).void is False


@pytest.mark.parametrize("code", ["AAA-2013J-11391", "ñandú", "漢字", "a b", "e-1", "(x)", 'a"b', "a,b", "#1", "é" * 100])
def test_codes_of_any_script_are_taken(code):
    assert row_from_object(1, {**GOOD, "source_id": code}).source_id == code


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("source_id", "x" * 101, "too_long"),
        ("assignment", "x" * 61, "too_long"),
        ("source_id", "a\0b", "control_character"),
        ("source_id", "a\u2029b", "control_character"),
        ("source_id", "\udc80", "lone_surrogate"),
        ("source_id", "\u3000", "missing"),
        ("source_id", "s ", "surrounding_space"),
        ("enrollment", "=1", "formula"),
        ("enrollment", 5, "wrong_type"),
        ("enrollment", None, "missing"),
        ("completed_on", "2025-02-29", "not_a_date"),
        ("completed_on", "2026-1-15", "not_a_date"),
        ("completed_on", "٢٠٢٦-٠١-١٥", "not_a_date"),
        ("completed_on", "1989-12-31", "date_out_of_range"),
        ("completed_on", "2200-01-01", "date_out_of_range"),
        ("carried_over", "yes", "not_a_boolean"),
        ("carried_over", 2, "not_a_boolean"),
        ("carried_over", None, "not_a_boolean"),
        ("mark", 90, "unknown_field"),
    ],
)
def test_a_bad_value_is_named_with_its_field_and_the_way_out(field, value, reason):
    refusal = row_from_object(3, {**GOOD, field: value})
    assert (refusal.row, refusal.field, refusal.reason) == (3, field, reason)
    assert refusal.detail.endswith(REASONS[reason])


@pytest.mark.parametrize("day", ["1990-01-01", "2199-12-31", "2024-02-29"])
def test_the_first_the_last_and_a_leap_day_are_taken(day):
    assert row_from_text(1, "s", "e", "a", day, "").completed_on == datetime.date.fromisoformat(day)


@given(st.dictionaries(st.sampled_from([*GOOD, "void"]) | st.text(max_size=3), anything))
def test_no_object_whatever_gets_through_but_as_a_row_or_a_refusal(fields):
    result = row_from_object(1, fields)
    assert isinstance(result, CompletionRow | Refusal)
    if isinstance(result, Refusal):
        result.field.encode()
        assert "\0" not in result.field + result.detail
    else:
        result.source_id.encode()
