"""Move money of funds: each movement once, whole or not at all, and never more than what is there.

Every verb takes `effect`, the name of what it does: the same effect again changes nothing and answers the movement that
was made. `on` is the business date, `reason` what it was for; `moved_by` the id of a person, `run_id` of a night, at least
one of them. Each raises MovementRefused. A fund's row is held from the look to the commit, several in the order of their
ids; the database's own guards (database/funds.sql) refuse what would slip through here.
"""

import datetime
from typing import NotRequired, TypedDict, Unpack

from database.areas import acting_as
from funding.calc.effects import effect_key
from funding.calc.money import in_words
from funding.models import Fund, FundItem, FundMovement

Kind = FundMovement.Kind


class MovementRefused(ValueError):
    """Why no money was moved, in a sentence for people. Nothing has changed."""


class Circumstances(TypedDict):
    """What every movement is told beside its fund and amount."""

    effect: str
    on: datetime.date
    reason: str
    item: NotRequired[str]
    moved_by: NotRequired[int | None]
    run_id: NotRequired[int | None]


def deposit(*, fund_id: int, amount_cents: int, **told: Unpack[Circumstances]) -> FundMovement:
    """Money arrives: what is free rises."""
    return _moved(Kind.DEPOSIT, fund_id, amount_cents, told)


def reserve(*, fund_id: int, amount_cents: int, **told: Unpack[Circumstances]) -> FundMovement:
    """What is free is set aside for something that will be paid."""
    return _moved(Kind.RESERVE, fund_id, amount_cents, told)


def spend(*, fund_id: int, amount_cents: int, **told: Unpack[Circumstances]) -> FundMovement:
    """What was reserved is paid, within the limits for one `item` and for the fund's life."""
    return _moved(Kind.SPEND, fund_id, amount_cents, told)


def release(*, fund_id: int, amount_cents: int, **told: Unpack[Circumstances]) -> FundMovement:
    """What was reserved is free again."""
    return _moved(Kind.RELEASE, fund_id, amount_cents, told)


def refund(*, fund_id: int, amount_cents: int, **told: Unpack[Circumstances]) -> FundMovement:
    """What was spent on `item` comes back and is free."""
    return _moved(Kind.REFUND, fund_id, amount_cents, told)


def transfer(*, fund_id: int, to_fund_id: int, amount_cents: int, **told: Unpack[Circumstances]) -> FundMovement:
    """What is free in one fund passes to another of the same program."""
    return _moved(Kind.TRANSFER, fund_id, amount_cents, told, to_fund_id=to_fund_id)


def expire(*, fund_id: int, amount_cents: int, **told: Unpack[Circumstances]) -> FundMovement | None:
    """What is free lapses, `amount_cents` or as much as there is; None where there is nothing."""
    return _move(Kind.EXPIRE, fund_id, amount_cents, told, at_most=True)


def draw_up_to(*, fund_id: int, amount_cents: int, **told: Unpack[Circumstances]) -> FundMovement | None:
    """What is free is reserved, `amount_cents` or as much as there is; None where there is nothing.

    Nothing is no movement: the same effect may be asked for again once there is money.
    """
    return _move(Kind.RESERVE, fund_id, amount_cents, told, at_most=True)


def hold_funds(*fund_ids: int) -> dict[int, Fund]:
    """The funds' rows, held until commit in the order of their ids, by id. Runs under area_funding."""
    held = Fund.objects.select_for_update(no_key=True, of=("self",)).select_related("program")
    return {fund.pk: fund for fund in held.filter(pk__in=fund_ids).order_by("pk")}


def _moved(kind: Kind, fund_id: int, amount_cents: int, told: Circumstances, to_fund_id: int | None = None) -> FundMovement:
    moved = _move(kind, fund_id, amount_cents, told, to_fund_id=to_fund_id)
    assert moved is not None  # only what is taken up to an amount may come to nothing
    return moved


def _move(
    kind: Kind, fund_id: int, amount_cents: int, told: Circumstances, *, to_fund_id: int | None = None, at_most: bool = False
) -> FundMovement | None:
    with acting_as("area_funding"):
        funds = hold_funds(*(fund for fund in (fund_id, to_fund_id) if fund is not None))
        for wanted in (fund_id, to_fund_id):
            if wanted is not None and wanted not in funds:
                raise MovementRefused(f"There is no fund {wanted}.")
        fund, item = funds[fund_id], told.get("item", "")
        key = effect_key(told["effect"])
        before = FundMovement.objects.filter(effect_key=key).first()
        if before is not None:
            return _the_same(before, (kind, fund_id, to_fund_id, item), None if at_most else amount_cents)
        amount = min(amount_cents, fund.free_cents) if at_most else amount_cents
        if at_most and amount == 0:
            return None
        if why := _refusal(kind, fund, funds.get(to_fund_id or 0), amount, item, told["on"]):
            raise MovementRefused(why)
        return FundMovement.objects.create(
            effect_key=key,
            fund=fund,
            kind=kind,
            amount_cents=amount,
            to_fund_id=to_fund_id,
            item=item,
            reason=told["reason"],
            business_date=told["on"],
            run_id=told.get("run_id"),
            moved_by=told.get("moved_by"),
        )


def _the_same(before: FundMovement, asked: tuple[str, int, int | None, str], amount_cents: int | None) -> FundMovement:
    """The movement made under this effect, where it is the one that is asked for again."""
    made = (before.kind, before.fund_id, before.to_fund_id, before.item)
    if made != asked or amount_cents not in (None, before.amount_cents):
        raise MovementRefused("Another movement bears this effect's name already; name this one otherwise.")
    return before


def _refusal(kind: Kind, fund: Fund, other: Fund | None, amount: int, item: str, on: datetime.date) -> str:
    """Why the fund cannot do this, or nothing."""

    def money(cents: int) -> str:
        return in_words(cents, fund.program.currency)

    if amount <= 0:
        return "A movement moves more than nothing."
    if other == fund:
        return f"{fund.code} cannot pass money to itself."
    if other and other.program_id != fund.program_id:
        return f"Money stays within its program: {fund.code} and {other.code} belong to two."
    for one in (fund, other):
        if one and one.expires_on and one.expires_on < on and kind in (Kind.DEPOSIT, Kind.RESERVE, Kind.TRANSFER):
            return f"{one.code} expired after {one.expires_on}."
    there = {
        Kind.RESERVE: fund.free_cents, Kind.TRANSFER: fund.free_cents, Kind.EXPIRE: fund.free_cents,
        Kind.SPEND: fund.reserved_cents, Kind.RELEASE: fund.reserved_cents, Kind.REFUND: fund.spent_cents,
    }.get(kind, amount)  # fmt: skip
    if amount > there:
        return f"{fund.code} has {money(there)} for this; {money(amount)} were asked for."
    of_item = 0
    if kind in (Kind.SPEND, Kind.REFUND):
        of_item = FundItem.objects.filter(fund=fund, item=item).values_list("spent_cents", flat=True).first() or 0
    if kind == Kind.REFUND and amount > of_item:
        return f"Of {fund.code} {money(of_item)} were spent on this item; {money(amount)} were asked back."
    if kind == Kind.SPEND and fund.item_limit_cents is not None and of_item + amount > fund.item_limit_cents:
        return f"{fund.code} spends at most {money(fund.item_limit_cents)} on one item."
    if kind == Kind.SPEND and fund.lifetime_limit_cents is not None and fund.spent_cents + amount > fund.lifetime_limit_cents:
        return f"{fund.code} spends at most {money(fund.lifetime_limit_cents)} in its life."
    return ""
