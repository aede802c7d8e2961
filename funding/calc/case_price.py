"""What one distinct case of a night earns. Pure: the figures that a policy asks in, cents by source out, and its arithmetic told."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from funding.calc.circumstances import NOT_BEGUN, learning_from
from funding.calc.engine.document import Document
from funding.calc.engine.evaluate import NotPriced, Priced
from funding.calc.engine.recorded import Reads, cents_by_source, pay
from funding.calc.engine.words import shown
from rulebook.trace import Step


@dataclass(frozen=True)
class Case:
    """`rate_from` is the day on which figures are looked up; `held` completions wait for a decision; credit is exact;
    `circumstances` as calc/circumstances.py has them."""

    rate_from: datetime.date
    completed: int
    held: int
    required: int
    credit_numerator: int
    credit_denominator: int
    circumstances: Mapping[str, Any]


@dataclass(frozen=True)
class CasePrice:
    """`earned_cents` to date, by source in `parts`; `held_cents` more if every held completion were accepted. With a
    `problem` it could not be priced, and nothing is said of what was earned before. `results`: each line's value in figures,
    by its name; with the policy's text they are the whole arithmetic (`trace_of`)."""

    earned_cents: int
    held_cents: int
    parts: dict[str, int]
    problem: str
    results: dict[str, str]


def price_case(case: Case, policy: Document, reads: Reads, *, by_module: bool) -> CasePrice:
    """`reads` is what `policy` asks; `by_module`: the case is of a module of an enrollment, else of the whole enrollment."""
    if case.circumstances.get(NOT_BEGUN):
        return CasePrice(0, 0, {}, "", {})
    try:
        priced = _priced(case, case.completed, policy, reads, by_module=by_module)
        parts = cents_by_source(priced)
        earned = sum(parts.values())
        held = 0
        if case.held:
            accepted = _priced(case, case.completed + case.held, policy, reads, by_module=by_module)
            held = sum(cents_by_source(accepted).values()) - earned
        return CasePrice(earned, held, parts, "", {name: shown(value) for name, value in priced.values.items()})
    except NotPriced as problem:
        return CasePrice(0, 0, {}, str(problem), {})


def trace_of(case: Case, policy: Document, reads: Reads, *, by_module: bool) -> tuple[Step, ...]:
    """The arithmetic of the case, step by step, as price_case did it."""
    if case.circumstances.get(NOT_BEGUN):
        return (Step("Learning has not begun, or ended before it did: nothing is earned.", "nothing", "0", policy.basis),)
    try:
        return _priced(case, case.completed, policy, reads, by_module=by_module).trace
    except NotPriced as problem:
        return (Step("It could not be priced; what was earned before stands.", str(problem), "nothing", policy.basis),)


def _priced(case: Case, completed: int, policy: Document, reads: Reads, *, by_module: bool) -> Priced:
    credit = Fraction(case.credit_numerator, case.credit_denominator)
    learning = learning_from(case.rate_from, completed, case.required, credit, case.circumstances, by_module=by_module)
    return pay(policy, learning, reads)
