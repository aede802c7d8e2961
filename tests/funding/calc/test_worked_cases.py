"""The worked cases of tests/cases/plain-completion.yaml, which anyone can check with pencil and paper."""

import datetime
from fractions import Fraction
from pathlib import Path

import pytest

from funding.calc.case_price import Case
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
            circumstances={},
        )
        held = keys["held_amount"].decimal() if "held_amount" in keys else 0
        yield pytest.param(keys["rate"].decimal(), case, keys["earned"].decimal() * 100, held * 100, id=keys["case"].text())


@pytest.mark.parametrize(("rate", "case", "earned_cents", "held_cents"), list(worked_cases()))
def test_a_worked_case_comes_out_as_written(rate, case, earned_cents, held_cents):
    priced = build.case_price(case, rate=rate)
    assert (priced.earned_cents, priced.held_cents, priced.problem) == (earned_cents, held_cents, "")
    assert priced.parts == ({"state": earned_cents} if earned_cents else {})


def test_the_trace_shows_rate_share_and_rounding_with_their_citations():
    case = Case(datetime.date(2025, 7, 1), 4, 0, 5, 1, 1, {})
    trace = build.case_trace(case, rate="986.88")
    assert build.case_price(case, rate="986.88").results == {"counted": "4", "share": "0.8", "earned": "789.504"}
    assert [step.arithmetic for step in trace] == [
        "from 2025-07-01, USD per credit",
        "smallest: of [completed 4, assigned 5]",
        "quotient: of counted 4, by assigned 5, if_nothing zero",
        "product: of [rate 986.88, credit 1, share 0.8]",
        "789.504",
    ]
    assert trace[-1].result == "789.5 USD"
    assert trace[-1].words == "earned is paid to provider from state, rounded half up to 0.01."
    assert trace[0].citation.title == trace[2].citation.title == "The tests"


def test_a_case_before_the_first_rate_is_a_problem_that_names_the_day_and_pays_nothing():
    priced = build.case_price(Case(datetime.date(2025, 6, 30), 1, 0, 5, 1, 1, {}))
    assert (priced.earned_cents, priced.parts) == (0, {})
    assert "no value in force on 2025-06-30" in priced.problem
