"""What one distinct case of a night earns. Pure: the figures that a policy asks in, cents by source and the trace out."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from funding.calc.circumstances import NOT_BEGUN, learning_from
from funding.calc.engine.document import Document
from funding.calc.engine.evaluate import NotPriced
from funding.calc.engine.recorded import Reads, cents_by_source, pay
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
    `problem` it could not be priced, and nothing is said of what was earned before. `trace` as JSON holds it."""

    earned_cents: int
    held_cents: int
    parts: dict[str, int]
    problem: str
    trace: list[dict[str, object]]


def price_case(case: Case, policy: Document, reads: Reads, *, by_module: bool) -> CasePrice:
    """`reads` is what `policy` asks; `by_module`: the case is of a module of an enrollment, else of the whole enrollment."""

    def worth(completed: int) -> tuple[dict[str, int], tuple[Step, ...]]:
        if case.circumstances.get(NOT_BEGUN):
            return {}, (Step("Learning has not begun, or ended before it did: nothing is earned.", "nothing", "0", policy.basis),)
        credit = Fraction(case.credit_numerator, case.credit_denominator)
        learning = learning_from(case.rate_from, completed, case.required, credit, case.circumstances, by_module=by_module)
        priced = pay(policy, learning, reads)
        return cents_by_source(priced), priced.trace

    try:
        parts, trace = worth(case.completed)
        earned = sum(parts.values())
        held = sum(worth(case.completed + case.held)[0].values()) - earned if case.held else 0
        return CasePrice(earned, held, parts, "", [step.as_json() for step in trace])
    except NotPriced as problem:
        step = Step("It could not be priced; what was earned before stands.", str(problem), "nothing", policy.basis)
        return CasePrice(0, 0, {}, str(problem), [step.as_json()])
