"""How a course's credit is shared out: each module gives its own fraction once, and a whole course gives the rest.

A course's credit is the sum of its modules'. Exact fractions throughout; modules are named by their codes in the course.
"""

import datetime
from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from typing import Any

NOTHING = Fraction(0)


def left_to_give(modules: Mapping[str, Fraction], given: Collection[str]) -> dict[str, Fraction]:
    """What the modules that are not among `given` would give, by code; modules without credit give nothing."""
    return {code: credit for code, credit in modules.items() if code not in given and credit > 0}


def share(modules: Mapping[str, Fraction], given: Collection[str], module: str | None) -> dict[str, Fraction]:
    """What an award of `module` (None: of the course) gives now: credit by module, empty where all is given already."""
    left = left_to_give(modules, given)
    return left if module is None else {code: credit for code, credit in left.items() if code == module}


def total(shares: Mapping[str, Fraction]) -> Fraction:
    """The credit of several modules together."""
    return sum(shares.values(), NOTHING)


def rests_on(progress: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The traces of the met leaves of a kept progress (criteria.as_data): what an award rests on."""
    if progress["met"] and "trace" in progress:
        yield progress["trace"]
    for part in progress.get("parts", ()):
        yield from rests_on(part)


def attained_on(progress: Mapping[str, Any]) -> datetime.date | None:
    """The last day of work among what an award rests on."""
    days = [trace.get("last_worked_on") or trace.get("attained_on") for trace in rests_on(progress)]
    return max((datetime.date.fromisoformat(day) for day in days if day), default=None)
