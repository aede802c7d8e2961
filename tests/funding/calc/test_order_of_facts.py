"""The order in which facts are told changes nothing: over every pack, with the facts of its worked cases."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funding.calc.engine.cases import read_cases
from funding.calc.engine.document import read_document
from funding.calc.engine.evaluate import NotPriced, price, work_out
from funding.calc.engine.facts import read_facts

PACKS = Path(__file__).parents[3] / "funding" / "packs"
CASES = [
    pytest.param(path, case, id=f"{path.name.split('.')[0]}: {case.name}")
    for path in sorted(PACKS.glob("*.cases.yaml"))
    for case in read_cases(path.read_text(), path.name).cases
]


def document_of(path):
    name = path.name.replace(".cases", "")
    return read_document((PACKS / name).read_text(), name)


def tables_of(case):
    return [name for name, value in case.facts.items() if isinstance(value, list) and value and isinstance(value[0], dict)]


def same_row_by_row(before, after, rows, moved):
    """Whether a series, of which each entry belongs to a row, gives every row what it had; rows told alike may change places."""
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(same_row_by_row(before[word], after[word], rows, moved) for word in before)
    if hasattr(before, "_asdict"):
        return same_row_by_row(before._asdict(), after._asdict(), rows, moved)
    if not isinstance(before, tuple) or before == after:
        return before == after
    pair = lambda told, values: sorted((str(sorted(row.items())), value) for row, value in zip(told, values, strict=True))  # noqa: E731
    return len(before) == len(rows) and pair(rows, before) == pair(moved, after)


@pytest.mark.parametrize(("path", "case"), [one for one in CASES if tables_of(one.values[1])])
@given(data=st.data())
@settings(max_examples=15)
def test_rows_in_another_order_come_to_the_same_row_by_row_and_in_all(path, case, data):
    document = document_of(path)
    table = data.draw(st.sampled_from(tables_of(case)))
    rows = case.facts[table]
    moved = data.draw(st.permutations(rows))
    facts, others = (read_facts(document.facts, {**case.facts, table: told}) for told in (rows, moved))
    before, after = (work_out(document, told, case.expect) for told in (facts, others))
    for line in case.expect:
        assert same_row_by_row(before[line], after[line], rows, moved), line
    try:
        paid = price(document, facts)
    except NotPriced:
        # A case need not tell all that the payments hang on.
        return
    assert [(money.flow, money.amount) for money in price(document, others).paid] == [(one.flow, one.amount) for one in paid.paid]


@pytest.mark.parametrize(("path", "case"), CASES)
@given(chance=st.randoms(use_true_random=False))
@settings(max_examples=3)
def test_facts_named_in_another_order_come_to_the_same(path, case, chance):
    document = document_of(path)

    def shuffled(value):
        if isinstance(value, list):
            return [shuffled(one) for one in value]
        if not isinstance(value, dict):
            return value
        names = list(value)
        chance.shuffle(names)
        return {name: shuffled(value[name]) for name in names}

    before, after = (work_out(document, read_facts(document.facts, told), case.expect) for told in (case.facts, shuffled(case.facts)))
    assert before == after
