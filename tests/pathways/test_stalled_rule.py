"""calc/stalled.py and rules/stalled.yaml: stalled by a rule that is data."""

import datetime
from pathlib import Path

import pytest

from pathways.calc.stalled import KINDS, read_stalled_rule, stall_of
from rulebook.load import RuleError

RULE = Path(__file__).parents[2] / "pathways" / "rules" / "stalled.yaml"
TEXT = RULE.read_text()
DAY = datetime.date(2026, 3, 30)


def days_ago(number):
    return DAY - datetime.timedelta(days=number)


def test_the_rule_that_ships_is_read_and_cites_a_source_at_every_value():
    rule = read_stalled_rule(TEXT, RULE.name)
    assert set(rule.days) == set(KINDS)
    for citation in [rule.basis, *(value.citation for kind in KINDS for value in rule.days[kind].values)]:
        assert len(citation.title) > 10
        assert citation.link.startswith(("https://", "docs/"))


def test_a_stall_begins_on_the_day_that_the_rule_names_and_each_kind_has_its_own():
    rule = read_stalled_rule(TEXT, RULE.name)
    assert stall_of(rule, kind="academic", last_sign_on=days_ago(20), day=DAY) is None
    stall = stall_of(rule, kind="academic", last_sign_on=days_ago(21), day=DAY)
    assert stall.words == "No evidence, judgement or request for 21 days; the rule says 21."
    assert stall_of(rule, kind="lifelong", last_sign_on=days_ago(41), day=DAY) is None
    assert stall_of(rule, kind="lifelong", last_sign_on=days_ago(42), day=DAY).rule_days == 42


def test_a_changed_value_counts_from_its_day_on():
    later = TEXT.replace(
        '        value: "21"\n',
        '        value: "21"\n        citation: {title: The tests, section: invented, link: docs/learning-record.md}\n'
        '      - from: 2026-04-01\n        value: "10"\n',
    )
    rule = read_stalled_rule(later, "later.yaml")
    assert (rule.days_on("academic", DAY), rule.days_on("academic", datetime.date(2026, 4, 1))) == (21, 10)
    assert rule.days_on("academic", datetime.date(2019, 1, 1)) is None
    assert stall_of(rule, kind="academic", last_sign_on=datetime.date(2010, 1, 1), day=datetime.date(2019, 1, 1)) is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("rule: stalled", "rule: stalling", "expected one of stalled"),
        ("  lifelong:", "  social:", "unknown key 'social'"),
        ('value: "21"', "value: 21", "quoted string"),
        ('value: "21"', 'value: "2.5"', "whole days"),
        ('value: "21"', 'value: "0"', "whole days"),
        ("unit: days", "unit: weeks", "found 'weeks'"),
        ("          section: Stalled\n", "", "'section' is missing"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_with_its_line(old, new, said):
    with pytest.raises(RuleError, match=rf"stalled\.yaml:\d+: .*{said}"):
        read_stalled_rule(TEXT.replace(old, new, 1), "stalled.yaml")
