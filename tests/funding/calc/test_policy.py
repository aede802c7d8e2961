"""A policy file becomes a policy, or is refused with its line."""

import hashlib

import pytest

from funding.calc.policy import read_policy
from rulebook.load import RuleError
from tests import build

TEXT = build.policy_text()


def refusal_of(content):
    with pytest.raises(RuleError) as caught:
        read_policy(content, "rules.yaml")
    return str(caught.value)


def line_of(start):
    return 1 + next(number for number, line in enumerate(TEXT.splitlines()) if line.startswith(start))


def test_a_policy_carries_the_hash_of_its_text_byte_for_byte():
    assert read_policy(TEXT, "rules.yaml").sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    assert read_policy(TEXT + " ", "rules.yaml").sha256 != read_policy(TEXT, "rules.yaml").sha256


@pytest.mark.parametrize(
    ("key", "other"),
    [
        ("formula", "seat_time"),
        ("governed_by", "start_of_payment"),
        ("rounding", "half_even"),
        ("settlement", "weekly"),
        ("timetable", "hourly"),
        ("currency", "EUR"),
        ("fiscal_year_starts_month", "13"),
        ("in_force_from", "2026-13-01"),
        ("program", "''"),
        ("basis", "none"),
        ("rate_per_credit", "none"),
    ],
)
def test_a_rule_that_this_formula_does_not_know_is_refused_at_its_line(key, other):
    lines = TEXT.splitlines()
    number = line_of(f"{key}:")
    nested = number
    while nested < len(lines) and lines[nested].startswith(" "):
        nested += 1
    changed = [*lines[: number - 1], f"{key}: {other}", *lines[nested:]]
    assert refusal_of("\n".join(changed)).startswith(f"rules.yaml:{number}: expected ")


@pytest.mark.parametrize("key", ["program", "basis", "rate_per_credit", "rounding"])
def test_a_rule_left_out_is_refused(key):
    number = line_of(f"{key}:")
    lines = [line for position, line in enumerate(TEXT.splitlines(), 1) if position != number]
    if key == "rate_per_credit":
        lines = [line for line in lines if not line.startswith(" ")]
    assert f"key {key!r} is missing; add it" in refusal_of("\n".join(lines))


def test_a_policy_without_a_rate_on_its_first_day_is_refused():
    text = TEXT.replace("in_force_from: 2025-07-01", "in_force_from: 2025-06-30")
    assert refusal_of(text) == (
        f"rules.yaml:{line_of('rate_per_credit:') + 1}: no rate is in force on 2025-06-30, the policy's first day; add one"
    )


def test_only_a_file_that_says_so_is_a_demonstration():
    assert not read_policy(TEXT, "rules.yaml").demonstration
    assert read_policy(TEXT + 'demonstration: "true"\n', "rules.yaml").demonstration
