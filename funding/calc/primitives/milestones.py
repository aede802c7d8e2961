"""Shares of a price that fall due when something is reached, in time or late."""

from collections.abc import Mapping
from fractions import Fraction

from funding.calc.primitives.kinds import ZERO, CannotMean, Flags, Named, Numbers, Shares


def milestones(price: Fraction, shares: Shares, reached: Flags, late_shares: Named | None = None, late: Flags | None = None) -> Named:
    """price x share for each milestone reached, by milestone; one reached late earns its late share, or its share
    where none is given. What is not in `reached` is not reached."""
    if sum(shares.values(), ZERO) > 1:
        raise CannotMean("the shares of the milestones are more than the whole")
    lower: Mapping[str, Fraction] = late_shares or {}
    was_late = late or {}
    due = {name: lower.get(name, share) if was_late.get(name, False) else share for name, share in shares.items()}
    return {name: price * share if reached.get(name, False) else ZERO for name, share in due.items()}


def reached_days(amounts: Numbers, days: Numbers, elapsed: Fraction) -> Numbers:
    """Each amount whose day has come: an uplift at day 90 and at day 365."""
    return tuple(amount if elapsed >= day else ZERO for amount, day in zip(amounts, days, strict=True))
