"""Appropriate money for a program's fiscal year: add to it, or set what it comes to in all."""

import datetime

from database.areas import acting_as
from funding.actions.move_money import MovementRefused, deposit, expire, hold_funds
from funding.actions.open_fund import open_appropriation
from funding.models import Fund


def add_to_appropriation(*, program_code: str, fiscal_year: int, amount_cents: int, reason: str, on: datetime.date, by: int) -> Fund:
    """The year's appropriation with that much more in it; opened if it was not.

    `reason` is the act that gives the money, and an act gives once: the same reason with the same amount again changes
    nothing. `by` is the id of a user who may (funding/access.py asks). Raises FundRefused and MovementRefused.
    """
    with acting_as("area_funding"):
        fund = open_appropriation(program_code=program_code, fiscal_year=fiscal_year)
        effect = f"appropriation|{program_code}|{fiscal_year}|{_given(reason)}"
        deposit(fund_id=fund.pk, amount_cents=amount_cents, effect=effect, on=on, reason=_given(reason), moved_by=by)
        fund.refresh_from_db()
        return fund


def set_appropriation(*, program_code: str, fiscal_year: int, total_cents: int, reason: str, on: datetime.date, by: int) -> Fund:
    """The year's appropriation so that it comes to `total_cents` in all: free, reserved and spent. 0 pays nobody.

    More is a deposit; less lapses, and only from what is free. The same total again changes nothing. Raises FundRefused,
    and MovementRefused where less is asked for than is reserved and spent.
    """
    if total_cents < 0:
        raise MovementRefused("An appropriation comes to 0 or more.")
    with acting_as("area_funding"):
        fund = open_appropriation(program_code=program_code, fiscal_year=fiscal_year)
        fund = hold_funds(fund.pk)[fund.pk]
        more = total_cents - (fund.free_cents + fund.reserved_cents + fund.spent_cents)
        if -more > fund.free_cents:
            raise MovementRefused("More than that is reserved or spent already; only what is free can lapse.")
        if more:
            number = fund.movements.count() + 1
            (deposit if more > 0 else expire)(
                fund_id=fund.pk,
                amount_cents=abs(more),
                effect=f"set|{fund.pk}|{number}",
                on=on,
                reason=_given(reason),
                moved_by=by,
            )
            fund.refresh_from_db()
        return fund


def _given(reason: str) -> str:
    if not reason.strip():
        raise MovementRefused("Give a reason: the act that says so.")
    return reason.strip()
