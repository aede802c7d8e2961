"""A year paid ahead: what is predicted of it, in which instalments that is advanced, and what its end settles.

All amounts are whole cents, all shares exact. Source: policy papers on New Hampshire's completion funding of its virtual
learning academy (the pack `nh-vlacs`): paid a year ahead on a prediction, settled at the year's end.
"""

import calendar
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from funding.calc.money import half_up_to_cents
from funding.calc.primitives.instalments import Reprofiled, profile, reprofile
from funding.calc.primitives.kinds import ONE, CannotMean
from funding.calc.primitives.settling import recovery_plan

A_CENT = ONE
# Ten years of months. What a person asks for beyond it is a slip of the keyboard.
MOST_MONTHS = 120


@dataclass(frozen=True)
class Learned:
    """What a provider's learning of some year earned, and what it would have earned had all of it been completed."""

    earned_cents: int = 0
    whole_cents: int = 0


@dataclass(frozen=True)
class Predicted:
    """What a provider is expected to earn: `share` of the whole, its own of the year before or, `by_average`, everybody's."""

    prior: Learned
    share: Fraction
    by_average: bool
    whole_cents: int
    amount_cents: int


@dataclass(frozen=True)
class Anticipated:
    """`count` enrollments of a provider (by code) that are expected, each of `credit`."""

    provider: str
    credit: Fraction
    count: int


def predict(prior: Mapping[str, Learned], whole_cents: Mapping[str, int]) -> dict[str, Predicted]:
    """The prediction of each provider of the new year, by its code.

    A provider's share is what it earned of the whole of the year before; one without such a whole gets the share of all
    providers together. Rounded half up to the cent, once a provider. Raises CannotMean where nobody has a year before.
    """
    together = Learned(sum(one.earned_cents for one in prior.values()), sum(one.whole_cents for one in prior.values()))
    if together.whole_cents == 0:
        raise CannotMean("nothing could be earned in the year before, so there is no share to predict by; give another year")
    predicted = {}
    for provider, whole in sorted(whole_cents.items()):
        own = prior.get(provider, Learned())
        by_average = own.whole_cents == 0
        basis = together if by_average else own
        share = Fraction(basis.earned_cents, basis.whole_cents)
        predicted[provider] = Predicted(own, share, by_average, whole, half_up_to_cents(share * whole / 100))
    return predicted


@dataclass(frozen=True)
class Instalment:
    """A share of the prediction and the business date on which it is advanced."""

    due_on: datetime.date
    share: Fraction


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day `months` later, or the last day of a month that is too short for it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def monthly(first_on: datetime.date, count: int) -> tuple[Instalment, ...]:
    """`count` equal instalments, a month apart, the first on the year's first day."""
    if not 1 <= count <= MOST_MONTHS:
        raise CannotMean(f"a year is advanced in 1 to {MOST_MONTHS} monthly instalments; {count} were asked for")
    return tuple(Instalment(months_after(first_on, number), Fraction(1, count)) for number in range(count))


def check_schedule(schedule: Sequence[Instalment], last_on: datetime.date) -> None:
    """Raises CannotMean for shares that are not the whole, days out of order, or a day after the year."""
    if not schedule:
        raise CannotMean("a year is advanced in at least one instalment")
    if any(one.share <= 0 for one in schedule) or (together := sum(one.share for one in schedule)) != 1:
        found = "one of them is not above 0" if any(one.share <= 0 for one in schedule) else f"they add up to {together}"
        raise CannotMean(f"the shares of the instalments must be the whole, 1; {found}")
    days = [one.due_on for one in schedule]
    if days != sorted(set(days)):
        raise CannotMean("the instalments must stand in the order of their days, each day once")
    if days[-1] > last_on:
        raise CannotMean(f"an instalment is due on {days[-1]}, after the year's last day {last_on}; what is left then is trued up")


def instalments_of(predicted_cents: int, shares: Sequence[Fraction], paid_cents: Sequence[int]) -> Reprofiled:
    """Every instalment in cents: those that were paid as they were paid, the others by the newest prediction.

    What a higher prediction owes of the past comes with the first open one; what a lower one was overpaid is taken from
    the open ones, none below 0, and `carried` is what did not fit: the year's end recovers it.
    """
    planned = profile(Fraction(predicted_cents), tuple(shares), A_CENT)
    return reprofile(tuple(Fraction(paid) for paid in paid_cents), planned)


def to_true_up(actual_cents: int, advanced_cents: int, trued_up_cents: int) -> int:
    """What the year still owes the provider; below 0, what the provider owes back. `trued_up_cents` were settled before."""
    return actual_cents - advanced_cents - trued_up_cents


def parts_of_true_up(amount_cents: int, parts: int) -> tuple[int, ...]:
    """A true-up as it is posted: what is owed to the provider at once, what comes back in `parts` equal ones, the last
    taking the rest."""
    if amount_cents >= 0:
        return (amount_cents,)
    return tuple(-int(part) for part in recovery_plan(Fraction(-amount_cents), Fraction(parts), A_CENT))


def part_due_on(trued_up_on: datetime.date, part: int) -> datetime.date:
    """The first part of a true-up is due with it, each further one (counted from 1) at the end of the month after."""
    if part == 1:
        return trued_up_on
    month = months_after(trued_up_on.replace(day=1), part - 1)
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])
