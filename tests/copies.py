"""Equal databases: a copy of the test's own, and what two of them are compared by."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection

# Everything that a night writes, by content and natural order: no id and no time, which differ between equal nights.
WRITTEN = {
    "transfers": """
        SELECT t.effect_key, t.kind, d.code, c.code, t.amount_cents, t.business_date, t.provider_id, v.content_sha256,
               k.enrollment_id, k.module_id, k.number, r.business_date, encode(t.row_sha256, 'hex')
        FROM funding.funding_transfer t
        JOIN funding.funding_account d ON d.id = t.debit_account_id JOIN funding.funding_account c ON c.id = t.credit_account_id
        LEFT JOIN funding.funding_policyversion v ON v.id = t.policy_version_id
        LEFT JOIN funding.funding_claim k ON k.id = t.claim_id LEFT JOIN funding.funding_run r ON r.id = t.run_id
        ORDER BY t.effect_key""",
    "claims": """
        SELECT k.enrollment_id, k.module_id, k.number, r.business_date, k.earned_before_cents, k.earned_cents,
               p.completed, p.held, p.required, p.rate_from
        FROM funding.funding_claim k JOIN funding.funding_run r ON r.id = k.run_id
        JOIN funding.funding_pricedcase p ON p.id = k.case_id ORDER BY 1, 2, 3, 4""",
    "states": """
        SELECT program_id, enrollment_id, module_id, claims, earned_cents, posted_cents
        FROM funding.funding_earningstate ORDER BY 1, 2, 3""",
    "discrepancies": """
        SELECT x.kind, x.enrollment_id, x.assignment_id, x.sequence, x.unmatched_id, o.business_date, s.outcome, n.business_date
        FROM funding.funding_discrepancy x JOIN funding.funding_run o ON o.id = x.opened_by_id
        LEFT JOIN funding.funding_discrepancyresolution s ON s.discrepancy_id = x.id
        LEFT JOIN funding.funding_run n ON n.id = s.consumed_by_id ORDER BY 1, 2, 3, 4, 5""",
    "lines": """
        SELECT r.business_date, l.provider_id, l.posted_cents, l.carried_in_cents, l.amount_cents, l.unpaid_cents,
               l.carried_out_cents
        FROM funding.funding_paymentline l JOIN funding.funding_paymentbatch b ON b.id = l.batch_id
        JOIN funding.funding_run r ON r.id = b.run_id ORDER BY 1, 2""",
    "funds": """
        SELECT p.code, f.code, f.free_cents, f.reserved_cents, f.spent_cents, m.effect_key, m.kind, m.amount_cents, m.business_date,
               m.item, r.business_date
        FROM funding.funding_fund f JOIN funding.funding_program p ON p.id = f.program_id
        LEFT JOIN funding.funding_fundmovement m ON f.id IN (m.fund_id, m.to_fund_id)
        LEFT JOIN funding.funding_run r ON r.id = m.run_id ORDER BY 1, 2, 6""",
    "runs": """
        SELECT p.code, r.business_date, r.digest, r.result FROM funding.funding_run r
        JOIN funding.funding_program p ON p.id = r.program_id ORDER BY 1, 2""",
}


def written(connection: psycopg.Connection) -> dict[str, list[tuple]]:
    """All that the nights of a database wrote, asked as its owner."""
    return {what: connection.execute(sql).fetchall() for what, sql in WRITTEN.items()}


def the_ledger() -> dict[str, list[tuple]]:
    """`written` of the database that Django is at."""
    connection.ensure_connection()
    return written(connection.connection)


@contextmanager
def copied_database(label: str) -> Iterator[str]:
    """The name of a copy of the test's database as it stands; dropped afterwards. Needs committed_db; ends the
    connections that threads of earlier tests have left."""
    original = connection.settings_dict["NAME"]
    copy = f"{original}_{label}"
    connection.close()
    with using_database("postgres"), connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
        cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [original])
        cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
    try:
        yield copy
    finally:
        with using_database("postgres"), connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')


@contextmanager
def using_database(name: str) -> Iterator[None]:
    """Django's connection at another database of the same cluster."""
    original = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = original
