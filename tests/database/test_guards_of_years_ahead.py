"""What the database refuses of a year paid ahead: years that overlap, and a reconciliation that does not add up."""

import pytest
from django.db import IntegrityError

from funding.models import Prediction, Program, Reconciliation, Run, TrueUp, YearAhead
from tests import build
from tests.database.statements import refused

YEAR = """
    INSERT INTO funding_yearahead (program_id, first_on, last_on, predicted_from_first_on, predicted_from_last_on, schedule, opened_by)
    VALUES (%s, %s, %s, '2024-07-01', '2025-06-30', '[]', 1)
"""


@pytest.fixture
def year(books):
    return YearAhead.objects.create(
        program=Program.objects.get(),
        first_on="2026-07-01",
        last_on="2027-06-30",
        predicted_from_first_on="2025-07-01",
        predicted_from_last_on="2026-06-30",
        schedule=[],
        opened_by=1,
    )


@pytest.mark.parametrize(
    ("first_on", "last_on"), [("2026-07-01", "2027-06-30"), ("2027-06-30", "2028-06-29"), ("2026-01-01", "2026-07-01")]
)
def test_years_of_one_program_that_share_a_day_are_refused(year, first_on, last_on):
    refused(YEAR, [year.program_id, first_on, last_on], match="years_ahead_do_not_overlap", error=IntegrityError)


def test_a_year_of_another_program_and_one_that_follows_are_taken(year):
    build.program(program="other", catalogue="other")
    fields = {"predicted_from_first_on": "2025-07-01", "predicted_from_last_on": "2026-06-30", "schedule": [], "opened_by": 1}
    YearAhead.objects.create(program=Program.objects.get(code="other"), first_on="2026-07-01", last_on="2027-06-30", **fields)
    YearAhead.objects.create(program=year.program, first_on="2027-07-01", last_on="2028-06-30", **fields)


def test_a_year_ends_after_it_starts(year):
    refused(YEAR, [year.program_id, "2030-07-01", "2030-07-01"], match="year_ahead_ends_after_it_starts", error=IntegrityError)


def test_a_prediction_is_numbered_once_and_not_negative(year):
    fields = {"year": year, "provider_id": 1, "on": "2026-07-01", "basis": {}, "made_by": 1}
    Prediction.objects.create(number=1, amount_cents=0, **fields)
    insert = (
        'INSERT INTO funding_prediction (year_id, provider_id, number, "on", amount_cents, basis, made_by) '
        "VALUES (%s, 1, %s, '2026-07-01', %s, '{}', 1)"
    )
    refused(insert, [year.pk, 1, 5], match="prediction_is_numbered_once", error=IntegrityError)
    refused(insert, [year.pk, 2, -1], match="prediction_is_not_negative", error=IntegrityError)


def test_what_was_advanced_and_trued_up_is_what_was_earned(year):
    run = Run.objects.get()
    true_up = TrueUp.objects.create(year=year, number=1, after_run=run, parts=1, asked_by=1)
    insert = (
        "INSERT INTO funding_reconciliation (true_up_id, run_id, provider_id, earned_cents, advanced_cents, trued_up_before_cents,"
        " amount_cents) VALUES (%s, %s, %s, %s, %s, %s, %s)"
    )
    refused(insert, [true_up.pk, run.pk, 1, 100, 70, 20, 11], match="advanced_and_trued_up_are_what_was_earned", error=IntegrityError)
    Reconciliation.objects.create(
        true_up=true_up, run=run, provider_id=1, earned_cents=100, advanced_cents=130, trued_up_before_cents=0, amount_cents=-30
    )
    refused(insert, [true_up.pk, run.pk, 1, 0, 0, 0, 0], match="provider_is_reconciled_once", error=IntegrityError)
