"""Open a fund, empty: an appropriation of a program's fiscal year, or the wallet of a holder."""

import datetime

from database.areas import acting_as
from funding.models import Fund, Program


class FundRefused(ValueError):
    """Why no fund was opened, in a sentence for people."""


def open_appropriation(*, program_code: str, fiscal_year: int) -> Fund:
    """The appropriation of that year, opened if it was not; a fiscal year bears the year that it ends in.

    From then on no settlement of the year pays more than what is put into it: with nothing in it, nothing. Raises
    FundRefused for a program that is not there.
    """
    with acting_as("area_funding"):
        program = _program(program_code)
        fund, _opened = Fund.objects.get_or_create(
            program=program,
            kind=Fund.Kind.APPROPRIATION,
            fiscal_year=fiscal_year,
            defaults={"code": f"appropriation-{fiscal_year}", "name": f"{program.name}, {fiscal_year}"},
        )
        return fund


def open_wallet(
    *,
    program_code: str,
    code: str,
    name: str,
    holder_id: int,
    item_limit_cents: int | None = None,
    lifetime_limit_cents: int | None = None,
    expires_on: datetime.date | None = None,
) -> Fund:
    """The wallet of that code, opened if it was not. `holder_id` is an opaque id; after `expires_on` nothing more is put
    into it or reserved. Raises FundRefused for a program that is not there, and for a code that another fund has."""
    terms = {
        "kind": Fund.Kind.WALLET,
        "holder_id": holder_id,
        "item_limit_cents": item_limit_cents,
        "lifetime_limit_cents": lifetime_limit_cents,
        "expires_on": expires_on,
    }
    with acting_as("area_funding"):
        fund, _opened = Fund.objects.get_or_create(program=_program(program_code), code=code, defaults={"name": name, **terms})
        if any(getattr(fund, term) != value for term, value in terms.items()):
            raise FundRefused(f"{program_code} has another fund {code}, on other terms.")
        return fund


def _program(code: str) -> Program:
    program = Program.objects.filter(code=code).first()
    if program is None:
        known = ", ".join(Program.objects.order_by("code").values_list("code", flat=True)) or "none yet"
        raise FundRefused(f"There is no program {code!r}; there is: {known}.")
    return program
