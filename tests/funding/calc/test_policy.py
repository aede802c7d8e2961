"""A policy file becomes law for a program, or is refused with what is missing."""

import hashlib

import pytest

from funding.calc.releasable import read_releasable
from rulebook.load import RuleError
from tests import build

TEXT = build.policy_text()
PROGRAM = "program: {code: trial, catalogue: trial, fiscal_year_starts_month: 7, unit: module, timetable: by_hand}"


def refusal_of(content):
    with pytest.raises(RuleError) as caught:
        read_releasable(content, "rules.yaml")
    return str(caught.value)


def line_of(start):
    return 1 + next(number for number, line in enumerate(TEXT.splitlines()) if line.startswith(start))


def test_a_policy_carries_the_hash_of_its_text_byte_for_byte():
    assert read_releasable(TEXT, "rules.yaml").sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    assert read_releasable(TEXT + " ", "rules.yaml").sha256 != read_releasable(TEXT, "rules.yaml").sha256


@pytest.mark.parametrize(
    ("word", "other", "expected"),
    [
        ("timetable: by_hand", "timetable: hourly", "expected one of nightly, by_hand, found 'hourly'"),
        ("unit: module", "unit: pupil", "expected one of module, enrollment, found 'pupil'"),
        ("fiscal_year_starts_month: 7", "fiscal_year_starts_month: 13", "expected a whole number from 1 to 12, found '13'"),
        ("code: trial, ", "", "key 'code' is missing; add it"),
        ("timetable: by_hand", "timetable: by_hand, reads: {seat_time: credit}", "seat_time is no fact of this policy; the facts are"),
        ("timetable: by_hand", "timetable: by_hand, reads: {credit: start_of_learning}",
         "credit is a number, but start_of_learning of the record is a date; read it from where there is one"),
        ("timetable: by_hand", "timetable: by_hand, reads: {credit: {need: low_income}}",
         "credit is declared as enrollment, but need is need; let the two agree"),
        ("timetable: by_hand", "timetable: by_hand, reads: {credit: {by_course: {ALG: '1'}, by_provider: {P1: '1'}}}",
         "a fact has one place in the record, here are 2"),
        ("timetable: by_hand", "timetable: by_hand, reads: {credit: {by_course: {ALG: half}}}", "'credit' is 'half'; expected a "),
        ("timetable: by_hand", "timetable: by_hand, reads: {credit: {days_learned: {at_most: 0}}}",
         "expected a whole number from 1 to 3660, found '0'"),
    ],
)  # fmt: skip
def test_a_program_that_cannot_be_meant_is_refused_at_its_line(word, other, expected):
    refusal = refusal_of(TEXT.replace(PROGRAM, PROGRAM.replace(word, other)))
    assert refusal.startswith(f"rules.yaml:{line_of('program:')}: ")
    assert expected in refusal


def test_a_policy_without_a_program_is_not_one_for_the_night():
    assert "says whose; add a `program` section" in refusal_of(TEXT.replace(PROGRAM, ""))


def test_a_policy_that_asks_what_nobody_records_is_refused_by_the_fact():
    text = TEXT.replace("facts:\n", "facts:\n  seats: {is: number, measure: count, label: seats}\n")
    text = text.replace("product: [rate, credit, share]", "product: [rate, credit, share, seats]")
    assert "seats (seats) is not in the record" in refusal_of(text)


def test_a_policy_without_a_figure_on_its_first_day_is_refused():
    text = TEXT.replace("in_force_from: 2025-07-01", "in_force_from: 2025-06-30")
    assert "rate per credit has no value on 2025-06-30, the policy's first day; add one" in refusal_of(text)


def test_the_night_pays_providers_and_in_whole_cents():
    assert "earned goes to school: write `to: provider`" in refusal_of(TEXT.replace("to: provider", "to: school"))
    assert "payments are whole cents" in refusal_of(TEXT.replace('step: "0.01"', 'step: "0.001"'))


def test_only_a_file_that_says_so_is_a_demonstration():
    assert not read_releasable(TEXT, "rules.yaml").demonstration
    said = TEXT.replace(PROGRAM, PROGRAM[:-1] + ', demonstration: "true"}')
    assert read_releasable(said, "rules.yaml").demonstration
