"""Worked cases beside a policy: facts, and what each line has to come to. A case that a lawyer can read and a test can run."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from funding.calc.engine.document import Document
from funding.calc.engine.evaluate import NotPriced, work_out
from funding.calc.engine.facts import FactRefused, read_facts
from funding.calc.engine.words import plain, shown
from funding.calc.primitives.arithmetic import rounded
from rulebook.load import Node, RuleError, read_rules


@dataclass(frozen=True)
class Case:
    """`expect` by line or part of a line, as plain values. `to` is the step to which both are compared, rounded half up
    (0: exactly); `within` is how far a number may be off, absolute; `within_share` relative to what is expected."""

    name: str
    says: str
    source: str
    facts: Mapping[str, Any]
    expect: Mapping[str, Any]
    to: Fraction
    within: Fraction
    within_share: Fraction
    node: Node


@dataclass(frozen=True)
class CaseFile:
    policy: str
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Outcome:
    """`differences` in words: empty where the case holds."""

    case: Case
    differences: tuple[str, ...]


def read_cases(content: str, file: str) -> CaseFile:
    """Keys: policy (the file beside this one) and cases. Raises RuleError."""
    keys = read_rules(content, file).mapping(("policy", "cases"))
    found: list[Case] = []
    for item in keys["cases"].items():
        case = item.mapping(("case", "says", "source", "facts", "expect"), ("to", "within", "within_share"))
        name = case["case"].text()
        if any(name == other.name for other in found):
            raise case["case"].error(f"case {name} is given twice; give one of them another name")
        facts, expect = case["facts"].plain(), case["expect"].plain()
        if not isinstance(facts, Mapping) or not isinstance(expect, Mapping):
            raise item.error("facts and expect hold names with their values")
        to, within, within_share = (_decimal(case, word) for word in ("to", "within", "within_share"))
        found.append(Case(name, case["says"].text(), case["source"].text(), facts, expect, to, within, within_share, item))
    return CaseFile(keys["policy"].text(), tuple(found))


def _decimal(keys: Mapping[str, Node], word: str) -> Fraction:
    return Fraction(keys[word].decimal()) if word in keys else Fraction(0)


def run_case(document: Document, case: Case) -> Outcome:
    """Works out the lines that the case expects, and compares to the last digit that it gives."""
    try:
        values = work_out(document, read_facts(document.facts, case.facts), case.expect)
    except (NotPriced, FactRefused, RuleError) as problem:
        return Outcome(case, (str(problem),))
    found: list[str] = []
    for name, wanted in case.expect.items():
        found += _compared(name, plain(values[name]), wanted, case)
    return Outcome(case, tuple(found))


def _compared(name: str, got: Any, wanted: Any, case: Case) -> list[str]:
    if isinstance(wanted, Mapping):
        if not isinstance(got, Mapping) or not set(wanted) <= set(got):
            return [f"{name} has no {', '.join(sorted(set(wanted) - set(got if isinstance(got, Mapping) else ())))}"]
        return [text for word, one in wanted.items() for text in _compared(f"{name}.{word}", got[word], one, case)]
    if isinstance(wanted, list):
        if not isinstance(got, list) or len(got) != len(wanted):
            return [f"{name} is {got}, expected {len(wanted)} entries"]
        return [text for place, one in enumerate(wanted) for text in _compared(f"{name}[{place + 1}]", got[place], one, case)]
    if isinstance(got, str) and isinstance(wanted, str | int) and not isinstance(wanted, bool):
        return _numbers(name, got, str(wanted), case)
    return [] if got == wanted else [f"{name} is {got}, expected {wanted}"]


def _numbers(name: str, got: str, wanted: str, case: Case) -> list[str]:
    try:
        exact, expected = Fraction(got), Fraction(wanted)
    except ValueError:
        return [] if got == wanted else [f"{name} is {got}, expected {wanted}"]
    if case.to:
        exact, expected = rounded(exact, case.to), rounded(expected, case.to)
    if abs(exact - expected) <= case.within + case.within_share * abs(expected):
        return []
    return [f"{name} is {shown(exact)}, expected {wanted}"]
