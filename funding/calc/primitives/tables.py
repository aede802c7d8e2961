"""Amounts by step of a table: one tier for the whole, or each slice at its own weight."""

from fractions import Fraction
from typing import Literal

from funding.calc.primitives.kinds import ZERO, Tiers


def tier(of: Fraction, tiers: Tiers, bounds: Literal["upper_exclusive", "upper_inclusive"] = "upper_exclusive") -> Fraction:
    """The value of the one tier in which `of` lies: hours bands, a school's share of need."""
    for step in tiers[:-1]:
        if step.below is not None and (of < step.below or (bounds == "upper_inclusive" and of == step.below)):
            return step.value
    return tiers[-1].value


def brackets(of: Fraction, tiers: Tiers) -> Fraction:
    """Each slice of `of` times the value of its own tier, added: progressive weights."""
    below, weighted = ZERO, ZERO
    for step in tiers:
        upper = of if step.below is None else min(of, step.below)
        weighted += max(upper - below, ZERO) * step.value
        below = max(below, upper)
    return weighted
