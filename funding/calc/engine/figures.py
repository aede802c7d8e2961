"""A policy's figures: rates, shares and tables with their history and, for every value, where it comes from."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from funding.calc.engine.vocabulary import Kind
from funding.calc.engine.words import shown
from funding.calc.primitives.kinds import Tier
from rulebook.load import Citation, Node

Value = Fraction | tuple[Fraction, ...] | Mapping[str, Fraction] | tuple[Tier, ...]
_SHAPES = ("value", "list", "by", "tiers")
# The title under which a value stands that nobody published; its note is the reason.
INVENTED = "Invented"
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Dated:
    """A value from a day on, until the next one or the day given. Invented ones have no citation but a reason."""

    from_on: datetime.date
    until_on: datetime.date | None
    value: Value
    citation: Citation

    @cached_property
    def in_words(self) -> str:
        """The value as a trace shows it; worked out once, for every case that uses it."""
        return shown(self.value)


@dataclass(frozen=True)
class Figure:
    """`values` in date order, without gaps, all of one shape and with the same words. `node` is its place in the file."""

    name: str
    label: str
    unit: str
    kind: Kind
    values: tuple[Dated, ...]
    node: Node = field(compare=False, repr=False)

    def in_force_on(self, day: datetime.date) -> Dated | None:
        """The value in force on `day`; None before the first and after the last one's end."""
        found = next((value for value in reversed(self.values) if value.from_on <= day), None)
        return found if found and (found.until_on is None or day <= found.until_on) else None


def read_figure(name: str, node: Node) -> Figure:
    """Keys: label, unit, values. Raises RuleError for dates that overlap or leave a gap, shares above the whole, a
    value without citation, entries of different shapes."""
    keys = node.mapping(("label", "unit", "values"))
    unit = keys["unit"].text()
    values: list[Dated] = []
    shape: tuple[str, tuple[str, ...]] | None = None
    for item in keys["values"].items():
        entry = item.mapping(("from",), ("until", "citation", "invented", *_SHAPES))
        found = _read_value(item, entry, is_share=unit.startswith("share"))
        if shape not in (None, found[0]):
            raise item.error(f"this value of {name} has another shape or other words than the one before; keep them alike")
        shape = found[0]
        dated = Dated(entry["from"].date(), entry["until"].date() if "until" in entry else None, found[1], _origin(item, entry))
        _follows(values[-1] if values else None, dated, entry)
        values.append(dated)
    assert shape is not None
    return Figure(name, keys["label"].text(), unit, _kind(shape), tuple(values), node)


def _follows(before: Dated | None, this: Dated, entry: Mapping[str, Node]) -> None:
    if this.until_on and this.until_on < this.from_on:
        raise entry["until"].error(f"{this.until_on} is before {this.from_on}; a value holds for one day at least")
    if before is None:
        return
    if this.from_on <= before.from_on:
        raise entry["from"].error(f"{this.from_on} does not follow {before.from_on}; list values in date order")
    if before.until_on and this.from_on <= before.until_on:
        raise entry["from"].error(f"{this.from_on} overlaps the value before, which holds until {before.until_on}; let one end first")
    if before.until_on and this.from_on > before.until_on + DAY:
        gap = before.until_on + DAY
        raise entry["from"].error(f"no value holds from {gap} to {this.from_on - DAY}; let the one before hold longer or add one")


def _origin(item: Node, entry: Mapping[str, Node]) -> Citation:
    given = [word for word in ("citation", "invented") if word in entry]
    if len(given) != 1:
        raise item.error("a value needs either its `citation` or, if nobody published it, `invented: why`; give one of them")
    if given == ["citation"]:
        return entry["citation"].citation()
    return Citation(INVENTED, "no source publishes it", "", entry["invented"].text())


def _read_value(item: Node, entry: Mapping[str, Node], *, is_share: bool) -> tuple[tuple[str, tuple[str, ...]], Value]:
    given = [shape for shape in _SHAPES if shape in entry]
    if len(given) != 1:
        raise item.error(f"a value has exactly one of {', '.join(_SHAPES)}; here are {len(given)}")
    shape = given[0]
    node = entry[shape]

    def number(at: Node) -> Fraction:
        found = Fraction(at.decimal())
        if is_share and found > 1:
            raise at.error(f'{found} is above the whole; a share lies between "0" and "1", so write 40 % as "0.40"')
        return found

    if shape == "value":
        return (shape, ()), number(node)
    if shape == "list":
        return (shape, ()), tuple(number(one) for one in node.items())
    if shape == "by":
        named = {word: number(one) for word, one in node.words().items()}
        return (shape, tuple(named)), named
    return (shape, ()), _tiers(node, number)


def _tiers(node: Node, number: Callable[[Node], Fraction]) -> tuple[Tier, ...]:
    tiers: list[Tier] = []
    steps = node.items()
    for place, step in enumerate(steps):
        keys = step.mapping(("value",), ("below",))
        last = place == len(steps) - 1
        if last == ("below" in keys):
            raise step.error(
                "every tier but the last says `below`, and the last says none; give each its bound, so that nothing falls between"
            )
        below = Fraction(keys["below"].decimal()) if not last else None
        if tiers and below is not None and tiers[-1].below is not None and below <= tiers[-1].below:
            raise keys["below"].error(f"{below} does not follow {tiers[-1].below}; list tiers upwards")
        tiers.append(Tier(below, number(keys["value"])))
    return tuple(tiers)


def _kind(shape: tuple[str, tuple[str, ...]]) -> Kind:
    name, words = shape
    if name == "by":
        return Kind("named", parts={word: Kind("number") for word in words})
    return {"value": Kind("number"), "list": Kind("number", many=True), "tiers": Kind("tiers")}[name]
