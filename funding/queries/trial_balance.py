"""The trial balance: every account's debits and credits up to a day, and their difference, which is 0 over all."""

import datetime
from typing import Any

from funding.queries.rows import rows

_BALANCES = """
    SELECT p.code AS program, a.code AS account, coalesce(sum(s.debit_cents), 0)::bigint AS debit_cents,
           coalesce(sum(s.credit_cents), 0)::bigint AS credit_cents,
           coalesce(sum(s.debit_cents - s.credit_cents), 0)::bigint AS balance_cents
    FROM funding_account a JOIN funding_program p ON p.id = a.program_id
    LEFT JOIN (SELECT debit_account_id AS account_id, amount_cents AS debit_cents, 0 AS credit_cents FROM funding_transfer
               WHERE business_date <= coalesce(%(as_of)s, 'infinity'::date)
               UNION ALL
               SELECT credit_account_id, 0, amount_cents FROM funding_transfer
               WHERE business_date <= coalesce(%(as_of)s, 'infinity'::date)) s ON s.account_id = a.id
    WHERE %(program)s::text IS NULL OR p.code = %(program)s
    GROUP BY p.code, a.code ORDER BY p.code, a.code
"""


def trial_balance(*, program_code: str | None = None, as_of: datetime.date | None = None) -> list[dict[str, Any]]:
    """Rows of program, account, debit_cents, credit_cents, balance_cents (debit less credit), by account code."""
    return rows(_BALANCES, {"program": program_code, "as_of": as_of})
