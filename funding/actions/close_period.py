"""Close a month, or a fiscal year, of a program's books: no transfer dated in it is accepted from then on."""

import datetime

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from database.areas import acting_as
from funding.actions.open_books import open_period
from funding.models import FiscalPeriod, Program


class CloseRefused(ValueError):
    """Why nothing was closed, in a sentence for people."""


def close_period(*, program_code: str, day: datetime.date, closed_by: int) -> FiscalPeriod:
    """The month of `day`, closed. `closed_by` is the id of a user who may close (funding/access.py asks).

    There is no way back: a late correction is posted in a later month. Raises CloseRefused.
    """
    with acting_as("area_funding"):
        return _close(_locked(program_code), day, closed_by)


def close_fiscal_year(*, program_code: str, fiscal_year: int, closed_by: int) -> list[FiscalPeriod]:
    """Its twelve months, closed; those that were closed before stay as they were. All of it or nothing.

    A fiscal year bears the year that it ends in. Raises CloseRefused.
    """
    with acting_as("area_funding"):
        program = _locked(program_code)
        months = [open_period(program=program, day=day) for day in months_of(program, fiscal_year)]
        still_open = [month for month in months if month.closed_at is None]
        if not still_open:
            raise CloseRefused(_("Every month of fiscal year %(fiscal_year)s is closed already.") % {"fiscal_year": fiscal_year})
        return [_close(program, month.starts_on, closed_by) for month in still_open]


def months_of(program: Program, fiscal_year: int) -> list[datetime.date]:
    """The first days of a fiscal year's months."""
    first = program.fiscal_year_starts_month
    start_year = fiscal_year if first == 1 else fiscal_year - 1
    months = [start_year * 12 + first - 1 + offset for offset in range(12)]
    return [datetime.date(month // 12, month % 12 + 1, 1) for month in months]


def _locked(program_code: str) -> Program:
    """The program, held until commit: no night opens or finishes meanwhile unseen."""
    program = Program.objects.select_for_update(no_key=True).filter(code=program_code).first()
    if program is None:
        raise CloseRefused(_("There is no program %(program_code)r.") % {"program_code": program_code})
    return program


def _close(program: Program, day: datetime.date, closed_by: int) -> FiscalPeriod:
    period = open_period(program=program, day=day)
    unfinished = program.runs.filter(finished_at=None, business_date__range=(period.starts_on, period.ends_on)).first()
    if unfinished:
        raise CloseRefused(
            _("The night of %(business_date)s has not finished; close the month when it has.")
            % {"business_date": unfinished.business_date}
        )
    # There is no way back from a close, and a night dated in a closed month cannot run.
    if not program.runs.filter(business_date__gte=period.ends_on).exists():
        raise CloseRefused(
            _("No night has covered %(ends_on)s yet; run it, then close %(starts_on)s.")
            % {"ends_on": period.ends_on, "starts_on": f"{period.starts_on:%B %Y}"}
        )
    won = FiscalPeriod.objects.filter(pk=period.pk, closed_at=None).update(closed_at=Now(), closed_by=closed_by)
    period.refresh_from_db(fields=["closed_at", "closed_by"])
    if not won:
        raise CloseRefused(
            _("%(starts_on)s was closed already, on %(closed_at)s UTC.")
            % {"starts_on": f"{period.starts_on:%B %Y}", "closed_at": f"{period.closed_at:%Y-%m-%d at %H:%M}"}
        )
    return period
