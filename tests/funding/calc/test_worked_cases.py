"""The worked cases of tests/cases/plain-completion.yaml, which anyone can check with pencil and paper."""

import datetime
from fractions import Fraction
from pathlib import Path

import pytest

from funding.calc.earning import Case, price
from funding.calc.policy import read_policy
from rulebook.load import read_rules
from tests import build

FILE = Path(__file__).parents[2] / "cases" / "plain-completion.yaml"
KEYS = ("case", "rate", "credit", "completed", "required", "earned", "why")


def worked_cases():
    for item in read_rules(FILE.read_text(), FILE.name).mapping(("cases",))["cases"].items():
        keys = item.mapping(KEYS, ("held", "held_amount"))
        credit = Fraction(keys["credit"].text())
        case = Case(
            rate_from=datetime.date(2025, 7, 1),
            completed=keys["completed"].integer(0, 10_000),
            held=keys["held"].integer(0, 10_000) if "held" in keys else 0,
            required=keys["required"].integer(0, 10_000),
            credit_numerator=credit.numerator,
            credit_denominator=credit.denominator,
        )
        held = keys["held_amount"].decimal() if "held_amount" in keys else 0
        yield pytest.param(keys["rate"].decimal(), case, keys["earned"].decimal() * 100, held * 100, id=keys["case"].text())


@pytest.mark.parametrize(("rate", "case", "earned_cents", "held_cents"), list(worked_cases()))
def test_a_worked_case_comes_out_as_written(rate, case, earned_cents, held_cents):
    priced = price(read_policy(build.policy_text(rate=rate), "tests.yaml"), case)
    assert (priced.earned_cents, priced.held_cents) == (earned_cents, held_cents)


def test_the_trace_shows_rate_whole_share_and_rounding_with_their_citations():
    policy = read_policy(build.policy_text(rate="986.88"), "tests.yaml")
    trace = price(policy, Case(datetime.date(2025, 7, 1), 4, 0, 5, 1, 1)).trace
    assert [step.arithmetic for step in trace] == [
        "from 2025-07-01: 986.88 USD per credit",
        "986.88 x 1",
        "986.88 x 1 x 4 / 5",
        "789.504",
    ]
    assert trace[-1].result == "789.50 USD"
    assert trace[0].citation.title == trace[2].citation.title == "The tests"
    assert trace[0].as_json()["citation"]["section"] == "invented"


def test_the_trace_of_work_beyond_the_whole_shows_the_share_that_counts():
    policy = read_policy(build.policy_text(rate="986.88"), "tests.yaml")
    assert price(policy, Case(datetime.date(2025, 7, 1), 7, 0, 5, 1, 1)).trace[2].arithmetic == "986.88 x 1 x 5 / 5"
    assert price(policy, Case(datetime.date(2025, 7, 1), 0, 0, 0, 1, 1)).trace[2].arithmetic == "nothing is required: 0"


def test_a_case_before_the_first_rate_is_refused_by_the_day():
    policy = read_policy(build.policy_text(), "tests.yaml")
    with pytest.raises(ValueError, match="no rate in force on 2025-06-30"):
        price(policy, Case(datetime.date(2025, 6, 30), 1, 0, 5, 1, 1))
