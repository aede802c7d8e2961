"""The strict reader: what cannot be meant is refused, with the file, the line and the way out."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.load import DEEPEST, RuleError, read_rules


def rule(content):
    return read_rules(content, "rules.yaml")


def value(written):
    """The node of a value written so."""
    return rule(f"key: {written}\n").mapping(("key",))["key"]


def refusal_of(act):
    with pytest.raises(RuleError) as caught:
        act()
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("", "rules.yaml:1: the file is empty", id="empty file"),
        pytest.param("# only a remark\n", "rules.yaml:1: the file is empty", id="remarks only"),
        pytest.param("a: 1\n---\na: 2\n", "rules.yaml:2: expected a single document in the stream, but", id="two documents"),
        pytest.param("a: 1\nb: &x 2\n", "rules.yaml:2: anchors are not read", id="anchor"),
        pytest.param("a: 1\nb: *x\n", "rules.yaml:2: aliases are not read", id="alias"),
        pytest.param("a: 1\nb: !!python/name:os.system x\n", "rules.yaml:2: tags are not read", id="tag"),
        pytest.param("a: 1\nb: !!float '2'\n", "rules.yaml:2: tags are not read", id="tag that makes a float"),
        pytest.param("a: 1\nb: 986.88\n", 'rules.yaml:2: 986.88 is a float; write "986.88" in quotes', id="float"),
        pytest.param("a: 1\nb:\n  - [1, .nan]\n", "rules.yaml:3: .nan is a float", id="not a number, in a list"),
        pytest.param("a: 1\nb: .inf\n", "rules.yaml:2: .inf is a float", id="infinity"),
        pytest.param("a: 1\nb: 1:30.5\n", "rules.yaml:2: 1:30.5 is a float", id="float to the base of sixty"),
        pytest.param("a: 1\n1.5: b\n", "rules.yaml:2: 1.5 is a float", id="float as a key"),
        pytest.param("a:\n\tb: 2\n", "rules.yaml:2: while scanning for the next token, found character '\\t'", id="tab"),
        pytest.param("a: 1\nb: \x07\n", "rules.yaml:2: a character that no text has", id="control character"),
        pytest.param("a: 1\nb: [1\n", "rules.yaml:3: ", id="list left open"),
        pytest.param("a: 'x\n", "rules.yaml:2: ", id="quote left open"),
        pytest.param("[" * 100_000, f"rules.yaml:1: nested deeper than {DEEPEST}", id="a hundred thousand lists deep"),
        pytest.param("{a: " * 100_000, f"rules.yaml:1: nested deeper than {DEEPEST}", id="a hundred thousand keys deep"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_at_its_line(content, message):
    assert refusal_of(lambda: rule(content)).startswith(message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("- a\n", "rules.yaml:1: expected keys (known), found a list", id="a list"),
        pytest.param("just words\n", "rules.yaml:1: expected keys (known), found a single value", id="a single value"),
        pytest.param("known: 1\nother: 2\n", "rules.yaml:2: unknown key 'other'; known here: known, more", id="unknown key"),
        pytest.param("known: 1\nknown: 1\n", "rules.yaml:2: key 'known' is given twice; keep one", id="key twice"),
        pytest.param("more: 1\n", "rules.yaml:1: key 'known' is missing; add it", id="key missing"),
        pytest.param("known: 1\n<<: {more: 2}\n", "rules.yaml:2: unknown key '<<'", id="keys merged in"),
        pytest.param("? [a]\n: b\n", "rules.yaml:1: expected a single value, found a list", id="a list as a key"),
    ],
)
def test_keys_other_than_the_known_ones_are_refused(content, message):
    assert refusal_of(lambda: rule(content).mapping(("known",), ("more",))).startswith(message)


@pytest.mark.parametrize("written", ["", "~", "null", "''", "'  '", '"\\0"', '"a\\u200b"', '"\\ud800"', "[a]", "{a: b}"])
def test_a_text_that_says_nothing_or_hides_something_is_refused(written):
    assert refusal_of(value(written).text).startswith("rules.yaml:1: ")


def test_a_text_may_run_over_several_lines():
    assert value(">\n  one\n  two\n").text() == "one two\n"


@pytest.mark.parametrize(
    "written",
    ["20260701", "2026-7-1", "2026-02-30", "2026-W27-3", "2026-07-01T00:00", "'٢٠٢٦-٠٧-٠١'", "tomorrow", "[2026-07-01]"],
)
def test_a_date_is_a_real_day_written_year_month_day(written):
    assert refusal_of(value(written).date).startswith("rules.yaml:1: expected a")


def test_a_date_is_read_quoted_or_not():
    assert value("2026-07-01").date() == value("'2026-07-01'").date() == datetime.date(2026, 7, 1)


@pytest.mark.parametrize("written", ["0", "13", "-1", "010", "1_0", "0x1", "1:30", "'１'", "9" * 5000, "true", "''"])
def test_a_whole_number_is_plain_digits_within_its_bounds(written):
    assert refusal_of(lambda: value(written).integer(1, 12)).startswith("rules.yaml:1: expected a whole number from 1 to 12")


@pytest.mark.parametrize(
    "written",
    [
        "'986_88'", "' 986.88'", "'9.8688E+2'", "'1e9'", "'+1'", "'-1'", "'-0'", "'NaN'", "'Infinity'", "'٩٨٦'", "''", "'.5'",
        "'1.'", "'010'", "'1,000.00'", "'" + "9" * 11 + "'",
    ],
)  # fmt: skip
def test_a_decimal_in_any_but_the_plain_form_is_refused(written):
    assert refusal_of(value(written).decimal).startswith("rules.yaml:1: expected a decimal number of at least 0")


@pytest.mark.parametrize("written", ["986", "0"])
def test_a_decimal_without_quotes_is_refused_with_the_quoted_form(written):
    assert f'"{written}"' in refusal_of(value(written).decimal)


@pytest.mark.parametrize(("written", "meant"), [('"986.88"', "986.88"), ("'0'", "0"), ('"9999999999.999999999999"', None)])
def test_a_quoted_decimal_is_read_exactly(written, meant):
    assert value(written).decimal() == Decimal(meant or written.strip('"'))


@pytest.mark.parametrize("written", ["[]", "{}", "a"])
def test_a_list_needs_an_entry(written):
    assert "expected a list with at least one entry" in refusal_of(value(written).items)


def test_a_choice_names_what_is_allowed():
    assert refusal_of(lambda: value("weekly").choice("nightly", "by_hand")) == (
        "rules.yaml:1: expected one of nightly, by_hand, found 'weekly'"
    )


@pytest.mark.parametrize("missing", ["title", "section", "link"])
def test_a_citation_needs_title_section_and_link(missing):
    parts = {"title": "A law", "section": "3", "link": "https://example.org"}
    written = "{" + ", ".join(f"{key}: '{part}'" for key, part in parts.items() if key != missing) + "}"
    assert refusal_of(value(written).citation) == f"rules.yaml:1: key '{missing}' is missing; add it"


@given(st.text(max_size=200))
def test_whatever_is_written_is_read_or_refused_with_its_line(content):
    try:
        rule(content).mapping(("a",))
    except RuleError as error:
        assert str(error).startswith("rules.yaml:")  # noqa: PT017
