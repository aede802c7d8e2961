"""Funds: money that is there once. Every movement is the pure walk's, once, whole or refused with nothing changed."""

import datetime
import random
from fractions import Fraction

import pytest
from django.db import DatabaseError, connection, transaction

from funding.actions import move_money
from funding.actions.move_money import MovementRefused
from funding.actions.open_fund import FundRefused, open_appropriation, open_wallet
from funding.calc.effects import effect_key
from funding.calc.primitives.accounts import account
from funding.models import Fund, FundItem, FundMovement
from tests import build
from tests.database.statements import refused, run

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 1, 15)


@pytest.fixture
def program():
    return build.program()


def wallet(code="w1", **terms):
    return open_wallet(program_code="trial", code=code, name=f"Wallet {code}", holder_id=7, **terms)


def move(kind, fund, cents, effect=None, on=DAY, **more):
    told = {"effect": effect or f"a test's own {random.random()}", "on": on, "reason": "tried", "moved_by": 1, **more}
    return getattr(move_money, kind)(fund_id=fund.pk, amount_cents=cents, **told)


def stands(fund):
    fund.refresh_from_db()
    return fund.free_cents, fund.reserved_cents, fund.spent_cents


def test_money_is_put_in_reserved_spent_and_comes_back(program):
    fund = wallet()
    move("deposit", fund, 1000)
    move("reserve", fund, 600)
    move("spend", fund, 500, item="books")
    assert stands(fund) == (400, 100, 500)
    move("release", fund, 100)
    move("refund", fund, 200, item="books")
    assert stands(fund) == (700, 0, 300)
    assert move("expire", fund, 9999).amount_cents == 700
    assert stands(fund) == (0, 0, 300)
    assert move("expire", fund, 1) is None


@pytest.mark.parametrize(
    ("kind", "cents", "why"),
    [
        ("reserve", 501, "w1 has 5.00 USD for this; 5.01 USD were asked for"),
        ("spend", 301, "w1 has 3.00 USD for this"),
        ("release", 301, "w1 has 3.00 USD for this"),
        ("refund", 201, "w1 has 2.00 USD for this"),
        ("deposit", 0, "more than nothing"),
        ("deposit", -5, "more than nothing"),
        ("draw_up_to", -5, "more than nothing"),
        ("expire", -5, "more than nothing"),
    ],
)
def test_what_is_not_there_is_not_moved(program, kind, cents, why):
    fund = wallet()
    for earlier, amount in (("deposit", 1000), ("reserve", 500), ("spend", 200)):
        move(earlier, fund, amount)
    with pytest.raises(MovementRefused, match=why):
        move(kind, fund, cents)
    assert stands(fund) == (500, 300, 200)
    assert FundMovement.objects.count() == 3


def test_an_item_and_a_life_have_their_limits(program):
    fund = wallet(item_limit_cents=300, lifetime_limit_cents=500)
    move("deposit", fund, 1000)
    move("reserve", fund, 1000)
    move("spend", fund, 300, item="books")
    with pytest.raises(MovementRefused, match=r"at most 3\.00 USD on one item"):
        move("spend", fund, 1, item="books")
    move("spend", fund, 200, item="travel")
    with pytest.raises(MovementRefused, match=r"at most 5\.00 USD in its life"):
        move("spend", fund, 1, item="meals")
    with pytest.raises(MovementRefused, match=r"2\.00 USD were spent on this item; 2\.01 USD were asked back"):
        move("refund", fund, 201, item="travel")
    move("refund", fund, 50, item="travel")
    assert list(FundItem.objects.order_by("item").values_list("item", "spent_cents")) == [("books", 300), ("travel", 150)]


def test_after_its_last_day_nothing_is_put_in_or_reserved_and_what_was_reserved_is_still_spent(program):
    fund, other, late = wallet(expires_on=DAY), wallet("w2"), DAY + datetime.timedelta(1)
    move("deposit", fund, 100)
    move("reserve", fund, 40)
    move("deposit", other, 100)
    for kind in ("deposit", "reserve", "draw_up_to"):
        with pytest.raises(MovementRefused, match=f"w1 expired after {DAY}"):
            move(kind, fund, 1, on=late)
    for one, to in ((fund, other), (other, fund)):
        with pytest.raises(MovementRefused, match=f"w1 expired after {DAY}"):
            move("transfer", one, 1, on=late, to_fund_id=to.pk)
    move("spend", fund, 30, on=late)
    move("release", fund, 10, on=late)
    move("expire", fund, 70, on=late)
    assert stands(fund) == (0, 0, 30)


def test_a_transfer_is_one_row_within_one_program(program):
    build.program(program="other", catalogue="other")
    one, two = wallet(), wallet("w2")
    foreign = open_wallet(program_code="other", code="w1", name="Wallet", holder_id=7)
    move("deposit", one, 100)
    move("transfer", one, 60, to_fund_id=two.pk)
    assert (stands(one), stands(two)) == ((40, 0, 0), (60, 0, 0))
    for to, why in ((foreign, "belong to two"), (one, "cannot pass money to itself")):
        with pytest.raises(MovementRefused, match=why):
            move("transfer", one, 1, to_fund_id=to.pk)
    with pytest.raises(MovementRefused, match="There is no fund 987"):
        move_money.deposit(fund_id=987, amount_cents=1, effect="x", on=DAY, reason="tried", moved_by=1)
    assert FundMovement.objects.count() == 2


@pytest.mark.parametrize("kind", ["deposit", "reserve", "draw_up_to"])
def test_the_same_effect_again_changes_nothing_and_is_answered_as_before(program, kind):
    fund, other = wallet(), wallet("w2")
    move("deposit", fund, 1000)
    first = move(kind, fund, 400, effect="the same")
    before = stands(fund)
    assert move(kind, fund, 400, effect="the same") == first
    for wrong in (lambda: move("expire", fund, 400, effect="the same"), lambda: move(kind, other, 400, effect="the same")):
        with pytest.raises(MovementRefused, match="Another movement bears"):
            wrong()
    if kind != "draw_up_to":
        with pytest.raises(MovementRefused, match="Another movement bears"):
            move(kind, fund, 399, effect="the same")
    assert stands(fund) == before
    assert FundMovement.objects.count() == 2


def test_a_draw_takes_what_there_is_and_nothing_where_nothing_is_left(program):
    fund = wallet()
    assert move("draw_up_to", fund, 100, effect="draw") is None
    move("deposit", fund, 70)
    assert move("draw_up_to", fund, 100, effect="draw").amount_cents == 70
    assert move("draw_up_to", fund, 100, effect="draw").amount_cents == 70
    assert stands(fund) == (0, 70, 0)


KINDS = ("deposit", "reserve", "spend", "release", "refund", "expire")


@pytest.mark.parametrize("seed", range(6))
def test_a_random_life_of_a_fund_is_the_pure_walk(program, seed):
    chance = random.Random(seed)
    limits = [None if chance.random() < 0.3 else chance.randrange(1, 3000) for _ in range(2)]
    fund = wallet(item_limit_cents=limits[0], lifetime_limit_cents=limits[1])
    tried = [(chance.choice(KINDS), chance.randrange(1, 500), chance.choice(["books", "travel"])) for _ in range(120)]
    done = []
    for number, (kind, cents, item) in enumerate(tried):
        try:
            moved = move(kind, fund, cents, effect=f"{seed} {number}", item=item)
            done.append(moved.amount_cents if moved else 0)
        except MovementRefused:
            done.append(0)
    kinds, amounts, items = zip(*tried, strict=True)
    exact = account(kinds, tuple(map(Fraction, amounts)), items, *(None if limit is None else Fraction(limit) for limit in limits))
    assert stands(fund) == (exact.free, exact.reserved, exact.spent)
    assert tuple(done) == exact.done
    # All that was done is asked for again, in any order: once is all there is.
    again = [number for number, moved in enumerate(done) if moved]
    for number in chance.sample(again, len(again)):
        kind, _, item = tried[number]
        assert move(kind, fund, done[number], effect=f"{seed} {number}", item=item).amount_cents == done[number]
    assert stands(fund) == (exact.free, exact.reserved, exact.spent)


MOVE = """
    INSERT INTO funding_fundmovement (effect_key, fund_id, kind, amount_cents, to_fund_id, item, reason, business_date, moved_by)
    VALUES (gen_random_uuid(), %(fund)s, %(kind)s, %(cents)s, %(to)s, %(item)s, %(reason)s, %(on)s, %(by)s)
"""


@pytest.fixture
def filled(program):
    """A wallet with 500 free, 300 reserved and 200 spent on books, of at most 400 an item and 450 for its life; MOVE's values."""
    fund = wallet(item_limit_cents=400, lifetime_limit_cents=450, expires_on=DAY)
    move("deposit", fund, 1000)
    move("reserve", fund, 500)
    move("spend", fund, 200, item="books")
    return {"fund": fund.pk, "kind": "deposit", "cents": 1, "to": None, "item": "books", "reason": "tried", "on": DAY, "by": 1}


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"kind": "reserve", "cents": 501}, "fund_is_never_overdrawn"),
        ({"kind": "expire", "cents": 501}, "fund_is_never_overdrawn"),
        ({"kind": "release", "cents": 301}, "fund_is_never_overdrawn"),
        ({"kind": "spend", "cents": 300}, "fund_spends_within_its_lifetime"),
        ({"kind": "spend", "cents": 201}, "no more than its limit on one item|fund_spends_within_its_lifetime"),
        ({"kind": "refund", "cents": 1, "item": "travel"}, "item_is_never_refunded_beyond_its_spending"),
        ({"kind": "deposit", "on": DAY + datetime.timedelta(1)}, "expired before"),
        ({"cents": 0}, "movement_moves_a_positive_amount"),
        ({"cents": -1}, "movement_moves_a_positive_amount"),
        ({"reason": ""}, "movement_gives_a_reason"),
        ({"by": None}, "movement_is_made_by_someone"),
        ({"kind": "transfer"}, "a_transfer_alone_names_another_fund"),
    ],
)
def test_the_database_refuses_what_no_fund_can_do(filled, changed, match):
    refused(MOVE, filled | changed, match=match)


def test_the_database_holds_an_items_limit_by_itself(program):
    fund = wallet(item_limit_cents=100)
    move("deposit", fund, 1000)
    move("reserve", fund, 1000)
    values = {"fund": fund.pk, "kind": "spend", "to": None, "item": "books", "reason": "tried", "on": DAY, "by": 1}
    refused(MOVE, values | {"cents": 101}, match="no more than its limit on one item")
    run(MOVE, values | {"cents": 100})


def test_the_database_keeps_a_transfer_within_its_program_and_off_itself(filled):
    build.program(program="other", catalogue="other")
    foreign = open_wallet(program_code="other", code="w1", name="Wallet", holder_id=7)
    refused(MOVE, filled | {"kind": "transfer", "to": foreign.pk}, match="stays within one program")
    refused(MOVE, filled | {"kind": "transfer", "to": filled["fund"]}, match="a_transfer_moves_between_two_funds")
    refused(MOVE, filled | {"to": foreign.pk}, match="a_transfer_alone_names_another_fund")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE funding_fund SET free_cents = free_cents + 1",
        "UPDATE funding_fund SET reserved_cents = 0",
        "UPDATE funding_fund SET spent_cents = 0",
        "UPDATE funding_fund SET lifetime_limit_cents = NULL",
        "UPDATE funding_fund SET expires_on = NULL",
        "UPDATE funding_funditem SET spent_cents = 0",
        "INSERT INTO funding_funditem (fund_id, item, spent_cents) SELECT id, 'planted', 1 FROM funding_fund",
        "INSERT INTO funding_fund (program_id, kind, code, name, holder_id, free_cents) "
        "SELECT program_id, 'wallet', 'planted', '', 1, 100 FROM funding_fund",
    ],
)
def test_nobody_writes_what_stands_in_a_fund(filled, statement):
    refused(statement, match="is added to, never edited")


def test_a_fund_is_a_years_or_a_holders_and_a_year_has_one(program):
    first = open_appropriation(program_code="trial", fiscal_year=2026)
    assert open_appropriation(program_code="trial", fiscal_year=2026) == first
    again = """
        INSERT INTO funding_fund (program_id, kind, code, name, fiscal_year, holder_id)
        SELECT program_id, %s, 'x', '', %s, %s FROM funding_fund"""
    refused(again, ["appropriation", 2026, None], match="one_appropriation_a_fiscal_year")
    refused(again, ["appropriation", 2027, 7], match="fund_is_a_years_or_a_holders")
    refused(again, ["wallet", None, None], match="fund_is_a_years_or_a_holders")
    wallet()
    with pytest.raises(FundRefused, match="on other terms"):
        wallet(item_limit_cents=5)
    with pytest.raises(FundRefused, match="no program 'nowhere'; there is: trial"):
        open_appropriation(program_code="nowhere", fiscal_year=2026)
    assert Fund.objects.count() == 2


def test_an_effect_has_one_key_here_and_in_the_database():
    for effect in ("deposit|trial|2026", "ünïcode \\ 'quote'", ""):
        with connection.cursor() as cursor:
            cursor.execute("SELECT funding.effect_key(%s)", [effect])
            assert cursor.fetchone()[0] == effect_key(effect)


def test_a_movement_that_fails_with_what_it_was_part_of_leaves_nothing(program):
    fund = wallet()

    def deposit_and_fail():
        with transaction.atomic():
            move("deposit", fund, 100)
            run("SELECT 1 / 0")

    with pytest.raises(DatabaseError):
        deposit_and_fail()
    assert stands(fund) == (0, 0, 0)
    assert not FundMovement.objects.exists()
