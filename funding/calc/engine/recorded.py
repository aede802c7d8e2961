"""What the record can tell a policy about one enrollment-module, and what the policy pays for it.

The names are fixed: `start_of_learning`, `credit`, `assigned`, `completed`, a flag for each category of need, and a flag
for each attested milestone. A policy that asks for more can be priced from a file, but not over the record.
"""

import datetime
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from funding.calc.engine.document import Document
from funding.calc.engine.evaluate import Priced, price

COUNTED = {"start_of_learning": "date", "credit": "number", "assigned": "number", "completed": "number"}
FLAGGED = ("need", "attested_milestone")


class NotRecorded(ValueError):
    """Which fact a policy asks for that the record does not hold."""


@dataclass(frozen=True)
class Learning:
    """One enrollment-module as recorded: `completed` of `assigned` low-stakes assignments; needs on the day on which
    learning started; milestones attested."""

    start_of_learning: datetime.date
    credit: Fraction
    assigned: int
    completed: int
    needs: frozenset[str]
    milestones: frozenset[str]


@dataclass(frozen=True)
class Reads:
    """What a policy asks the record. `days` are the days on which one of its figures changes: between two of them the
    day on which learning started makes no difference, unless a line names it (`by_day`)."""

    needs: tuple[str, ...]
    milestones: tuple[str, ...]
    days: tuple[datetime.date, ...]
    by_day: bool


def reads(document: Document) -> Reads:
    """Raises NotRecorded for a policy whose payments need a fact that the record does not hold."""
    names, figures, _ = needed(document)
    flags: dict[str, list[str]] = {measure: [] for measure in FLAGGED}
    for name in sorted(names):
        fact = document.facts[name]
        if fact.kind.base == "flag" and not fact.kind.many and fact.measure in FLAGGED:
            flags[fact.measure].append(name)
        elif COUNTED.get(name) != fact.kind.base or fact.kind.many:
            raise NotRecorded(
                f"{document.file}: {name} ({fact.label}) is not in the record; it holds {', '.join(COUNTED)}, "
                "a flag for each category of need and for each attested milestone"
            )
    if document.governed_by != "start_of_learning":
        raise NotRecorded(f"{document.file}: figures are looked up on {document.governed_by}; the record knows start_of_learning")
    days = sorted({dated.from_on for name in figures for dated in document.figures[name].values})
    return Reads(tuple(flags["need"]), tuple(flags["attested_milestone"]), tuple(days), "start_of_learning" in names)


def pay(document: Document, learning: Learning) -> Priced:
    """What the policy pays for it, with every step. Raises NotPriced."""
    asked = reads(document)
    facts: dict[str, Any] = {
        "start_of_learning": learning.start_of_learning,
        "credit": learning.credit,
        "assigned": Fraction(learning.assigned),
        "completed": Fraction(learning.completed),
    }
    facts |= {need: need in learning.needs for need in asked.needs}
    facts |= {milestone: milestone in learning.milestones for milestone in asked.milestones}
    return price(document, facts)


def needed(document: Document) -> tuple[set[str], set[str], set[str]]:
    """The facts, figures and lines on which the payments hang, by name."""
    facts: set[str] = set()
    figures: set[str] = set()
    lines: set[str] = set()
    waiting = [flow.line for flow in document.pays]
    while waiting:
        name = waiting.pop()
        whole = name.split(".")[0]
        if whole in document.lines:
            if whole not in lines:
                lines.add(whole)
                waiting += document.lines[whole].names()
        elif whole in document.figures:
            figures.add(whole)
        else:
            facts.add(name if name in document.facts else whole)
    return facts, figures, lines
