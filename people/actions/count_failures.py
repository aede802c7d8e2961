"""Counting failed sign-ins, so that nobody can try secrets without end. Counts live in the cache for a while, under hashes.

Whoever fails too often waits, and each further failure doubles the wait. The long waits meet the one browser that fails, or the
one name at one address; what others share (a class's code, a school's address) waits for a minute at most, so that one pupil
cannot shut a class out, nor a stranger elsewhere somebody whose name he knows.
"""

import hashlib
import time
from dataclasses import dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

SECONDS = 15 * 60


@dataclass(frozen=True, slots=True)
class Limit:
    """From `failures` within SECONDS on one waits `first` seconds, twice as long after each further one, `most` at most."""

    failures: int
    first: int
    most: int

    def wait(self, failures: int) -> int:
        """In seconds; 0 where so many failures are still borne."""
        if failures < self.failures:
            return 0
        return min(self.most, self.first * 2 ** min(failures - self.failures, 20))


@dataclass(frozen=True, slots=True)
class Door:
    """What is counted: the failures of one browser, for one name from one address, for a name, and from an address."""

    code: str
    browser: Limit
    together: Limit
    name: Limit
    address: Limit


SHARED = Limit(300, 5, 60)
PASSWORD = Door("password", Limit(20, 30, SECONDS), together=Limit(10, 30, SECONDS), name=Limit(100, 5, 60), address=SHARED)
# A whole class types its code from the one address of its school.
CLASS_CODE = Door("class code", Limit(10, 30, SECONDS), together=Limit(60, 5, 60), name=SHARED, address=SHARED)
# Every opening of a shared link counts, not failures alone: each is written down.
SHARED_LINK = Door("shared link", SHARED, together=Limit(60, 30, SECONDS), name=Limit(200, 5, 60), address=Limit(120, 5, 60))


def wait_seconds(*, door: Door, name: str, address: str, browser: str = "") -> int:
    """How long nothing is tried here; 0 where the door is open. Without its cache it stays open: each try still costs a slow
    hash. `browser` is whatever tells one browser from another, or nothing."""
    keys = [_key(door.code, part, "until") for part, _ in _limits(door, name, address, browser)]
    try:
        until = cache.get_many(keys)
    except RedisError:
        return 0
    return max((int(end - _now()) + 1 for end in until.values() if end > _now()), default=0)


def count_failure(*, door: Door, name: str, address: str, browser: str = "") -> None:
    try:
        for part, limit in _limits(door, name, address, browser):
            key = _key(door.code, part, "failures")
            cache.add(key, 0, SECONDS)
            if wait := limit.wait(cache.incr(key)):
                cache.set(_key(door.code, part, "until"), _now() + wait, wait)
    except (RedisError, ValueError):
        # It ran out between the two, or the cache is away: one failure goes uncounted.
        return


def _now() -> float:
    return time.time()


def _limits(door: Door, name: str, address: str, browser: str) -> list[tuple[str, Limit]]:
    """What is counted under its kind: an empty name at an address is not the address."""
    parts = [(f"both\n{name}\n{address}", door.together), (f"name\n{name}", door.name), (f"address\n{address}", door.address)]
    return [*parts, (f"browser\n{browser}", door.browser)] if browser else parts


def _key(door: str, part: str, what: str) -> str:
    return f"{what}:" + hashlib.sha256(f"{door}\n{part}".encode()).hexdigest()
