"""An amount spread over months, paid by a schedule, and paid anew when the total changes."""

import datetime
from fractions import Fraction
from typing import NamedTuple

from funding.calc.primitives.arithmetic import rounded
from funding.calc.primitives.kinds import ONE, ZERO, CannotMean, Numbers

YEAR = 12


class Instalments(NamedTuple):
    """`each` month's part, what is earned `to_date` by months in learning, and what an early finish releases at once."""

    each: Fraction
    to_date: Fraction
    balancing: Fraction


def instalments(
    amount: Fraction, planned: Fraction, learned: Fraction, completed: bool = False, first_counts: Fraction = ONE
) -> Instalments:
    """`amount` in equal parts over `planned` months, one for each of `learned` months in learning.

    Months beyond the plan earn nothing; finishing early releases the rest. `first_counts` 2 counts the first month
    twice, in an amount of planned + 1 parts. Nothing planned earns nothing until it is completed.
    """
    parts = planned + first_counts - 1
    if planned <= 0:
        return Instalments(ZERO, ZERO, amount if completed else ZERO)
    each = amount / parts
    counted = min(learned + first_counts - 1, parts) if learned > 0 else ZERO
    return Instalments(each, each * counted, each * (parts - counted) if completed else ZERO)


def spread_over_year(total: Fraction, first: datetime.date, last: datetime.date, year_starts: datetime.date) -> Numbers:
    """`total` in equal parts over the months that the period touches, as the twelve months from `year_starts`.

    A period that reaches out of the year is refused.
    """
    begin = (first.year - year_starts.year) * YEAR + first.month - year_starts.month
    end = (last.year - year_starts.year) * YEAR + last.month - year_starts.month
    if not 0 <= begin <= end < YEAR:
        raise CannotMean("the period does not lie within the twelve months of the year")
    each = total / (end - begin + 1)
    return tuple(each if begin <= month <= end else ZERO for month in range(YEAR))


def profile(total: Fraction, shares: Numbers, step: Fraction, whole: Fraction = ONE) -> Numbers:
    """`total` by a schedule of shares, each part rounded half up to `step`; the last takes what is left.

    `whole` is 100 where the shares are percentages. Shares beyond the whole never pay more than the total.
    """
    if not shares or whole <= 0:
        raise CannotMean("a schedule needs at least one share of a whole")
    left, parts = total, []
    for share in shares[:-1]:
        part = rounded(total * share / whole, step)
        part = min(part, left) if total >= 0 else max(part, left)
        parts.append(part)
        left -= part
    return (*parts, left)


class Reprofiled(NamedTuple):
    """All periods after the change, the paid ones as paid, and the debt that did not fit into the open ones."""

    periods: Numbers
    carried: Fraction


def reprofile(paid: Numbers, planned: Numbers) -> Reprofiled:
    """A new plan for the whole year met after some periods were paid.

    Too little paid so far is added to the first open period; too much is taken from the open ones, from the first
    on, none below 0, and what does not fit is carried over as debt.
    """
    if len(paid) > len(planned):
        raise CannotMean("more periods were paid than the plan has")
    owed = sum(planned[: len(paid)], ZERO) - sum(paid, ZERO)
    periods = list(paid)
    for amount in planned[len(paid) :]:
        taken = max(amount + owed, ZERO)
        owed = owed + amount - taken
        periods.append(taken)
    return Reprofiled(tuple(periods), -owed)


def to_successor(closing: Numbers, successor: Numbers, paid: Fraction) -> Numbers:
    """The successor's periods from the first open one on: its own plus the closing provider's, one to one."""
    if len(closing) != len(successor):
        raise CannotMean("both must have the same periods")
    return tuple(a + b for a, b in zip(closing, successor, strict=True))[int(paid) :]
