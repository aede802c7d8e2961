"""Counting failed sign-ins, so that nobody can try secrets without end. Counts live in the cache for a while, under hashes."""

import hashlib
from dataclasses import dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

SECONDS = 15 * 60


@dataclass(frozen=True, slots=True)
class Door:
    """How many failures within SECONDS close it: for one name from one address, for a name, and for an address.

    The first is lowest, so that a stranger elsewhere does not lock out who belongs to the name.
    """

    code: str
    together: int
    name: int
    address: int


PASSWORD = Door("password", together=10, name=100, address=300)
# A whole class types its code from the one address of its school.
CLASS_CODE = Door("class code", together=60, name=300, address=300)


def is_closed(*, door: Door, name: str, address: str) -> bool:
    """Whether too many have failed. Without its cache the door stays open: each try still costs a slow hash."""
    limits = _limits(door, name, address)
    try:
        counts = cache.get_many(list(limits))
    except RedisError:
        return False
    return any(counts.get(key, 0) >= limit for key, limit in limits.items())


def count_failure(*, door: Door, name: str, address: str) -> None:
    try:
        for key in _limits(door, name, address):
            cache.add(key, 0, SECONDS)
            cache.incr(key)
    except (RedisError, ValueError):
        # It ran out between the two, or the cache is away: one failure goes uncounted.
        return


def _limits(door: Door, name: str, address: str) -> dict[str, int]:
    parts = {f"{name}\n{address}": door.together, f"{name}\n": door.name, f"\n{address}": door.address}
    return {_key(door.code, part): limit for part, limit in parts.items()}


def _key(door: str, part: str) -> str:
    return "failures:" + hashlib.sha256(f"{door}\n{part}".encode()).hexdigest()
