"""What a policy asks beyond the plain figures, as the night's tables hold it: JSON both ways, and nothing that is not asked.

Keys: `needs` and `milestones` (lists of words), `prior_learning` (amounts by measure, as text), `course` and `provider`
(codes), `months_learned`, `days_learned`, `modules`, `modules_completed` (whole numbers), and `not_begun` where learning has
not begun, or ended before it did.
"""

import datetime
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from funding.calc.engine.program import GROWING
from funding.calc.engine.recorded import Learning, Reads

NOT_BEGUN = "not_begun"
_DAY = datetime.timedelta(days=1)
# One span of learning: policy version, first start of learning, last, the day on which figures are looked up.
Span = tuple[int, datetime.date, datetime.date, datetime.date]


def asked_of(reads: Reads) -> dict[str, Any]:
    """What the night has to gather for a version, as SQL reads it; empty for one that asks for the plain figures alone."""
    asked: dict[str, Any] = {"needs": list(reads.needs), "milestones": list(reads.milestones)}
    asked["prior_learning"] = list(reads.prior_learning)
    asked |= {word: reads.at_most(word) for word in GROWING}
    asked["course"] = reads.asks("by_course")
    asked["provider"] = reads.asks("by_provider")
    asked["modules"] = reads.asks("modules") or reads.asks("modules_completed")
    asked["begun"] = not reads.only_for_work
    return {name: value for name, value in asked.items() if value}


def learning_from(
    day: datetime.date, completed: int, assigned: int, credit: Fraction, circumstances: Mapping[str, Any], *, by_module: bool
) -> Learning:
    """The learning that a case is priced for. A module is one module, completed when all its work is."""
    prior = tuple((measure, Fraction(amount)) for measure, amount in sorted(circumstances.get("prior_learning", {}).items()))
    return Learning(
        start_of_learning=day,
        credit=credit,
        assigned=assigned,
        completed=completed,
        needs=frozenset(circumstances.get("needs", ())),
        milestones=frozenset(circumstances.get("milestones", ())),
        prior_learning=prior,
        course=circumstances.get("course", ""),
        provider=circumstances.get("provider", ""),
        months_learned=circumstances.get("months_learned", 0),
        days_learned=circumstances.get("days_learned", 0),
        modules=1 if by_module else circumstances.get("modules", 0),
        modules_completed=int(0 < assigned <= completed) if by_module else circumstances.get("modules_completed", 0),
    )


def spans(versions: list[tuple[int, datetime.date, Reads]]) -> Iterator[Span]:
    """Which version and which of its figures govern learning by its start. `versions`: id, first day, what it asks, by day.

    A version governs learning that starts on or after its first day and before the next version's; in between, every day on
    which one of its figures changes begins a span.
    """
    for place, (version, in_force_from, reads) in enumerate(versions):
        last = versions[place + 1][1] - _DAY if place + 1 < len(versions) else datetime.date.max
        starts = [in_force_from, *(day for day in reads.days if in_force_from < day <= last)]
        for index, first in enumerate(starts):
            yield version, first, starts[index + 1] - _DAY if index + 1 < len(starts) else last, first
