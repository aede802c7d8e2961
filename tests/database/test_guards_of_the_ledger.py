"""What the ledger refuses, the owner included, and a posting and a close that meet."""

import datetime
import threading
import time

import psycopg
import pytest
from django.db import IntegrityError

from funding.actions.run_night import run_night
from funding.models import Account, FiscalPeriod
from tests import build
from tests.database.statements import refused, run

POST = """
    INSERT INTO funding_transfer (effect_key, program_id, kind, debit_account_id, credit_account_id, amount_cents, business_date,
                                  provider_id, reverses_id, row_sha256)
    VALUES (gen_random_uuid(), %(program)s, %(kind)s, %(debit)s, %(credit)s, %(cents)s, %(on)s, %(provider)s, %(reverses)s, '')
"""


def a_transfer(**changes):
    """The values of POST for a good transfer like the one of the books, changed so."""
    key, program, debit, credit, cents, on, provider = run(
        "SELECT effect_key, program_id, debit_account_id, credit_account_id, amount_cents, business_date, provider_id "
        "FROM funding_transfer WHERE kind = 'earn'"
    )[0]
    good = {"kind": "earn", "program": program, "debit": debit, "credit": credit, "cents": cents, "on": on, "provider": provider}
    if changes.pop("reversal", False):
        good |= {"kind": "reverse", "debit": credit, "credit": debit, "reverses": key}
    return {"reverses": None, **good, **changes}


def test_a_transfer_like_the_others_is_taken(books):
    assert run(POST, a_transfer()) == 1


@pytest.mark.parametrize("cents", [0, -1])
def test_a_transfer_of_nothing_or_less_is_refused(books, cents):
    refused(POST, a_transfer(cents=cents), match="transfer_moves_a_positive_amount")


def test_a_transfer_of_no_known_amount_is_refused(books):
    refused(POST, a_transfer(cents=None), match="null value")


def test_a_transfer_from_an_account_to_itself_is_refused(books):
    refused(POST, a_transfer(credit=a_transfer()["debit"]), match="transfer_moves_between_two_accounts")


@pytest.mark.parametrize("side", ["debit", "credit"])
def test_a_transfer_on_an_account_that_does_not_exist_is_refused(books, side):
    refused(POST, a_transfer(**{side: 10**9}), match="an account that its program does not have")


@pytest.mark.parametrize("side", ["debit", "credit"])
def test_a_transfer_on_an_account_of_another_program_is_refused(books, side):
    build.program(program="other", catalogue="other")
    foreign = Account.objects.get(program__code="other", kind="cash").pk
    refused(POST, a_transfer(**{side: foreign}), match="an account that its program does not have")


def test_a_transfer_outside_every_fiscal_period_is_refused(books):
    refused(POST, a_transfer(on=datetime.date(2031, 1, 1)), match="no fiscal period is open on 2031-01-01")


def test_a_transfer_in_a_closed_period_is_refused(books):
    FiscalPeriod.objects.update(closed_at=datetime.datetime(2026, 2, 1, tzinfo=datetime.UTC), closed_by=1)
    refused(POST, a_transfer(), match="the fiscal period of 2026-01-31 is closed")


def test_an_open_period_laid_over_a_closed_one_opens_nothing(books):
    closed = FiscalPeriod.objects.get()
    FiscalPeriod.objects.update(closed_at=datetime.datetime(2026, 2, 1, tzinfo=datetime.UTC), closed_by=1)
    for starts_on in (datetime.date(2025, 12, 31), datetime.date(2026, 1, 2)):
        FiscalPeriod.objects.create(program=closed.program, starts_on=starts_on, ends_on=datetime.date(2026, 2, 27), fiscal_year=2026)
    refused(POST, a_transfer(), match="the fiscal period of 2026-01-31 is closed")


def test_a_closed_period_opens_no_more_and_is_closed_by_someone(books):
    refused("UPDATE funding_fiscalperiod SET closed_at = now()", match="period_is_closed_by_someone")
    run("UPDATE funding_fiscalperiod SET closed_at = now(), closed_by = 1")
    refused("UPDATE funding_fiscalperiod SET closed_at = NULL, closed_by = NULL", match="is added to, never edited")


def test_one_bad_transfer_refuses_the_whole_statement(books):
    before = run("SELECT count(*) FROM funding_transfer")
    refused(
        "INSERT INTO funding_transfer (effect_key, program_id, kind, debit_account_id, credit_account_id, amount_cents, "
        "business_date, provider_id, row_sha256) SELECT gen_random_uuid(), program_id, kind, debit_account_id, "
        "credit_account_id, 1, business_date + 30 * n, provider_id, '' FROM funding_transfer, generate_series(0, 1) n "
        "WHERE kind = 'earn'",
        match="no fiscal period is open on 2026-03-02",
    )
    assert run("SELECT count(*) FROM funding_transfer") == before


def test_a_reversal_mirrors_its_row_and_happens_once(books):
    good = a_transfer(reversal=True)
    refused(POST, good | {"cents": good["cents"] - 1}, match="a reversal swaps the accounts")
    refused(POST, good | {"debit": good["credit"], "credit": good["debit"]}, match="a reversal swaps the accounts")
    refused(POST, good | {"reverses": None}, match="a reversal swaps the accounts")
    refused(POST, good | {"kind": "recover"}, match="a reversal swaps the accounts")
    refused(POST, good | {"reverses": "00000000-0000-0000-0000-000000000000"}, match="a reversal swaps the accounts")
    assert run(POST, good) == 1
    refused(POST, good, match="duplicate key", error=IntegrityError)


def test_an_effect_happens_once(books):
    refused(
        "INSERT INTO funding_transfer SELECT * FROM funding_transfer WHERE kind = 'earn'",
        match="duplicate key",
        error=IntegrityError,
    )


def wait_until_blocked(session):
    """Return when the session waits for another's lock."""
    deadline = time.monotonic() + 20
    while not run("SELECT cardinality(pg_blocking_pids(%s))", [session.info.backend_pid])[0][0]:
        assert time.monotonic() < deadline, "nothing holds the session up"


CLOSE = "UPDATE funding_fiscalperiod SET closed_at = now(), closed_by = 1"


@pytest.fixture
def two_sessions(committed_db, as_login):
    build.program()
    course = build.offering()
    build.complete(build.enrollment(course), build.assignments(course)[0], build.day(3))
    run_night(program_code="trial", business_date=build.day(31))
    sessions = [as_login("credence_funding"), as_login("credence_office")]
    for session in sessions:
        session.execute("SET ROLE area_funding")
        session.commit()
    return sessions


def in_the_background(session, statement, values=None):
    """(thread, list of the error that it met, if any); commits."""
    errors = []

    def work():
        try:
            session.execute(statement, values)
            session.commit()
        except psycopg.Error as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, errors


def test_a_posting_under_way_holds_up_the_close_and_stays(two_sessions):
    posting, closing = two_sessions
    posting.execute(POST, a_transfer())
    thread, errors = in_the_background(closing, CLOSE)
    wait_until_blocked(closing)
    posting.commit()
    thread.join()
    assert errors == []
    assert run("SELECT count(*) FROM funding_transfer WHERE kind = 'earn'") == [(2,)]
    refused(POST, a_transfer(), match="is closed")


def test_a_close_under_way_holds_up_the_posting_which_is_then_refused(two_sessions):
    posting, closing = two_sessions
    closing.execute(CLOSE)
    thread, errors = in_the_background(posting, POST, a_transfer())
    wait_until_blocked(posting)
    closing.commit()
    thread.join()
    assert "the fiscal period of 2026-01-31 is closed" in str(errors[0])
    assert run("SELECT count(*) FROM funding_transfer WHERE kind = 'earn'") == [(1,)]


def test_two_releases_at_once_pay_once(two_sessions):
    one, other = two_sessions
    release = "UPDATE funding_paymentbatch SET released_at = now(), released_by = 1 WHERE released_at IS NULL"
    one.execute(release)
    thread, errors = in_the_background(other, release.replace(" WHERE released_at IS NULL", ""))
    wait_until_blocked(other)
    one.commit()
    thread.join()
    assert "is added to, never edited" in str(errors[0])
