# ruff: noqa: E501
"""Policy files that cannot mean anything: each refused with the file, the line and what to write instead.

Some are written out; the rest are made from two real packs by breaking one thing at every place where it can break.
"""

import re
from pathlib import Path

import pytest

from funding.calc.engine.document import read_document
from rulebook.load import RuleError

PACKS = Path(__file__).parents[3] / "funding" / "packs"
PLAIN = (PACKS / "nh-vlacs.yaml").read_text()
WIDE = (PACKS / "combined.yaml").read_text()
# A refusal tells the way out after a semicolon, or by what was expected.
WAY_OUT = re.compile(r"; |expected|write|needs|known here|near it|must|is no ")


def refusal(content):
    with pytest.raises(RuleError) as caught:
        read_document(content, "policy.yaml")
    text = str(caught.value)
    place = re.match(r"policy\.yaml:(\d+): ", text)
    assert place, text
    assert 1 <= int(place[1]) <= content.count("\n") + 1, text
    assert WAY_OUT.search(text), text
    return int(place[1]), text


def lines_with(content, pattern):
    return [(number, line) for number, line in enumerate(content.splitlines(), start=1) if re.search(pattern, line)]


def changed(content, number, line):
    rows = content.splitlines()
    rows[number - 1 : number] = line if isinstance(line, list) else [line]
    return "\n".join(rows) + "\n"


def block(content, number):
    """The rows of the key at `number` with all that is indented below it."""
    rows = content.splitlines()
    indent = len(rows[number - 1]) - len(rows[number - 1].lstrip())
    end = number
    while end < len(rows) and (not rows[end].strip() or len(rows[end]) - len(rows[end].lstrip()) > indent):
        end += 1
    return rows[number - 1 : end]


def without(content, number):
    rows = content.splitlines()
    taken = len(block(content, number))
    return "\n".join(rows[: number - 1] + rows[number - 1 + taken :]) + "\n"


KEY = r"^\s*(- )?[a-z_]+:"
# Keys that may be left out; and lines, figures and facts by name, whose absence is another fault than a missing key.
REQUIRED = r"^(policy|name|currency|in_force_from|governed_by|stakes|basis|rounding|facts|lines|pays):|^  (title|section|link):|^    (says|label|unit|values):"


@pytest.mark.parametrize(("content", "number"), [(text, number) for text in (PLAIN, WIDE) for number, _ in lines_with(text, REQUIRED)])
def test_a_missing_key_is_named(content, number):
    word = content.splitlines()[number - 1].strip().split(":")[0]
    _, text = refusal(without(content, number))
    assert f"key {word!r} is missing" in text


@pytest.mark.parametrize(
    ("content", "number"), [(text, number) for text in (PLAIN, WIDE) for number, _ in lines_with(text, r"^( {0,4})[a-z_0-9]+:")]
)
def test_a_key_given_twice_is_refused_where_it_is_given_again(content, number):
    rows = block(content, number)
    line, text = refusal(changed(content, number + len(rows) - 1, [content.splitlines()[number + len(rows) - 2], *rows]))
    assert "given twice" in text
    assert line > number


@pytest.mark.parametrize(("content", "number"), [(text, number) for text in (PLAIN, WIDE) for number, _ in lines_with(text, REQUIRED)])
def test_an_unknown_key_is_refused_at_its_line(content, number):
    line = content.splitlines()[number - 1]
    found, text = refusal(changed(content, number, re.sub(r"[a-z_]+:", "colour:", line, count=1)))
    assert "unknown key 'colour'" in text
    assert found == number


@pytest.mark.parametrize("number", [number for number, _ in lines_with(WIDE, r'"[0-9]+\.[0-9]+"')])
def test_a_float_is_refused_at_its_line(number):
    line = WIDE.splitlines()[number - 1]
    found, text = refusal(changed(WIDE, number, re.sub(r'"([0-9]+\.[0-9]+)"', r"\1", line, count=1)))
    assert found == number
    assert "float" in text


@pytest.mark.parametrize("number", [number for number, _ in lines_with(WIDE, r"^        (citation|invented):")])
def test_a_value_that_cites_nothing_is_refused(number):
    _, text = refusal(without(WIDE, number))
    assert "`citation`" in text


@pytest.mark.parametrize(
    "number",
    [
        number
        for number, _ in lines_with(
            WIDE, r"^    (smallest|quotient|when|excess|product|sum|drain_in_order|tier|difference|waterfall):"
        )
    ],
)
@pytest.mark.parametrize("breaking", ["unknown rule", "name", "number", "two rules", "no rule"])
def test_a_line_that_cannot_be_worked_out_is_refused(number, breaking):
    line = WIDE.splitlines()[number - 1]
    rule = line.strip().split(":")[0]
    if breaking == "unknown rule":
        content = changed(WIDE, number, line.replace(rule, "guess", 1))
    elif breaking == "name":
        content = changed(WIDE, number, re.sub(r"([\[{ ])([a-z_.]+)([\],}])", r"\1no_such_name\3", line, count=1))
    elif breaking == "number":
        content = changed(WIDE, number, re.sub(r"([\[{ ])([a-z_.]+)([\],}])", r'\1"0.25"\3', line, count=1))
    elif breaking == "two rules":
        content = changed(WIDE, number, [line, "    negation: low_income"])
    else:
        content = changed(WIDE, number, [])
    refusal(content)


@pytest.mark.parametrize("number", [number for number, _ in lines_with(WIDE, r"measure: ")])
@pytest.mark.parametrize("measure", ["mastery", "judgement", "evidence", "score"])
def test_what_judges_can_never_pay(number, measure):
    found, text = refusal(changed(WIDE, number, re.sub(r"measure: [a-z_]+", f"measure: {measure}", WIDE.splitlines()[number - 1])))
    assert found == number
    assert "never reach money" in text


@pytest.mark.parametrize("number", [number for number, _ in lines_with(WIDE, r"\{is: ")])
@pytest.mark.parametrize("kind", ["float", "amount"])
def test_a_fact_of_no_kind_is_refused(number, kind):
    found, text = refusal(changed(WIDE, number, re.sub(r"is: [a-z]+", f"is: {kind}", WIDE.splitlines()[number - 1])))
    assert found == number
    assert "expected one of" in text


FIGURE = """  x:
    label: a share
    unit: share of the rate
    values:
{values}
"""
CITED = 'citation: {title: A law, section: "3", link: "https://example.org"}'


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([f'- {{from: 2025-07-01, value: "0.5", {CITED}}}', f'- {{from: 2025-07-01, value: "0.6", {CITED}}}'], "does not follow"),
        ([f'- {{from: 2025-07-01, until: 2026-06-30, value: "0.5", {CITED}}}', f'- {{from: 2026-06-30, value: "0.6", {CITED}}}'], "overlaps"),
        ([f'- {{from: 2025-07-01, until: 2026-06-30, value: "0.5", {CITED}}}', f'- {{from: 2026-07-02, value: "0.6", {CITED}}}'], "no value holds from 2026-07-01"),
        ([f'- {{from: 2025-07-01, until: 2025-06-30, value: "0.5", {CITED}}}'], "is before"),
        ([f'- {{from: 2025-07-01, value: "1.01", {CITED}}}'], "above the whole"),
        ([f'- {{from: 2025-07-01, value: 40, {CITED}}}'], "quoted string"),
        ([f'- {{from: 2025-07-01, value: "-0.4", {CITED}}}'], "at least 0"),
        ([f'- {{from: 2025-07-01, value: "0,4", {CITED}}}'], "expected a decimal"),
        ([f'- {{from: 2025-07-01, value: "4e-1", {CITED}}}'], "expected a decimal"),
        ([f'- {{from: 2025-7-1, value: "0.4", {CITED}}}'], "expected a date"),
        ([f'- {{from: 2025-02-30, value: "0.4", {CITED}}}'], "expected a date"),
        ([f'- {{from: 2025-07-01, {CITED}}}'], "exactly one of"),
        ([f'- {{from: 2025-07-01, value: "0.4", list: ["0.5"], {CITED}}}'], "exactly one of"),
        ([f'- {{from: 2025-07-01, value: "0.4", {CITED}}}', f'- {{from: 2026-07-01, list: ["0.5"], {CITED}}}'], "another shape"),
        ([f'- {{from: 2025-07-01, by: {{a: "0.4"}}, {CITED}}}', f'- {{from: 2026-07-01, by: {{b: "0.5"}}, {CITED}}}'], "other words"),
        ([f'- {{from: 2025-07-01, by: {{A: "0.4"}}, {CITED}}}'], "is no name"),
        ([f'- {{from: 2025-07-01, by: {{a: "0.4", a: "0.5"}}, {CITED}}}'], "given twice"),
        ([f'- {{from: 2025-07-01, tiers: [{{value: "0.4"}}, {{value: "0.5"}}], {CITED}}}'], "says `below`"),
        ([f'- {{from: 2025-07-01, tiers: [{{below: "1", value: "0.4"}}], {CITED}}}'], "the last says none"),
        ([f'- {{from: 2025-07-01, tiers: [{{below: "2", value: "0.4"}}, {{below: "1", value: "0.4"}}, {{value: "0.5"}}], {CITED}}}'], "list tiers upwards"),
        ([f'- {{from: 2025-07-01, value: "0.4", invented: because, {CITED}}}'], "give one of them"),
        (['- {from: 2025-07-01, value: "0.4", citation: {title: A law}}'], "is missing"),
        (['- {from: 2025-07-01, value: "0.4", citation: a law}'], "expected keys"),
        (['- {from: 2025-07-01, value: "0.4", invented: }'], "expected a text"),
        (["[]"], "expected"),
        (['- from: 2025-07-01\n        value: &a "0.4"\n        invented: because'], "anchors are not read"),
        (['- from: 2025-07-01\n        value: *a\n        invented: because'], "aliases are not read"),
        (['- from: 2025-07-01\n        value: !!str 0.4\n        invented: because'], "tags are not read"),
        (['- <<: {from: 2025-07-01}\n        value: "0.4"\n        invented: because'], "unknown key '<<'"),
    ],
)  # fmt: skip
def test_a_figure_that_cannot_hold_is_refused(values, says):
    figure = FIGURE.format(values="\n".join(f"      {value}" for value in values))
    _, text = refusal(WIDE.replace("figures:\n", f"figures:\n{figure}", 1))
    assert says in text


LINES = {
    "circle of two": ("  a:\n    says: A.\n    sum: [b]\n  b:\n    says: B.\n    sum: [a]\n", "in a circle: a -> b -> a"),
    "circle of one": ("  a:\n    says: A.\n    sum: [a]\n", "in a circle: a -> a"),
    "circle of sources": ("  a:\n    says: A.\n    waterfall: {due: earned, accounts: {x: b.x}, rest: sources}\n  b:\n    says: B.\n    waterfall: {due: earned, accounts: {x: a.x}, rest: sources}\n", "in a circle"),
    "a date as a number": ("  a:\n    says: A.\n    sum: [start_of_learning]\n", "takes a number as `of`, but start_of_learning is a date"),
    "a flag as a number": ("  a:\n    says: A.\n    product: [low_income, credit]\n", "is a flag"),
    "a number as a flag": ("  a:\n    says: A.\n    when: {flag: credit, then: rate}\n", "takes a flag"),
    "a series where one is meant": ("  a:\n    says: A.\n    total: credit\n", "takes a series of numbers"),
    "a list where a name is meant": ("  a:\n    says: A.\n    total: [credit]\n", "expected a single value"),
    "a name where a list is meant": ("  a:\n    says: A.\n    sum: credit\n", "is a list of names"),
    "no such part": ("  a:\n    says: A.\n    sum: [weights.rich]\n", "is no fact, figure or line"),
    "tiers as a number": ("  a:\n    says: A.\n    sum: [growth]\n", "is a table of tiers"),
    "a number as tiers": ("  a:\n    says: A.\n    tier: {of: credit, tiers: rate}\n", "takes a table of tiers"),
    "words as a number": ("  a:\n    says: A.\n    sum: [weights]\n", "amounts by word"),
    "an unknown choice": ("  a:\n    says: A.\n    compare: {this: credit, relation: bigger, that: rate}\n", "expected one of at_least"),
    "an argument too many": ("  a:\n    says: A.\n    difference: {of: credit, less: rate, more: rate}\n", "unknown key 'more'"),
    "an argument too few": ("  a:\n    says: A.\n    difference: {of: credit}\n", "key 'less' is missing"),
    "keys where none": ("  a:\n    says: A.\n    difference: credit\n", "difference needs keys: of, less"),
    "a figure on no date": ("  a:\n    says: A.\n    in_force: {figure: rate, on: credit}\n", "looks a figure up on a date"),
    "the name of a fact": ("  credit:\n    says: A.\n    sum: [rate]\n", "is a fact or a figure already"),
    "the name of a figure": ("  rate:\n    says: A.\n    sum: [credit]\n", "is a fact or a figure already"),
    "shares over the whole": ("  a:\n    says: A.\n    milestones: {price: rate, shares: too_much, reached: {x: low_income, y: low_income}}\n", "be no more than the whole"),
    "shares that are not the whole": ("  a:\n    says: A.\n    split: {of: rate, shares: weights}\n", "make up the whole"),
    "a rounding step of nothing": ('  a:\n    says: A.\n    sum: [rate]\n    round: {step: "0", mode: half_up}\n', "above 0"),
    "a rounding mode of no kind": ('  a:\n    says: A.\n    sum: [rate]\n    round: {step: "0.01", mode: nearest}\n', "expected one of half_up"),
    "no words": ("  a:\n    sum: [rate]\n", "key 'says' is missing"),
    "a name with a space": ("  a b:\n    says: A.\n    sum: [rate]\n", "is no name"),
    "a word of spreadsheets": ("  a:\n    says: A.\n    max: [rate, credit]\n", "unknown key 'max'; near it: largest; known here"),
    "a rule misspelt": ("  a:\n    says: A.\n    quotent: {of: rate, by: credit}\n", "near it: quotient"),
    "a number in a line without quotes": ("  a:\n    says: A.\n    product: [rate, 2]\n", "put it among the figures"),
    "a sum written out": ("  a:\n    says: A.\n    product: [rate * credit]\n", "each step of a calculation is its own line"),
    "words where a series is meant": ("  a:\n    says: A.\n    weighted_total: {of: wishes, weights: weights}\n", "tell it as rows"),
    "a part without its whole": ("  a:\n    says: A.\n    product: [rate, federal]\n", "near it: sources.federal"),
    "an empty list": ("  a:\n    says: A.\n    sum: []\n", "at least one entry"),
}  # fmt: skip


@pytest.mark.parametrize("what", LINES)
def test_a_line_that_means_nothing_is_refused(what):
    written, says = LINES[what]
    content = WIDE.replace("lines:\n", f"lines:\n{written}", 1)
    if "too_much" in written:
        values = f'      - {{from: 2025-07-01, by: {{x: "0.6", y: "0.6"}}, {CITED}}}'
        figure = f"  too_much:\n    label: shares\n    unit: share of the rate\n    values:\n{values}\n"
        content = content.replace("figures:\n", f"figures:\n{figure}", 1)
    line, text = refusal(content)
    assert says in text
    assert line >= WIDE.count("\n", 0, WIDE.index("lines:\n"))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("currency: USD", "currency: dollars", "three letters"),
        ("stakes: low", "stakes: medium", "expected one of low, high"),
        ("stakes: low", "stakes: high", "write `stakes: low`"),
        ("measure: completion", "measure: attested_milestone", "write `stakes: high`"),
        ("governed_by: start_of_learning", "governed_by: credit", "is no date fact"),
        ("governed_by: start_of_learning", "governed_by: someday", "is no date fact"),
        ("{line: funded.state, to", "{line: funded, to", "name one of its parts"),
        ("{line: funded.state, to", "{line: nothing, to", "is no line"),
        ("{line: funded.state, to", "{line: funded.moon, to", "is no line"),
        ('otherwise: "false"', 'otherwise: "maybe"', "expected true or false"),
        ('otherwise: "0"', 'otherwise: "-1"', "cannot be below 0"),
        ('otherwise: "0"', 'otherwise: "lots"', "expected a number"),
        (", words: [main_school, provider_a, provider_b]", "", "lists its `words`"),
        ("of: each_payment", "of: each_thing", "expected one of each_payment"),
        ('{step: "0.01", mode: half_up, of: each_payment}', '{step: "0", mode: half_up, of: each_payment}', "above 0"),
        ("in_force_from: 2025-07-01", "in_force_from: next year", "expected a date"),
        ("policy: combined", "policy: combined\n---\npolicy: other", "single document"),
        ("policy: combined", "policy: [combined]", "expected a single value"),
        ("policy: combined", "policy: ", "expected a text"),
        ("policy: combined", "\tpolicy: combined", "cannot start any token"),
        ("is: number, measure: enrollment, label:", "is: number, measure: enrollment, label: note:", "stands in quotes"),
        ("pays:", "pays: []\nrest:", "unknown key 'rest'"),
        ("basis:", "basis: []\nx:", "unknown key 'x'"),
        ("policy: combined", "policy: !!python/object/apply:os.system [ls]", "tags are not read"),
        ("policy: combined", "policy: com\u200bbined", "cannot be seen"),
        ("policy: combined", "policy: &a combined", "anchors are not read"),
        ("policy: combined", "policy: {" * 20 + "}" * 20, "nested deeper"),
    ],
)
def test_a_head_that_means_nothing_is_refused(old, new, says):
    assert old in WIDE
    with pytest.raises(RuleError, match=re.escape(says)) as caught:
        read_document(WIDE.replace(old, new, 1), "policy.yaml")
    assert re.match(r"policy\.yaml:\d+: ", str(caught.value))


def test_there_are_at_least_three_hundred_of_them(request):
    here = [item for item in request.session.items if item.fspath == request.node.fspath]
    assert len(here) > 300 or len(here) == 1
