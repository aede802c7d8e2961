"""Sixty-four spenders at once on money that is there once: never over, exactly full when demand exceeds, nothing by halves.

Processes of their own, each with a connection of the funding worker's login and real commits.
"""

import multiprocessing
import os
import random
import signal
from fractions import Fraction

import pytest

from funding.actions import move_money
from funding.actions.move_money import MovementRefused
from funding.actions.open_fund import open_appropriation, open_wallet
from funding.calc.primitives.accounts import account
from funding.models import Fund, FundMovement
from funding.queries.fund_verification import fund_findings
from tests import build
from tests.at_once import at_once
from tests.committed import django_as

SPENDERS = 64
ROUNDS = {"full": 100, "tenth": 4}
KILLS = {"full": 64, "tenth": 8}
DAY = build.day(15)


@pytest.fixture
def size(request):
    return request.config.getoption("--drill-size")


@pytest.fixture
def program(committed_db):
    return build.program()


def wallet(code, **terms):
    return open_wallet(program_code="trial", code=code, name=f"Wallet {code}", holder_id=7, **terms)


def move(kind, fund, cents, effect, **more):
    """The cents that were moved; 0 where it was refused."""
    told = {"effect": effect, "on": DAY, "reason": "tried", "moved_by": 1, **more}
    try:
        moved = getattr(move_money, kind)(fund_id=fund.pk, amount_cents=cents, **told)
    except MovementRefused:
        return 0
    return moved.amount_cents if moved else 0


def stands(fund):
    fund.refresh_from_db()
    return fund.free_cents, fund.reserved_cents, fund.spent_cents


def test_sixty_four_spenders_empty_a_fund_to_the_cent_and_never_beyond(program, size):
    """Every draw is asked for twice, as a client does who did not hear the answer."""
    rounds = ROUNDS[size]
    funds = [wallet("shared"), open_appropriation(program_code="trial", fiscal_year=2026)]
    # Two thirds of what will be asked for on average, and no multiple of anything.
    there = SPENDERS * rounds * 33 + 1
    for fund in funds:
        move("deposit", fund, there, f"filled {fund.code}")

    def spend(number):
        chance, had = random.Random(number), [0, 0]
        for turn in range(rounds):
            for place, fund in enumerate(funds):
                asked, effect = chance.randrange(1, 100), f"{number} {turn} {fund.code}"
                drawn = move("draw_up_to", fund, asked, f"draw {effect}")
                # What was once answered stays so; nothing was no answer, and nothing can have come since.
                assert move("draw_up_to", fund, asked, f"draw {effect}") == drawn <= asked
                if drawn:
                    assert move("spend", fund, drawn, f"spend {effect}") == drawn
                had[place] += drawn
        return had

    with django_as("credence_funding"):
        had = at_once(SPENDERS, spend)
    for place, fund in enumerate(funds):
        assert sum(one[place] for one in had) == there
        assert stands(fund) == (0, 0, there)
    assert list(fund_findings(program=funds[0].program)) == []
    print(f"\n{SPENDERS} spenders, {rounds} rounds: {there} cents of each fund drawn to the last, 0 over")


KINDS = ("deposit", "reserve", "reserve", "spend", "spend", "release", "refund", "expire")


def test_whatever_sixty_four_do_at_once_is_the_pure_walk_of_what_was_done(program, size):
    limits = {"item_limit_cents": 9_000, "lifetime_limit_cents": 20_000}
    fund = wallet("shared", **limits)
    move("deposit", fund, 5_000, "filled")

    def live(number):
        chance = random.Random(number)
        for turn in range(ROUNDS[size] * 2):
            cents = chance.randrange(1, 40 if (kind := chance.choice(KINDS)) == "expire" else 300)
            move(kind, fund, cents, f"{number} {turn}", item=chance.choice(["books", "travel", "meals"]))

    with django_as("credence_funding"):
        at_once(SPENDERS, live)
    # The fund's row is held from the look to the commit, so its movements' ids stand in their order.
    made = list(FundMovement.objects.filter(fund=fund).order_by("pk").values_list("kind", "amount_cents", "item"))
    kinds, amounts, items = zip(*((kind, Fraction(cents), item) for kind, cents, item in made), strict=True)
    walked = account(kinds, amounts, items, *map(Fraction, limits.values()))
    assert walked.done == amounts
    assert (walked.free, walked.reserved, walked.spent) == stands(fund)
    assert list(fund_findings(program=fund.program)) == []
    assert len(made) > SPENDERS
    print(f"\n{len(made)} of {SPENDERS * ROUNDS[size] * 2 + 1} movements done, the rest refused")


def test_transfers_that_cross_among_ten_wallets_conserve_every_cent(program, size):
    wallets = [wallet(f"w{number}") for number in range(10)]
    for one in wallets:
        move("deposit", one, 1_000, f"filled {one.code}")

    def pass_on(number):
        chance = random.Random(number)
        for turn in range(ROUNDS[size] * 2):
            one, other = chance.sample(wallets, 2)
            move("transfer", one, chance.randrange(1, 600), f"{number} {turn}", to_fund_id=other.pk)

    with django_as("credence_funding"):
        at_once(SPENDERS, pass_on)
    stand = [stands(one) for one in wallets]
    assert sum(free for free, _, _ in stand) == 10 * 1_000
    assert all(free >= 0 and (reserved, spent) == (0, 0) for free, reserved, spent in stand)
    assert FundMovement.objects.filter(kind="transfer").count() > SPENDERS


def test_a_spender_killed_in_the_middle_leaves_no_half(program, size):
    wallets = [wallet(f"w{number}") for number in range(4)]
    for one in wallets:
        move("deposit", one, 100_000, f"filled {one.code}")
    chance, fork = random.Random(size), multiprocessing.get_context("fork")

    def live(number, begun):
        own, turn = random.Random(number), 0
        while True:
            one, other = own.sample(wallets, 2)
            move("transfer", one, own.randrange(1, 600), f"{number} {turn} transfer", to_fund_id=other.pk)
            move("draw_up_to", one, own.randrange(1, 20), f"{number} {turn} draw")
            begun.set()
            turn += 1

    killed = 0
    with django_as("credence_funding"):
        while killed < KILLS[size]:
            began = [fork.Event() for _ in range(4)]
            spenders = [fork.Process(target=live, args=(killed + place, event)) for place, event in enumerate(began)]
            for spender in spenders:
                spender.start()
            assert all(event.wait(timeout=60) for event in began)
            for spender in spenders:
                # At some moment or other of its next movements.
                spender.join(timeout=chance.uniform(0, 0.02))
                os.kill(spender.pid, signal.SIGKILL)
                spender.join()
                killed += 1
    total = sum(sum(stands(Fund.objects.get(pk=one.pk))) for one in wallets)
    assert total == 4 * 100_000
    assert list(fund_findings(program=wallets[0].program)) == []
    print(f"\n{killed} spenders killed amid {FundMovement.objects.count()} movements: nothing by halves")
