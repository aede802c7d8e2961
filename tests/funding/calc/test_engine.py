"""A policy worked out: figures by date, lines for each row, rounding where the policy says, every step told, facts read strictly."""

import random
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funding.calc.engine.cases import read_cases, run_case
from funding.calc.engine.document import read_document
from funding.calc.engine.evaluate import NotPriced, price, work_out
from funding.calc.engine.facts import FactRefused, read_facts

CITED = 'citation: {title: A law, section: "3", link: "https://example.org"}'
POLICY = """
policy: try
name: A policy to try the engine on
currency: USD
in_force_from: 2025-07-01
governed_by: start
stakes: low
basis: {title: A law, section: "1", link: "https://example.org"}
rounding: {step: "0.01", mode: half_up, of: OF}
facts:
  start: {is: date, measure: day, label: first day}
  done: {is: number, measure: completion, label: done}
  change: {is: number, measure: money, label: change, below_zero: "true", otherwise: "0"}
  mode: {is: text, measure: enrollment, label: mode, words: [full, part]}
  rows:
    rows:
      start: {is: date, measure: day, label: first day}
      done: {is: number, measure: completion, label: done}
figures:
  rate:
    label: rate
    unit: USD
    values:
      - {from: 2025-07-01, until: 2026-06-30, value: "3", CITED}
      - {from: 2026-07-01, value: "4", CITED}
  sources:
    label: sources
    unit: share by source
    values: [{from: 2025-07-01, by: {state: "0.5", local: "0.5"}, CITED}]
  by_mode:
    label: rate by mode
    unit: USD
    values: [{from: 2025-07-01, by: {full: "10", part: "7"}, CITED}]
lines:
  third: {says: A third., quotient: {of: done, by: rate}}
  by_row: {says: Each row., product: [rate, rows.done]}
  row_rates: {says: Each row's own rate., in_force: {figure: rate, on: rows.start}}
  by_row_rate: {says: Each row at its own rate., product: [row_rates, rows.done]}
  all_rows: {says: All rows., total: by_row_rate}
  split_rows: {says: Each row by source., split: {of: by_row_rate, shares: sources}}
  rounded_rows: {says: To the whole., product: [third, rows.done], round: {step: "1", mode: down}}
  for_mode: {says: By mode., choose: {by: mode, cases: by_mode}}
  changed: {says: With the change., sum: [third, change]}
pays:
  - {line: third, to: provider, from: state}
  - {line: third, to: school, from: local}
""".replace("CITED", CITED)


def document(rounding="each_payment"):
    return read_document(POLICY.replace("of: OF", f"of: {rounding}"), "try.yaml")


def facts(**given_facts):
    return read_facts(document().facts, given_facts)


def test_a_figure_is_looked_up_on_the_day_that_governs():
    for day, value in (("2025-07-01", 3), ("2026-06-30", 3), ("2026-07-01", 4)):
        assert work_out(document(), facts(start=day, done=12), ["third"]) == {"third": Fraction(12, value)}
    with pytest.raises(
        NotPriced, match=r"try.yaml:\d+: line third: rate has no value in force on 2025-06-30; the first is from 2025-07-01"
    ):
        work_out(document(), facts(start="2025-06-30", done=12), ["third"])


ROWS = [{"start": "2025-09-01", "done": "1/2"}, {"start": "2026-09-01", "done": 2}]


def test_a_line_over_rows_is_worked_out_for_each_of_them():
    found = work_out(
        document(), facts(start="2025-09-01", rows=ROWS), ["by_row", "by_row_rate", "all_rows", "split_rows", "split_rows.state"]
    )
    assert found["by_row"] == (Fraction(3, 2), 6)
    assert found["by_row_rate"] == (Fraction(3, 2), 8)
    assert found["all_rows"] == Fraction(19, 2)
    assert found["split_rows"] == {"state": (Fraction(3, 4), 4), "local": (Fraction(3, 4), 4)}
    assert found["split_rows.state"] == found["split_rows"]["state"]


def test_no_rows_are_nothing():
    assert work_out(document(), facts(start="2025-09-01", rows=[]), ["all_rows"]) == {"all_rows": 0}


def test_a_marked_line_is_rounded_where_it_stands():
    assert work_out(document(), facts(start="2025-09-01", done=5, rows=ROWS), ["rounded_rows"])["rounded_rows"] == (0, 3)


def test_rounding_is_by_payment_by_total_or_only_where_marked():
    one = facts(start="2025-09-01", done=1)
    paid = {
        level: [money.amount for money in price(document(level), one).paid] for level in ("each_payment", "the_total", "marked_lines")
    }
    assert paid["each_payment"] == [Fraction("0.33")] * 2
    assert paid["the_total"] == [Fraction("0.34"), Fraction("0.33")]
    assert paid["marked_lines"] == [Fraction(1, 3)] * 2
    assert price(document("each_payment"), one).rest == Fraction(2, 3) - Fraction("0.66")
    assert price(document("the_total"), one).total == Fraction("0.67")


def test_every_step_tells_its_words_figures_and_source():
    trace = price(document(), facts(start="2025-09-01", done=1)).trace
    assert [(step.words, step.arithmetic, step.result, step.citation.title) for step in trace] == [
        ("The rate in force on 2025-09-01.", "from 2025-07-01, USD", "3", "A law"),
        ("A third.", "quotient: of done 1, by rate 3", "1/3", "A law"),
        ("third is paid to provider from state, rounded half up to 0.01.", "1/3", "0.33 USD", "A law"),
        ("third is paid to school from local, rounded half up to 0.01.", "1/3", "0.33 USD", "A law"),
    ]


def test_a_line_is_worked_out_once_and_only_if_it_is_needed():
    found = price(document(), facts(start="2025-09-01", done=1))
    assert list(found.values) == ["third"]


def test_a_missing_fact_is_named_with_the_line_that_needs_it():
    with pytest.raises(NotPriced, match=r"try.yaml:\d+: line third needs the fact 'done' \(done\); add it to the facts"):
        price(document(), facts(start="2025-09-01"))


@pytest.mark.parametrize(
    ("given_facts", "says"),
    [
        ({"done": 1.5}, "never a float"),
        ({"done": "1.5e3"}, "never a float"),
        ({"done": True}, "expected a number"),
        ({"done": None}, "expected a number"),
        ({"done": "-1"}, "cannot be below 0"),
        ({"done": "1/0"}, "expected a number"),
        ({"done": "0x10"}, "expected a number"),
        ({"done": "١"}, "expected a number"),
        ({"done": "9" * 16}, "expected a number"),
        ({"start": "2025-02-30"}, "a day like"),
        ({"start": "1 July"}, "a day like"),
        ({"mode": "half"}, "one of full, part"),
        ({"colour": 1}, "is no fact of this policy"),
        ({"rows": {"start": "2025-09-01"}}, "is a list of rows"),
        ({"rows": [1]}, "is a list of rows"),
        ({"rows": [{"start": "2025-09-01"}]}, "row 1 of 'rows' lacks 'done'"),
        ({"rows": [{"start": "2025-09-01", "done": 1, "x": 2}]}, "row 1 of 'rows' has x"),
        ({"rows.done": [1]}, "is no fact of this policy"),
    ],
)
def test_a_fact_of_another_kind_is_refused(given_facts, says):
    with pytest.raises(FactRefused, match=says):
        facts(**given_facts)


def test_a_fact_may_fall_below_zero_only_where_the_policy_says_so():
    assert work_out(document(), facts(start="2025-09-01", done=3, change="-0.5"), ["changed"]) == {"changed": Fraction(1, 2)}


PACKS = Path(__file__).parents[3] / "funding" / "packs"
TABLES = [(file, case) for file in sorted(PACKS.glob("*.cases.yaml")) for case in read_cases(file.read_text(), file.name).cases]


@given(st.randoms(use_true_random=False))
def test_the_order_in_which_facts_are_given_is_irrelevant(chance: random.Random):
    file, case = chance.choice(TABLES)
    given_facts = list(case.facts.items())
    chance.shuffle(given_facts)
    shuffled = type(case)(**{**vars(case), "facts": dict(given_facts)})
    policy = read_document((PACKS / read_cases(file.read_text(), file.name).policy).read_text(), "pack.yaml")
    assert run_case(policy, shuffled).differences == ()


def test_a_case_that_does_not_hold_says_where():
    _, case = next((file, case) for file, case in TABLES if case.name == "nh-vlacs-assignments")
    policy = read_document((PACKS / "nh-vlacs.yaml").read_text(), "nh-vlacs.yaml")
    wrong = type(case)(**{**vars(case), "expect": {"earned": "419.43"}})
    assert run_case(policy, wrong).differences == ("earned is 419.42, expected 419.43",)
