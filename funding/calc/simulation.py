"""Policies over the same learning, side by side: who gains, who loses, by provider, district, group and concentration of need."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Generic, TypeVar

from funding.calc.primitives.kinds import ZERO

NO_NEED = "no_need"
# A provider's share of enrollment-modules whose student is in any category of need.
BANDS = ((Fraction(1, 4), "under 25%"), (Fraction(1, 2), "25% to 50%"), (Fraction(3, 4), "50% to 75%"))
TOP_BAND = "75% and more"

Case = TypeVar("Case", bound=Hashable)


@dataclass(frozen=True)
class Alike(Generic[Case]):
    """`count` cases of one provider and home district (codes; "" where none is known) that were learned alike: `case` is what a
    policy prices, `units` how many enrollment-modules each of them is, `groups` the categories of need of their students."""

    provider: str
    district: str
    groups: frozenset[str]
    case: Case
    count: int
    units: int = 1


@dataclass
class Paid:
    """What one policy pays, exactly: in all, for students in need, and the sum of squares from which the swing comes."""

    amount: Fraction = ZERO
    for_need: Fraction = ZERO
    squares: Fraction = ZERO


@dataclass
class Sum:
    """One row of a report: `count` enrollment-modules, `in_need` of them of students in any category of need, `needs` units
    of need (one for each category of each of them), what each policy pays for them, the base first; `cases` were priced."""

    policies: int
    cases: int = 0
    count: int = 0
    in_need: int = 0
    needs: int = 0
    paid: list[Paid] = field(init=False)

    def __post_init__(self) -> None:
        self.paid = [Paid() for _ in range(self.policies)]

    def add(self, count: int, needs: int, each: Sequence[Fraction], units: int = 1) -> None:
        """`count` cases of `units` enrollment-modules, each with `needs` categories of need, for which the policies pay `each`."""
        self.cases += count
        self.count += count * units
        self.needs += needs * count * units
        self.in_need += count * units if needs else 0
        for paid, amount in zip(self.paid, each, strict=True):
            paid.amount += count * amount
            paid.for_need += count * amount if needs else ZERO
            paid.squares += count * amount * amount

    def change(self, place: int) -> Fraction:
        return self.paid[place].amount - self.paid[0].amount

    def per_unit(self, place: int) -> Fraction:
        return self.paid[place].amount / self.count if self.count else ZERO

    def per_need(self, place: int) -> Fraction | None:
        """What is paid for students in need, for each unit of it; None where there is none."""
        return self.paid[place].for_need / self.needs if self.needs else None

    def per_unit_in_need(self, place: int) -> Fraction | None:
        return self.paid[place].for_need / self.in_need if self.in_need else None

    def per_unit_without(self, place: int) -> Fraction | None:
        without = self.count - self.in_need
        return (self.paid[place].amount - self.paid[place].for_need) / without if without else None

    def swing(self, place: int) -> Decimal:
        """The standard deviation of the provider's money as a part of it, if each of its cases had turned out as one drawn
        from all of its own: how far chance alone moves a small provider that is paid on results."""
        total = self.paid[place].amount
        if not total:
            return Decimal(0)
        variance = self.paid[place].squares - total * total / self.cases
        relative = variance / (total * total)
        with localcontext(prec=28):
            return (Decimal(relative.numerator) / Decimal(relative.denominator)).sqrt()


@dataclass(frozen=True)
class Compared:
    """The report: sums by what they are sums of."""

    total: Sum
    by_provider: Mapping[str, Sum]
    by_district: Mapping[str, Sum]
    by_group: Mapping[str, Sum]
    by_concentration: Mapping[str, Sum]


def compare(
    pricers: Sequence[Callable[[Case], Fraction]], learning: Iterable[Alike[Case]], tell: Callable[[int], None] = lambda units: None
) -> Compared:
    """The base's pricer comes first. `tell` hears the units done. Raises what a pricer raises."""

    def new() -> Sum:
        return Sum(len(pricers))

    total, concentration = new(), defaultdict[str, Sum](new)
    by: tuple[defaultdict[str, Sum], ...] = (defaultdict(new), defaultdict(new), defaultdict(new))
    rows: dict[str, list[tuple[Alike[Case], list[Fraction]]]] = defaultdict(list)
    for one in learning:
        each = [pricer(one.case) for pricer in pricers]
        for row in (total, by[0][one.provider], by[1][one.district], *(by[2][group] for group in one.groups or {NO_NEED})):
            row.add(one.count, len(one.groups), each, one.units)
        rows[one.provider].append((one, each))
        tell(one.count * one.units)
    for provider, parts in rows.items():
        band = _band(Fraction(by[0][provider].in_need, by[0][provider].count))
        for one, each in parts:
            concentration[band].add(one.count, len(one.groups), each, one.units)
    providers, districts, groups = (dict(sorted(one.items())) for one in by)
    bands = {name: concentration[name] for name in (*(name for _, name in BANDS), TOP_BAND) if name in concentration}
    return Compared(total, providers, districts, groups, bands)


def _band(share: Fraction) -> str:
    return next((name for bound, name in BANDS if share < bound), TOP_BAND)
