"""A value with its history: from which day on it is what, in which unit, by which citation."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from rulebook.load import Citation, Node


@dataclass(frozen=True)
class DatedValue:
    from_on: datetime.date
    value: Decimal
    citation: Citation


@dataclass(frozen=True)
class Parameter:
    """`values` in date order; each is in force until the next begins."""

    label: str
    unit: str
    values: tuple[DatedValue, ...]

    def in_force_on(self, day: datetime.date) -> DatedValue | None:
        """The value in force on `day`; None before the first."""
        return next((value for value in reversed(self.values) if value.from_on <= day), None)


def read_parameter(node: Node) -> Parameter:
    """Keys: label, unit, values (a list of from, value, citation, in date order)."""
    keys = node.mapping(("label", "unit", "values"))
    values: list[DatedValue] = []
    for item in keys["values"].items():
        entry = item.mapping(("from", "value", "citation"))
        dated = DatedValue(entry["from"].date(), entry["value"].decimal(), entry["citation"].citation())
        if values and dated.from_on <= values[-1].from_on:
            raise entry["from"].error(f"{dated.from_on} does not follow {values[-1].from_on}; list values in date order")
        values.append(dated)
    return Parameter(keys["label"].text(), keys["unit"].text(), tuple(values))
