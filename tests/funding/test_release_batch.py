"""A person releases a batch: its lines are paid, once."""

import datetime

import pytest

from database.areas import acting_as
from funding.actions.release_batch import ReleaseRefused, release_batch
from funding.models import PaymentBatch, Transfer
from funding.queries.statements import statements
from funding.queries.trial_balance import trial_balance
from tests import build
from tests.pages.office import night

pytestmark = pytest.mark.django_db

PAID_ON = datetime.date(2026, 2, 3)


@pytest.fixture
def batch():
    build.program()
    for code in ("P1", "P2"):
        course = build.offering(code)
        build.complete(build.enrollment(course), build.assignments(course)[0], build.day(5))
    return PaymentBatch.objects.get(run=night(datetime.date(2026, 1, 31)))


def release(batch, on=PAID_ON):
    return release_batch(batch_id=batch.pk, released_by=build.officer("releaser").pk, on=on)


def balances():
    with acting_as("area_funding"):
        return {row["account"]: row["balance_cents"] for row in trial_balance(program_code="trial")}


def test_a_release_moves_every_line_from_in_payment_to_cash_and_names_who_released(batch):
    assert release(batch).released_by == build.officer("releaser").pk
    # 986.88 x 1 x 1/4 = 246.72 each
    assert balances() == {
        "program-cost:state": 2 * 24672,
        "cash": -2 * 24672,
        **{f"{account}:{code}": 0 for account in ("payable", "in-payment") for code in ("P1", "P2")},
    }
    with acting_as("area_funding"):
        assert [s["paid_cents"] for s in statements(program_code="trial", as_of=PAID_ON)] == [24672, 24672]


def test_a_second_release_is_told_of_the_first_and_pays_nothing(batch):
    release(batch)
    with pytest.raises(ReleaseRefused, match="was released already"):
        release(batch)
    assert Transfer.objects.filter(kind="release").count() == 2


@pytest.mark.parametrize(("on", "why"), [(datetime.date(2026, 1, 30), "cannot be paid before"), (PAID_ON, "is closed")])
def test_a_release_dated_before_its_batch_or_in_a_closed_month_changes_nothing(batch, on, why):
    build.closed_month(PAID_ON)
    with pytest.raises(ReleaseRefused, match=why):
        release(batch, on)
    batch.refresh_from_db()
    assert batch.released_at is None
    assert not Transfer.objects.filter(kind="release").exists()


def test_a_batch_that_does_not_exist_is_refused():
    with pytest.raises(ReleaseRefused, match="no payment batch 7"):
        release_batch(batch_id=7, released_by=1, on=PAID_ON)
