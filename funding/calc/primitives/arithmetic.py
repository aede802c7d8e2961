"""Adding, multiplying, dividing, and the nearest step: what every formula is made of."""

from fractions import Fraction
from math import prod
from typing import Literal

from funding.calc.primitives.kinds import ZERO, CannotMean, Numbers, Terms

Mode = Literal["half_up", "half_even", "down", "up"]


def rounded(of: Fraction, step: Fraction, mode: Mode = "half_up") -> Fraction:
    """The nearest multiple of `step` (a hundredth is a cent); a negative amount is the mirror of a positive one.

    `half_up` takes a half away from zero, `half_even` to the even neighbour, `down` towards zero, `up` away from it.
    """
    if step <= 0:
        raise CannotMean("a rounding step must be above 0")
    steps = abs(of) / step
    whole, rest = divmod(steps.numerator, steps.denominator)
    twice = 2 * rest - steps.denominator
    if rest and (mode == "up" or (mode != "down" and (twice > 0 or (twice == 0 and (mode == "half_up" or whole % 2 == 1))))):
        whole += 1
    return (whole if of >= 0 else -whole) * step


def product(of: Terms) -> Fraction:
    """All of them multiplied."""
    return prod(of, start=Fraction(1))


def sum_of(of: Terms) -> Fraction:
    """All of them added."""
    return sum(of, ZERO)


def difference(of: Fraction, less: Fraction) -> Fraction:
    """`of` minus `less`; it may fall below 0."""
    return of - less


def quotient(of: Fraction, by: Fraction, if_nothing: Literal["zero", "refuse"] = "refuse") -> Fraction:
    """`of` divided by `by`. Nothing to divide by is refused, or gives 0 where the policy says so."""
    if by == 0:
        if if_nothing == "zero":
            return ZERO
        raise CannotMean("it would divide by 0; write `if_nothing: zero` if nothing is meant then")
    return of / by


def smallest(of: Terms) -> Fraction:
    """The least of them: a cap (price, learner-year, 1.0 FTE, provider, appropriation)."""
    return min(of)


def largest(of: Terms) -> Fraction:
    """The greatest of them: a floor, a minimum, the larger of two counts."""
    return max(of)


def excess(of: Fraction, over: Fraction) -> Fraction:
    """What lies above a threshold, and 0 below it."""
    return max(of - over, ZERO)


def total(of: Numbers) -> Fraction:
    """The entries of a series, added; 0 for an empty one."""
    return sum(of, ZERO)


def entries(of: Numbers) -> Fraction:
    """How many entries a series has."""
    return Fraction(len(of))


def mean(of: Numbers) -> Fraction:
    """The average of a series: prior years, need over three years. An empty one is refused."""
    if not of:
        raise CannotMean("there is no average of nothing")
    return sum(of, ZERO) / len(of)


def highest(of: Numbers) -> Fraction:
    """The greatest entry of a series: the best of several years."""
    if not of:
        raise CannotMean("there is no greatest of nothing")
    return max(of)


def weighted_total(of: Numbers, weights: Numbers) -> Fraction:
    """Each entry times its weight, added."""
    if len(of) != len(weights):
        raise CannotMean(f"{len(of)} entries cannot be paired with {len(weights)} weights")
    return sum((one * weight for one, weight in zip(of, weights, strict=True)), ZERO)
