"""Closing a month, and a fiscal year, of a program's books."""

import datetime

import pytest

from funding.actions.close_period import CloseRefused, close_fiscal_year, close_period
from funding.actions.open_run import NightRefused, open_run
from funding.actions.run_night import run_night
from funding.models import FiscalPeriod
from tests import build

pytestmark = pytest.mark.django_db

DAY = build.day(12)


@pytest.fixture
def _program():
    build.program()
    course = build.offering()
    build.complete(build.enrollment(course), build.assignments(course)[0], build.day(3))


def close(day=DAY):
    return close_period(program_code="trial", day=day, closed_by=build.officer().pk)


@pytest.mark.usefixtures("_program")
class TestClosing:
    def test_a_closed_month_names_who_closed_it(self):
        run_night(program_code="trial", business_date=datetime.date(2026, 1, 31))
        assert close().closed_by == build.officer().pk

    def test_a_month_that_no_night_has_covered_to_its_end_stays_open(self):
        run_night(program_code="trial", business_date=DAY)
        with pytest.raises(CloseRefused, match="No night has covered 2026-01-31 yet"):
            close()
        assert FiscalPeriod.objects.get().closed_at is None

    def test_no_night_runs_in_a_month_that_is_closed(self):
        build.closed_month(DAY)
        with pytest.raises(NightRefused, match="is closed"):
            run_night(program_code="trial", business_date=DAY)

    def test_a_month_with_an_unfinished_night_stays_open(self):
        open_run(program_code="trial", business_date=DAY)
        with pytest.raises(CloseRefused, match=r"night of 2026-01-12 has not finished"):
            close()
        assert FiscalPeriod.objects.get().closed_at is None

    def test_a_month_is_closed_once(self):
        run_night(program_code="trial", business_date=datetime.date(2026, 1, 31))
        close()
        with pytest.raises(CloseRefused, match="January 2026 was closed already"):
            close(build.day(1))

    def test_a_fiscal_year_closes_its_twelve_months_and_keeps_what_was_closed_before(self):
        run_night(program_code="trial", business_date=datetime.date(2026, 6, 30))
        first = close()
        closed = close_fiscal_year(program_code="trial", fiscal_year=2026, closed_by=build.officer("other").pk)
        assert [period.starts_on for period in closed] == [
            *(datetime.date(2025, month, 1) for month in range(7, 13)),
            *(datetime.date(2026, month, 1) for month in range(2, 7)),
        ]
        first.refresh_from_db()
        assert first.closed_by == build.officer().pk
        assert not FiscalPeriod.objects.filter(closed_at=None).exists()
        with pytest.raises(CloseRefused, match="Every month of fiscal year 2026 is closed already"):
            close_fiscal_year(program_code="trial", fiscal_year=2026, closed_by=build.officer().pk)

    def test_a_year_with_an_unfinished_night_closes_no_month_at_all(self):
        open_run(program_code="trial", business_date=DAY)
        with pytest.raises(CloseRefused):
            close_fiscal_year(program_code="trial", fiscal_year=2026, closed_by=build.officer().pk)
        assert not FiscalPeriod.objects.exclude(closed_at=None).exists()


def test_an_unknown_program_is_refused():
    with pytest.raises(CloseRefused, match="no program 'trial'"):
        close()
