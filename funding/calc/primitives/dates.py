"""Months and days of learning, counted as rules count them."""

import calendar
import datetime
from fractions import Fraction

from funding.calc.primitives.kinds import ONE, ZERO, CannotMean, Dates, Numbers


def months_touched(first: datetime.date, last: datetime.date) -> Fraction:
    """Calendar months that a period touches, whatever the day of the month; 1 where both lie in one month."""
    return Fraction(_month(last) - _month(first) + 1)


def days_between(first: datetime.date, last: datetime.date) -> Fraction:
    """Days from the first to the last; 0 for the same day, negative where the last is earlier."""
    return Fraction((last - first).days)


def month_ends(starts: datetime.date, last: datetime.date) -> Fraction:
    """Months in which somebody in learning from `starts` to `last`, both included, is in learning on the last day."""
    count = _month(last) - _month(starts) + (1 if last.day == calendar.monthrange(last.year, last.month)[1] else 0)
    return Fraction(max(count, 0))


def learning_at_month_ends(first_month: datetime.date, months: Fraction, starts: Dates, ends: Dates) -> Numbers:
    """For each of `months` months from that of `first_month`: 1 if its last day lies in one of the periods, else 0.

    `starts` and `ends` give the periods of learning, both days included; a break is the time between two.
    """
    if len(starts) != len(ends):
        raise CannotMean(f"{len(starts)} starts cannot be paired with {len(ends)} ends")
    counted = []
    for number in range(_month(first_month), _month(first_month) + _whole(months)):
        year, month = divmod(number, 12)
        day = datetime.date(year, month + 1, calendar.monthrange(year, month + 1)[1])
        counted.append(ONE if any(start <= day <= end for start, end in zip(starts, ends, strict=True)) else ZERO)
    return tuple(counted)


def _month(day: datetime.date) -> int:
    return day.year * 12 + day.month - 1


def _whole(number: Fraction) -> int:
    if number.denominator != 1 or number < 0:
        raise CannotMean(f"{number} is no whole number of months")
    return int(number)
