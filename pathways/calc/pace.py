"""Pace against the student's own dates, in plain words, with a way to catch up. No calendar but the student's counts."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from rulebook.sentence import Sentence, sentence

A_DAY = datetime.timedelta(days=1)
# To catch up without haste where the last own date is past or near: a week an item (VLACS allows two to three to a competency
# from nothing; these have been begun).
DAYS_AN_ITEM = 7


@dataclass(frozen=True, slots=True)
class Dated:
    """A competency with the day by which the student means to master it, and whether it is mastered."""

    competency: int
    target_on: datetime.date
    mastered: bool


@dataclass(frozen=True, slots=True)
class Pace:
    """`ahead` is how many more are mastered than the student's dates ask for by now; negative is behind, None without dates.

    `late` are those whose day is past, oldest first. `catch_up` proposes a new day for each that is left, in order; it
    changes nothing until somebody chooses it.
    """

    ahead: int | None
    words: Sentence
    late: tuple[int, ...] = ()
    catch_up: tuple[tuple[int, datetime.date], ...] = ()


def pace_on(items: Sequence[Dated], day: datetime.date) -> Pace:
    """The pace at the end of `day`: mastered so far, less those whose own day has come. Early work makes up for late work."""
    if not items:
        return Pace(None, sentence("No own dates are set."))
    due = sum(item.target_on <= day for item in items)
    ahead = sum(item.mastered for item in items) - due
    left = sorted((item for item in items if not item.mastered), key=lambda item: (item.target_on, item.competency))
    late = tuple(item.competency for item in left if item.target_on <= day)
    if ahead >= 0:
        return Pace(ahead, sentence("%(count)s ahead.", count=ahead) if ahead else sentence("On pace."), late)
    proposed = spread([item.competency for item in left], day, max(item.target_on for item in items))
    first, last = proposed[0][1], proposed[-1][1]
    if len(left) == 1:
        return Pace(ahead, sentence("1 behind. To catch up: %(first)s.", first=first), late, proposed)
    words = sentence(
        "%(behind)s behind. To catch up: %(first)s for the first, %(last)s for the last of %(left)s left.",
        behind=-ahead,
        first=first,
        last=last,
        left=len(left),
    )
    return Pace(ahead, words, late, proposed)


def spread(competencies: Sequence[int], day: datetime.date, by: datetime.date) -> tuple[tuple[int, datetime.date], ...]:
    """The competencies in order with days after `day`, evenly up to `by`; a week each where `by` leaves less than a day each."""
    count, days = len(competencies), (by - day).days
    if days < count:
        days = count * DAYS_AN_ITEM
    return tuple((pk, day + A_DAY * (days * number // count)) for number, pk in enumerate(competencies, start=1))
