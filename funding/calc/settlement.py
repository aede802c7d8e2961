"""What a settlement pays of what is due, where an appropriation says how much there is. Whole cents throughout."""

from fractions import Fraction
from typing import NamedTuple

from funding.calc.primitives.pools import prorate

ONE_CENT = Fraction(1)


class Due(NamedTuple):
    """What a provider's line begins from: `carried` by its line before (below 0 a debt, above it what was left unpaid), and
    what was `posted` since."""

    carried: int
    posted: int


class Settled(NamedTuple):
    """Of what is due: `paid` now, left `unpaid` for the next settlement, and a debt `carried` on, 0 or below."""

    paid: int
    unpaid: int
    carried: int


def settled(dues: list[Due], available: int | None) -> list[Settled]:
    """One answer for each due, in their order. Paid is no more than `available` in all; None is no limit.

    What was left unpaid before comes first, then what is new; each of the two is prorated by one factor where there is not
    enough for it, cents by largest remainder, of equal ones the larger due first.
    """
    due = [max(one.carried + one.posted, 0) for one in dues]
    paid = (
        due
        if available is None
        else _within(available, due, [min(max(one.carried, 0), owed) for one, owed in zip(dues, due, strict=True)])
    )
    return [Settled(now, owed - now, min(one.carried + one.posted, 0)) for one, owed, now in zip(dues, due, paid, strict=True)]


def _within(available: int, due: list[int], waited: list[int]) -> list[int]:
    first = _shares(waited, available)
    then = _shares([owed - before for owed, before in zip(due, waited, strict=True)], available - sum(first))
    return [one + other for one, other in zip(first, then, strict=True)]


def _shares(claims: list[int], available: int) -> list[int]:
    return [int(share) for share in prorate(tuple(map(Fraction, claims)), Fraction(available), ONE_CENT)]
