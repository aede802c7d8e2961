"""Faults in the middle of a night, at random moments: the books end as if nothing had happened, every time."""

import hashlib
import random
import time
from collections import Counter

import pytest

from tests.drills.ground import Ground, Nursery
from tests.local_servers.checkouts import fresh_checkout

SIZES = {"full": {"kill": 200, "crash": 20, "flush": 20, "lose": 10}, "tenth": {"kill": 20, "crash": 2, "flush": 2, "lose": 1}}


@pytest.fixture(scope="module")
def ground():
    with fresh_checkout() as root:
        yield Ground(root)


@pytest.fixture(scope="module")
def nursery(ground, tmp_path_factory):
    log = tmp_path_factory.mktemp("drill") / "worker.log"
    nursery = Nursery(ground, log)
    nursery.bear()
    ground.each_tick = nursery.bear_again_if_ended
    yield nursery
    nursery.close()
    print(f"\nThe workers' log is {log}.")


@pytest.fixture(scope="module")
def undisturbed(ground, nursery):
    """(what the nights write when nothing happens, the seconds that they take)."""
    for _ in range(2):  # the first warms the caches
        ground.begin_a_night()
        started = time.monotonic()
        ground.tick()
        ground.see_it_through()
        seconds = time.monotonic() - started
    books = ground.books()
    assert len(books["transfers"]) > 2_000
    # Two providers, an instalment in each night.
    assert [row[1] for row in books["transfers"]].count("advance") == 4
    return books, seconds


@pytest.fixture
def drill(request, ground, nursery, undisturbed):
    """drill("kill", fault): as many faults as the size says, each at a random moment of a night; prints the figures."""
    seed = request.config.getoption("--drill-seed")
    size = request.config.getoption("--drill-size")
    books, seconds = undisturbed

    def run(kind, fault):
        chance, landed, nights, started = random.Random(f"{kind} {seed}"), Counter(), 0, time.monotonic()
        while landed.total() < SIZES[size][kind]:
            nights += 1
            ground.begin_a_night()
            ground.tick()
            while landed.total() < SIZES[size][kind] and not ground.done_within(chance.uniform(0, seconds / 2)):
                if where := ground.where():
                    landed[where] += 1
                    fault(chance)
                    ground.tick()
            ground.see_it_through()
            assert_equal_books(ground.books(), books, f"{kind}, seed {seed}, night {nights}")
        print(
            f"\n{kind}: {landed.total()} faults in {nights} nights of {seconds:.1f} s undisturbed, seed {seed}, "
            f"{time.monotonic() - started:.0f} s: 0 duplicates, 0 missing, digest {digest_of(books)[:16]} every time",
            flush=True,
        )
        for where, count in sorted(landed.items()):
            print(f"  {count:4} {where}", flush=True)

    return run


def digest_of(books):
    """SHA-256 over all transfers, in the order of their effects."""
    return hashlib.sha256(repr(books["transfers"]).encode()).hexdigest()


def assert_equal_books(found, expected, when):
    keys, wanted = ([row[0] for row in books["transfers"]] for books in (found, expected))
    assert len(keys) - len(set(keys)) == 0, f"{when}: an effect stands twice"
    assert set(wanted) - set(keys) == set(), f"{when}: effects are missing"
    assert digest_of(found) == digest_of(expected), f"{when}: the ledger differs"
    for what, rows in expected.items():
        assert found[what] == rows, f"{when}: {what} differ"


def test_a_killed_worker_changes_no_cent(drill, nursery):
    """SIGKILL to one process of its pool, or to the worker with all of them and the messages in its hands."""
    kinds = Counter()

    def kill(chance):
        whole = chance.random() < 0.5
        kinds["whole worker" if whole else "one of its processes"] += 1
        if whole:
            nursery.kill_all()
            nursery.bear()
        else:
            nursery.kill_one(chance)

    drill("kill", kill)
    print(f"  of these: {dict(kinds)}", flush=True)


def test_a_crashed_database_changes_no_cent(drill, ground):
    drill("crash", lambda _: ground.crash_postgresql())
    assert ground.index_faults() == []


def test_a_flushed_bell_changes_no_cent(drill, ground):
    drill("flush", lambda _: ground.flush_redis())


def test_a_bell_that_dies_and_comes_back_changes_no_cent(drill, ground, nursery):
    """A worker that ends over it is started again, as a service manager would."""
    before = nursery.ended_by_themselves
    drill("lose", lambda _: ground.kill_redis())
    print(f"  workers that ended over it and were started again: {nursery.ended_by_themselves - before}", flush=True)
