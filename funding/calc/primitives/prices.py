"""A price that changes while learning goes on."""

from fractions import Fraction
from typing import Literal, NamedTuple

from funding.calc.primitives.kinds import ZERO, CannotMean


class Repriced(NamedTuple):
    """What is left to pay: `each` month, at `completion`, and `charged` once (0 or below) in the first month."""

    each: Fraction
    completion: Fraction
    charged: Fraction


def reprice(
    price: Fraction, earned: Fraction, months: Fraction, completion_share: Fraction, kind: Literal["total", "residual"] = "total"
) -> Repriced:
    """The new price over the `months` left. A total price replaces the whole, so what is earned counts against it; a
    residual one is the price of the rest alone, as after a change of provider.

    completion = min(completion_share x price, rest), never below 0. A rest below 0 is charged once, in full.
    """
    if months < 0:
        raise CannotMean("the months left cannot be below 0")
    rest = price - earned if kind == "total" else price
    if rest < 0:
        return Repriced(ZERO, ZERO, rest)
    completion = min(completion_share * price, rest)
    if months == 0:
        return Repriced(ZERO, rest, ZERO)
    return Repriced((rest - completion) / months, completion, ZERO)
