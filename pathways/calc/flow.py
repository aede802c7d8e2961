"""How mastery comes about over a class: when each cell first reached it, how long that took, and how many a week. Pure."""

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from competencies.calc.level import Criterion, Entry, Scales, is_mastered, level_of

WEEK = datetime.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class CellFlow:
    """One student's way in one competency: how many judgements count, the day of the first sign of work, and the day of the
    work with which it first counted as mastered (None: not yet). A later fall below takes that day not away."""

    judgements: int
    begun_on: datetime.date
    mastered_on: datetime.date | None

    @property
    def days(self) -> int | None:
        """From the first sign of work to mastery."""
        return None if self.mastered_on is None else (self.mastered_on - self.begun_on).days


@dataclass(frozen=True, slots=True)
class CompetencyFlow:
    """A competency over a class: students who began, of them those who have mastered it, the judgements of all, and the median
    of the days from the first sign of work to mastery (None where nobody has mastered it)."""

    began: int
    mastered: int
    judgements: int
    median_days: Fraction | None

    @property
    def slowness(self) -> Fraction:
        """Judgements for each mastery, counting one more mastery so that none is told apart from many by what was tried."""
        return Fraction(self.judgements, self.mastered + 1)


def first_mastery(entries: Sequence[Entry], scales: Scales, criterion: Criterion | None) -> int | None:
    """The place, from 0, of the judgement by which the level first counted as mastered; None where none did."""
    for count in range(1, len(entries) + 1):
        if is_mastered(level_of(entries[:count], scales), scales, criterion):
            return count - 1
    return None


def over_class(cells: Iterable[CellFlow]) -> CompetencyFlow:
    """The cells of one competency, each of another student."""
    kept = list(cells)
    days = sorted(one.days for one in kept if one.days is not None)
    return CompetencyFlow(len(kept), len(days), sum(one.judgements for one in kept), _median(days))


def _median(ordered: Sequence[int]) -> Fraction | None:
    if not ordered:
        return None
    middle = len(ordered) // 2
    return Fraction(ordered[middle]) if len(ordered) % 2 else Fraction(ordered[middle - 1] + ordered[middle], 2)


def by_week(days: Iterable[datetime.date], first: datetime.date, last: datetime.date) -> list[tuple[datetime.date, int]]:
    """(Monday, how many of `days` fall into its week) of every week from that of `first` to that of `last`; days outside are
    left out."""
    found = Counter(_monday(day) for day in days)
    weeks, monday = [], _monday(first)
    while monday <= last:
        weeks.append((monday, found[monday]))
        monday += WEEK
    return weeks


def _monday(day: datetime.date) -> datetime.date:
    return day - datetime.timedelta(days=day.weekday())
