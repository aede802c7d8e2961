"""A value with its history: which one is in force on a day, and histories that cannot be meant."""

import datetime

import pytest

from rulebook.dated import read_parameter
from rulebook.load import RuleError, read_rules

CITED = "citation: {title: A law, section: '3', link: 'https://example.org'}"


def parameter(*entries):
    lines = "".join(f"  - {{from: {from_on}, value: '{value}', {CITED}}}\n" for from_on, value in entries)
    return read_parameter(read_rules(f"label: rate\nunit: USD\nvalues:\n{lines}", "rules.yaml"))


def test_a_value_is_in_force_from_its_day_until_the_next_begins():
    rate = parameter(("2025-07-01", "1"), ("2026-07-01", "2"))
    assert rate.in_force_on(datetime.date(2025, 6, 30)) is None
    assert rate.in_force_on(datetime.date(2025, 7, 1)).value == 1
    assert rate.in_force_on(datetime.date(2026, 6, 30)).value == 1
    assert rate.in_force_on(datetime.date(2026, 7, 1)).value == 2


@pytest.mark.parametrize("second", ["2025-07-01", "2025-06-30"])
def test_values_out_of_date_order_are_refused_at_their_line(second):
    with pytest.raises(RuleError, match=rf"rules.yaml:5: {second} does not follow 2025-07-01; list values in date order"):
        parameter(("2025-07-01", "1"), (second, "2"))


def test_a_value_without_a_citation_is_refused_at_its_line():
    content = "label: rate\nunit: USD\nvalues:\n  - {from: 2025-07-01, value: '1'}\n"
    with pytest.raises(RuleError, match=r"rules.yaml:4: key 'citation' is missing; add it"):
        read_parameter(read_rules(content, "rules.yaml"))


def test_a_history_without_a_value_is_refused():
    with pytest.raises(RuleError, match=r"rules.yaml:3: expected a list with at least one entry"):
        read_parameter(read_rules("label: rate\nunit: USD\nvalues: []\n", "rules.yaml"))
