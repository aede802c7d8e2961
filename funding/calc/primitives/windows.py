"""Qualifying and withdrawal: what share counts after so many days."""

from fractions import Fraction

from funding.calc.primitives.kinds import ONE, ZERO, CannotMean


def withdrawal_share(days: Fraction, free_days: Fraction, whole_days: Fraction) -> Fraction:
    """The share that a withdrawal after `days` leaves due: nothing within `free_days`, days / whole_days up to
    `whole_days`, the whole from then on. With both bounds equal the window is all or nothing."""
    if not 0 <= free_days <= whole_days:
        raise CannotMean("free_days must lie between 0 and whole_days")
    if days <= free_days:
        return ZERO
    return ONE if days >= whole_days else days / whole_days


def qualifies(days: Fraction, needed: Fraction, achieved: bool = False) -> bool:
    """Whether a qualifying period is served; what was achieved counts regardless."""
    return achieved or days >= needed
