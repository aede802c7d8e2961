"""Two policies over the same learning, side by side: who gains, who loses, by provider, district, group and concentration of need."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction

from funding.calc.engine.document import Document
from funding.calc.engine.recorded import Learning, Reads, pay, reads
from funding.calc.primitives.kinds import ZERO

NO_NEED = "no_need"
# A provider's share of enrollment-modules whose student is in any category of need.
BANDS = ((Fraction(1, 4), "under 25%"), (Fraction(1, 2), "25% to 50%"), (Fraction(3, 4), "50% to 75%"))
TOP_BAND = "75% and more"


@dataclass
class Sum:
    """One row of a report: `count` enrollment-modules, what each policy pays for them, and the sum of squares from which
    the swing comes. Amounts are exact."""

    count: int = 0
    needs: int = 0
    amounts: list[Fraction] = field(default_factory=lambda: [ZERO, ZERO])
    squares: list[Fraction] = field(default_factory=lambda: [ZERO, ZERO])

    def add(self, count: int, needs: int, each: tuple[Fraction, Fraction]) -> None:
        self.count += count
        self.needs += needs * count
        for place, amount in enumerate(each):
            self.amounts[place] += count * amount
            self.squares[place] += count * amount * amount

    @property
    def change(self) -> Fraction:
        return self.amounts[1] - self.amounts[0]

    def per_unit(self, place: int) -> Fraction:
        return self.amounts[place] / self.count if self.count else ZERO

    def swing(self, place: int) -> Decimal:
        """The standard deviation of the provider's money as a part of it, if each of its enrollment-modules had turned
        out as one drawn from all of its own: how far chance alone moves a small provider that is paid on results."""
        total = self.amounts[place]
        if not total:
            return Decimal(0)
        variance = self.squares[place] - total * total / self.count
        relative = variance / (total * total)
        with localcontext(prec=28):
            return (Decimal(relative.numerator) / Decimal(relative.denominator)).sqrt()


@dataclass(frozen=True)
class Compared:
    """The report: sums by what they are sums of. `cases` distinct tuples were priced for `units` enrollment-modules."""

    total: Sum
    by_provider: Mapping[str, Sum]
    by_district: Mapping[str, Sum]
    by_group: Mapping[str, Sum]
    by_concentration: Mapping[str, Sum]
    cases: int
    units: int


def compare(
    first: Document,
    second: Document,
    recorded: Iterable[tuple[str, str, Learning, int]],
    tell: Callable[[int], None] = lambda units: None,
) -> Compared:
    """`recorded` gives provider, district, learning and how many enrollment-modules are alike. `tell` hears the units
    done. Each distinct case is priced once. Raises NotPriced and NotRecorded."""
    pricers = [_Pricer(first), _Pricer(second)]
    total, concentration = Sum(), defaultdict[str, Sum](Sum)
    by: tuple[defaultdict[str, Sum], ...] = (defaultdict(Sum), defaultdict(Sum), defaultdict(Sum))
    rows: dict[str, list[tuple[int, int, tuple[Fraction, Fraction]]]] = defaultdict(list)
    for provider, district, learning, count in recorded:
        each = (pricers[0].of(learning), pricers[1].of(learning))
        needs = len(learning.needs)
        for one in (total, by[0][provider], by[1][district], *(by[2][group] for group in learning.needs or {NO_NEED})):
            one.add(count, needs, each)
        rows[provider].append((count, needs, each))
        tell(count)
    for parts in rows.values():
        band = _band(Fraction(sum(count for count, needs, _ in parts if needs), sum(count for count, _, _ in parts)))
        for count, needs, each in parts:
            concentration[band].add(count, needs, each)
    cases = len(pricers[0].priced) + len(pricers[1].priced)
    providers, districts, groups, bands = (dict(sorted(one.items())) for one in (*by, concentration))
    return Compared(total, providers, districts, groups, bands, cases, total.count)


def _band(share: Fraction) -> str:
    return next((name for bound, name in BANDS if share < bound), TOP_BAND)


class _Pricer:
    """One policy, each distinct case priced once: what it does not ask makes no difference."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._asked: Reads = reads(document)
        self.priced: dict[Learning, Fraction] = {}

    def of(self, learning: Learning) -> Fraction:
        asked = self._asked
        day = learning.start_of_learning
        if not asked.by_day:
            day = max((one for one in asked.days if one <= day), default=day)
        case = Learning(
            day,
            learning.credit,
            learning.assigned,
            learning.completed,
            learning.needs & frozenset(asked.needs),
            learning.milestones & frozenset(asked.milestones),
        )
        if case not in self.priced:
            self.priced[case] = pay(self._document, case).total
        return self.priced[case]
