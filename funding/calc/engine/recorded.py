"""What the record can tell a policy about an enrollment-module or an enrollment, and what the policy pays for it.

A policy's `program` section says where the record has each fact; a fact that it does not place is looked for by its own
name. A policy that asks for more can be priced from a file, but not over the record.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from funding.calc.engine.document import Document
from funding.calc.engine.evaluate import NotPriced, Priced, price
from funding.calc.engine.figures import DAY
from funding.calc.engine.lines import Line, Name
from funding.calc.engine.program import COUNTED, NAMED, Source, place_of


class NotRecorded(ValueError):
    """Which fact a policy asks for that the record does not hold."""


@dataclass(frozen=True)
class Learning:
    """What is priced by itself, as recorded: `completed` of `assigned` low-stakes assignments; needs on the day on which
    learning started; milestones attested; prior learning attested at entry, by measure; the codes of course and provider;
    months and days in learning so far; its modules, and those of which all work is completed."""

    start_of_learning: datetime.date
    credit: Fraction
    assigned: int
    completed: int
    needs: frozenset[str] = frozenset()
    milestones: frozenset[str] = frozenset()
    prior_learning: tuple[tuple[str, Fraction], ...] = ()
    course: str = ""
    provider: str = ""
    months_learned: int = 0
    days_learned: int = 0
    modules: int = 1
    modules_completed: int = 0


@dataclass(frozen=True)
class Reads:
    """What a policy asks the record. `days` are the days on which one of its figures changes: between two of them the
    day on which learning started makes no difference, unless a line names it (`by_day`). `only_for_work`: without completed
    work it pays nothing, whatever else is true."""

    places: Mapping[str, Source]
    days: tuple[datetime.date, ...]
    by_day: bool
    only_for_work: bool
    needs: tuple[str, ...] = field(init=False)
    milestones: tuple[str, ...] = field(init=False)
    prior_learning: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        for name, of in (("needs", "need"), ("milestones", "milestone"), ("prior_learning", "prior_learning")):
            words = sorted({source.word for source in self.places.values() if source.of == of})
            object.__setattr__(self, name, tuple(words))

    def asks(self, of: str) -> bool:
        return any(source.of == of for source in self.places.values())

    def at_most(self, of: str) -> int:
        """How far months_learned or days_learned count; 0 where they are not asked for."""
        return max((source.at_most for source in self.places.values() if source.of == of), default=0)

    def of(self, learning: Learning) -> Learning:
        """The learning with nothing in it but what the policy asks: two that are then alike are priced alike."""
        day = learning.start_of_learning
        if not self.by_day:
            day = max((one for one in self.days if one <= day), default=day)
        return Learning(
            day,
            learning.credit,
            learning.assigned,
            learning.completed,
            learning.needs & frozenset(self.needs),
            learning.milestones & frozenset(self.milestones),
            tuple((measure, amount) for measure, amount in learning.prior_learning if measure in self.prior_learning),
            learning.course if self.asks("by_course") else "",
            learning.provider if self.asks("by_provider") else "",
            min(learning.months_learned, self.at_most("months_learned")),
            min(learning.days_learned, self.at_most("days_learned")),
            learning.modules if self.asks("modules") else 1,
            learning.modules_completed if self.asks("modules_completed") else 0,
        )


def reads(document: Document) -> Reads:
    """Raises NotRecorded for a policy whose payments need a fact that the record does not hold."""
    names, figures, _ = needed(document)
    placed = document.program.reads if document.program else {}
    places: dict[str, Source] = {}
    for name in sorted(names | {document.governed_by}):
        fact = document.facts[name]
        place = placed.get(name) or place_of(fact)
        if place is not None:
            places[name] = place
        elif fact.otherwise is None:
            raise NotRecorded(
                f"{document.file}: {name} ({fact.label}) is not in the record; it holds {', '.join(COUNTED)}, "
                "a flag for each category of need and for each attested milestone; say under `program: reads:` where it is"
            )
    governing = places[document.governed_by]
    if governing.of != "start_of_learning":
        raise NotRecorded(f"{document.file}: figures are looked up on {document.governed_by}; the record knows start_of_learning")
    starts = {name for name, place in places.items() if place.of == "start_of_learning"}
    values = [dated for name in figures for dated in document.figures[name].values]
    days = {dated.from_on for dated in values} | {dated.until_on + DAY for dated in values if dated.until_on}
    return Reads(places, tuple(sorted(days)), bool(starts & names), _only_for_work(document, places))


def _only_for_work(document: Document, places: Mapping[str, Source]) -> bool:
    """Whether every payment is 0 as long as no work is completed, by the form of its lines: 0 times, a part of 0, 0 added up."""

    def is_zero(name: Name) -> bool:
        if name.number is not None:
            return name.number == 0
        whole = name.word.split(".")[0]
        if whole in document.lines:
            return line_is_zero(document.lines[whole])
        return whole in places and places[whole].of in ("completed", "modules_completed")

    def line_is_zero(line: Line) -> bool:
        several = [name for written in line.arguments.values() if isinstance(written, tuple) for name in written]
        if line.rule in ("product", "smallest"):
            return any(map(is_zero, several))
        if line.rule == "sum":
            return all(map(is_zero, several))
        first = line.arguments.get("due" if line.rule == "waterfall" else "of")
        return line.rule in ("quotient", "rounded", "split", "waterfall") and isinstance(first, Name) and is_zero(first)

    return all(is_zero(Name(flow.line)) for flow in document.pays)


def pay(document: Document, learning: Learning, asked: Reads | None = None) -> Priced:
    """What the policy pays for it, with every step. `asked` is reads(document), where it is at hand. Raises NotPriced."""
    asked = asked or reads(document)
    facts = {name: _fact(document, name, place, learning) for name, place in asked.places.items()}
    for fact in document.facts.values():
        if fact.name not in facts and fact.otherwise is not None:
            facts[fact.name] = fact.otherwise
    return price(document, facts)


def _fact(document: Document, name: str, place: Source, learning: Learning) -> Any:
    if place.of in COUNTED or place.of in ("months_learned", "days_learned"):
        found = getattr(learning, place.of)
        return found if isinstance(found, datetime.date) else Fraction(found)
    if place.of in NAMED:
        if place.of == "prior_learning":
            found = dict(learning.prior_learning).get(place.word, document.facts[name].otherwise)
            if found is None:
                label = document.facts[name].label
                raise NotPriced(f"{document.file}: no {place.word} ({label}) is attested; attest it, or give it an `otherwise`")
            return found
        stands = place.word in (learning.needs if place.of == "need" else learning.milestones)
        return Fraction(stands) if document.facts[name].kind.base == "number" else stands
    code = learning.course if place.of == "by_course" else learning.provider
    found = dict(place.by_code).get(code, place.otherwise)
    if found is None:
        raise NotPriced(f"{document.file}: {name} has no value for {code}; add it under `program: reads:`, or an `otherwise`")
    return found


def cents_by_source(priced: Priced) -> dict[str, int]:
    """What is paid from each source, in cents, without those that pay nothing. Raises NotPriced for what no payment can
    be: a part of a cent, or less than nothing."""
    parts: dict[str, int] = {}
    for money in priced.paid:
        cents = money.amount * 100
        if cents.denominator != 1 or cents < 0:
            raise NotPriced(f"{money.flow.line} comes to {money.amount}; a payment is a whole number of cents and at least 0")
        parts[money.flow.source] = parts.get(money.flow.source, 0) + int(cents)
    return {source: cents for source, cents in sorted(parts.items()) if cents}


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
