"""One sum for many claims: prorated to the cent, raised from the poorest up, cut with a floor."""

from fractions import Fraction
from typing import NamedTuple

from funding.calc.primitives.kinds import ZERO, CannotMean, Numbers, Truths


def prorate(claims: Numbers, available: Fraction, step: Fraction, protected: Truths = ()) -> Numbers:
    """Each claim cut by one factor so that all together make `available`, in steps (cents) by largest remainder.

    Claims marked `protected` are paid in full, before the others. Enough for all cuts nothing. Claims are whole steps
    of at least 0; of equal remainders the larger claim's comes first, so that the order of claims changes nobody's amount.
    """
    if any(claim < 0 or (claim / step).denominator != 1 for claim in claims) or (available / step).denominator != 1:
        raise CannotMean("claims and the sum available must be whole steps; round them first, none below 0")
    kept = protected or (False,) * len(claims)
    if len(kept) != len(claims):
        raise CannotMean(f"{len(claims)} claims cannot be paired with {len(kept)} marks")
    left = available - sum((claim for claim, whole in zip(claims, kept, strict=True) if whole), ZERO)
    if left < 0:
        raise CannotMean("the protected claims alone are more than the sum available")
    open_claims = sum((claim for claim, whole in zip(claims, kept, strict=True) if not whole), ZERO)
    if open_claims <= left:
        return claims
    exact = [claim if whole else claim * left / open_claims for claim, whole in zip(claims, kept, strict=True)]
    return by_largest_remainder(exact, available, step)


def by_largest_remainder(exact: list[Fraction], available: Fraction, step: Fraction) -> Numbers:
    """The exact amounts in whole steps that add up to `available`: each cut to its step, the missing steps to the largest
    remainders; of equal ones the larger amount first, then the earlier."""
    paid = [Fraction(amount // step) * step for amount in exact]
    missing = int((available - sum(paid, ZERO)) / step)
    by_rest = sorted(range(len(exact)), key=lambda place: (paid[place] - exact[place], -exact[place], place))
    for place in by_rest[:missing]:
        paid[place] += step
    return tuple(paid)


class Equalised(NamedTuple):
    """The `level` per unit reached, how many were `raised`, and what each was `given`."""

    level: Fraction
    raised: Fraction
    given: Numbers


def equalise(own: Numbers, units: Numbers, supplement: Fraction) -> Equalised:
    """Water-filling: the poorest per unit (weighted pupil) are raised to one level until the supplement is spent.

    `own` revenue and `units` in the same order. A supplement of 0 raises nobody, and the level is that of the poorest.
    """
    if len(own) != len(units) or not own or any(unit <= 0 for unit in units) or supplement < 0:
        raise CannotMean("every entry needs its own revenue and units above 0, and the supplement cannot be below 0")
    poorest_first = sorted(range(len(own)), key=lambda place: own[place] / units[place])
    money, count = supplement, ZERO
    level = own[poorest_first[0]] / units[poorest_first[0]]
    for number, place in enumerate(poorest_first):
        money, count = money + own[place], count + units[place]
        level = money / count
        after = poorest_first[number + 1] if number + 1 < len(own) else None
        if after is None or level <= own[after] / units[after]:
            break
    given = tuple(max(level * unit - revenue, ZERO) for revenue, unit in zip(own, units, strict=True))
    return Equalised(level, Fraction(sum(1 for amount in given if amount > 0)), given)


def rescale(of: Numbers, least: Fraction, most: Fraction) -> Numbers:
    """The series moved and stretched so that its smallest becomes `least` and its greatest `most`; alike stay at `least`."""
    if not of:
        return ()
    low, high = min(of), max(of)
    return tuple(least + ((one - low) / (high - low) if high > low else ZERO) * (most - least) for one in of)


def cut_with_floor(claims: Numbers, floors: Numbers, available: Fraction) -> Numbers:
    """Ratable reduction with hold-harmless: one factor for all, those below their floor lifted to it, the lift taken
    from the rest, until it stands. Exact; prorate the cents after. Floors beyond the sum available are refused."""
    if len(claims) != len(floors) or sum(floors, ZERO) > available:
        raise CannotMean("every claim needs a floor, and the floors together cannot be more than the sum available")
    lifted: set[int] = set()
    while True:
        left = available - sum((floors[place] for place in lifted), ZERO)
        open_claims = sum((claim for place, claim in enumerate(claims) if place not in lifted), ZERO)
        factor = min(left / open_claims, Fraction(1)) if open_claims else ZERO
        more = {place for place, claim in enumerate(claims) if place not in lifted and claim * factor < floors[place]}
        if not more:
            return tuple(floors[place] if place in lifted else claim * factor for place, claim in enumerate(claims))
        lifted |= more
