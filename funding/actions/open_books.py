"""Open what postings need: accounts by the chart, the fiscal period of a day."""

import calendar
import datetime

from funding.calc.chart import OF_PROGRAM, OF_PROVIDER, account_code
from funding.models import Account, FiscalPeriod, Program


def open_program_accounts(*, program: Program) -> None:
    Account.objects.bulk_create(
        [Account(program=program, kind=kind, code=account_code(kind, None)) for kind in OF_PROGRAM],
        ignore_conflicts=True,
    )


def open_provider_accounts(*, program: Program, providers: list[tuple[int, str]]) -> None:
    """`providers` are (id, code) pairs; accounts that are open stay as they are."""
    Account.objects.bulk_create(
        [
            Account(program=program, kind=kind, provider_id=provider, code=account_code(kind, code))
            for provider, code in providers
            for kind in OF_PROVIDER
        ],
        ignore_conflicts=True,
    )


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
