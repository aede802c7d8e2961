"""A family's or payer's account walked through its movements: what stands, what was refused."""

import datetime
from collections import defaultdict
from fractions import Fraction
from typing import NamedTuple

from funding.calc.primitives.kinds import ZERO, CannotMean, Dates, Numbers, Texts

# What a movement adds to what is free, reserved and spent, for each unit of its amount.
EFFECTS = {
    "deposit": (1, 0, 0), "reserve": (-1, 1, 0), "spend": (0, -1, 1), "release": (1, -1, 0),
    "transfer_in": (1, 0, 0), "transfer_out": (-1, 0, 0), "refund": (1, 0, -1), "expire": (-1, 0, 0),
}  # fmt: skip
MOVEMENTS = tuple(EFFECTS)


class Walked(NamedTuple):
    """The account after all movements: `free` can be reserved, `reserved` waits to be spent, `spent` so far, and for
    each movement how much of it was `done` (0 where it was refused)."""

    free: Fraction
    reserved: Fraction
    spent: Fraction
    done: Numbers


def account(
    kinds: Texts, amounts: Numbers, items: Texts = (), item_limit: Fraction | None = None, lifetime_limit: Fraction | None = None
) -> Walked:
    """Movements in order. deposit, transfer_in: free rises. reserve: free to reserved. release: reserved back to free.
    spend: reserved to spent. refund: spent back to free. transfer_out: free falls. expire: free falls by what there is.

    Never below 0: a movement that would take more than there is, or spend beyond the limit for one item or for the
    account's life, is refused whole.
    """
    named = items or ("",) * len(kinds)
    if not len(kinds) == len(amounts) == len(named) or any(amount < 0 for amount in amounts):
        raise CannotMean("every movement needs a kind, an amount of at least 0 and, where items are given, an item")
    walk = _Walk(item_limit, lifetime_limit)
    done = tuple(map(walk.move, kinds, amounts, named))
    return Walked(*walk.stands(), done)


class _Walk:
    def __init__(self, item_limit: Fraction | None, lifetime_limit: Fraction | None) -> None:
        self._limit, self._lifetime = item_limit, lifetime_limit
        self._free = self._reserved = self._spent = ZERO
        self._by_item: dict[str, Fraction] = defaultdict(Fraction)

    def stands(self) -> tuple[Fraction, Fraction, Fraction]:
        return self._free, self._reserved, self._spent

    def move(self, kind: str, amount: Fraction, item: str) -> Fraction:
        if kind not in EFFECTS:
            raise CannotMean(f"{kind!r} is no movement; known: {', '.join(MOVEMENTS)}")
        if kind == "expire":
            amount = min(amount, self._free)
        free, reserved, spent = EFFECTS[kind]
        if not self._allowed(amount, item, free, reserved, spent):
            return ZERO
        self._free += free * amount
        self._reserved += reserved * amount
        self._spent += spent * amount
        self._by_item[item] += spent * amount
        return amount

    def _allowed(self, amount: Fraction, item: str, free: int, reserved: int, spent: int) -> bool:
        if min(self._free + free * amount, self._reserved + reserved * amount, self._spent + spent * amount) < 0:
            return False
        if spent != 1:
            return self._by_item[item] + spent * amount >= 0
        within_item = self._limit is None or self._by_item[item] + amount <= self._limit
        return within_item and (self._lifetime is None or self._spent + amount <= self._lifetime)


def unexpired(amounts: Numbers, expires: Dates, on: datetime.date) -> Numbers:
    """Each deposit that has not expired by `on`, and 0 for one that has."""
    if len(amounts) != len(expires):
        raise CannotMean(f"{len(amounts)} deposits cannot be paired with {len(expires)} days of expiry")
    return tuple(amount if on <= day else ZERO for amount, day in zip(amounts, expires, strict=True))
