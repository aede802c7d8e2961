"""Which of several amounts holds: by comparison, by truth, by category."""

import datetime
from fractions import Fraction
from typing import Literal

from funding.calc.primitives.kinds import ZERO, CannotMean, FlagTerms, Named

Relation = Literal["at_least", "above", "at_most", "below", "equal"]


def compare(this: Fraction, relation: Relation, that: Fraction) -> bool:
    """Whether `this` stands in that relation to `that`."""
    return {
        "at_least": this >= that, "above": this > that, "at_most": this <= that, "below": this < that, "equal": this == that,
    }[relation]  # fmt: skip


def on_or_before(this: datetime.date, that: datetime.date) -> bool:
    """Whether `this` day is `that` day or an earlier one."""
    return this <= that


def every(of: FlagTerms) -> bool:
    """Whether all of them are true."""
    return all(of)


def some(of: FlagTerms) -> bool:
    """Whether at least one of them is true."""
    return any(of)


def negation(of: bool) -> bool:
    """Whether it is not true."""
    return not of


def when(flag: bool, then: Fraction, otherwise: Fraction = ZERO) -> Fraction:
    """`then` where the flag is true, else `otherwise`: a hold, a waiver, a condition."""
    return then if flag else otherwise


def choose(by: str, cases: Named, otherwise: Fraction | None = None) -> Fraction:
    """The amount that the word names; a word without a case takes `otherwise`, and is refused where there is none."""
    if by in cases:
        return cases[by]
    if otherwise is None:
        raise CannotMean(f"{by!r} has no case among {', '.join(cases)}; add it or an `otherwise`")
    return otherwise
