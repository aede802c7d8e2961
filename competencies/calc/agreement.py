"""How far raters agree, in exact fractions: share exact, share at most a level apart, Cohen's kappa, and drift by month.

A pair is (first rank, second rank) of the same work under the same scale version; for anchors the first is the agreed rank.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Agreement:
    """`exact` and `adjacent` (exact or one level apart) are shares of `pairs`; `kappa` is None where chance alone would
    agree always; `drift` is the mean of second less first: above 0 rates higher."""

    pairs: int
    exact: Fraction
    adjacent: Fraction
    kappa: Fraction | None
    drift: Fraction


def agreement(pairs: Sequence[Pair]) -> Agreement:
    """Of at least one pair."""
    count = len(pairs)
    exact = Fraction(sum(first == second for first, second in pairs), count)
    return Agreement(
        pairs=count,
        exact=exact,
        adjacent=Fraction(sum(abs(first - second) <= 1 for first, second in pairs), count),
        kappa=_kappa(pairs, exact),
        drift=Fraction(sum(second - first for first, second in pairs), count),
    )


def _kappa(pairs: Sequence[Pair], exact: Fraction) -> Fraction | None:
    """Cohen (1960): agreement beyond what the two raters' own shares of each level would give by chance."""
    firsts, seconds = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    by_chance = Fraction(sum(firsts[rank] * seconds[rank] for rank in firsts), len(pairs) ** 2)
    return None if by_chance == 1 else (exact - by_chance) / (1 - by_chance)


def drift_by_month(rated: Iterable[tuple[str, Pair]]) -> list[tuple[str, int, Fraction]]:
    """(month, pairs, mean of second less first) in the order of the months, out of ("2025-09", pair)."""
    months: dict[str, list[Pair]] = defaultdict(list)
    for month, pair in rated:
        months[month].append(pair)
    return [(month, len(pairs), agreement(pairs).drift) for month, pairs in sorted(months.items())]
