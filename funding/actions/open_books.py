"""Open what postings need: accounts by the chart, the fiscal period of a day."""

import calendar
import datetime
from collections.abc import Iterable

from funding.calc.chart import CASH, OF_PROVIDER, PROGRAM_COST, YEAR_AHEAD, account_code
from funding.models import Account, FiscalPeriod, Program, YearAhead


def open_program_accounts(*, program: Program, sources: Iterable[str]) -> None:
    """Cash, and the cost that each source of money bears; accounts that are open stay as they are."""
    accounts = [Account(program=program, kind=CASH, code=account_code(CASH))]
    accounts += [
        Account(program=program, kind=PROGRAM_COST, part=source, code=account_code(PROGRAM_COST, source)) for source in sources
    ]
    Account.objects.bulk_create(accounts, ignore_conflicts=True)


def open_provider_accounts(*, program: Program, providers: list[tuple[int, str]]) -> None:
    """Those of every provider, and one for each of its years that are paid ahead. `providers` are (id, code) pairs; accounts
    that are open stay as they are."""
    accounts = [
        Account(program=program, kind=kind, provider_id=provider, code=account_code(kind, code))
        for provider, code in providers
        for kind in OF_PROVIDER
    ]
    accounts += [
        Account(program=program, kind=YEAR_AHEAD, provider_id=provider, part=part, code=account_code(YEAR_AHEAD, code, part))
        for part in (year.part for year in YearAhead.objects.filter(program=program))
        for provider, code in providers
    ]
    Account.objects.bulk_create(accounts, ignore_conflicts=True)


def open_period(*, program: Program, day: datetime.date) -> FiscalPeriod:
    """The month of `day` in the program's books, opened if it was not; a fiscal year bears the year that it ends in."""
    starts_on = day.replace(day=1)
    first_month = program.fiscal_year_starts_month
    period, _ = FiscalPeriod.objects.get_or_create(
        program=program,
        starts_on=starts_on,
        defaults={
            "ends_on": starts_on.replace(day=calendar.monthrange(day.year, day.month)[1]),
            "fiscal_year": day.year + (1 if first_month > 1 and day.month >= first_month else 0),
        },
    )
    return period
