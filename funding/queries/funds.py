"""The funds of the programs, and what stands in them."""

from typing import Any

from funding.queries.rows import rows

_FUNDS = """
    SELECT p.code AS program, f.code, f.kind, f.name, f.fiscal_year, f.holder_id, p.currency, f.free_cents, f.reserved_cents,
           f.spent_cents, f.item_limit_cents, f.lifetime_limit_cents, f.expires_on::text AS expires_on,
           (SELECT count(*) FROM funding_fundmovement m WHERE f.id IN (m.fund_id, m.to_fund_id)) AS movements,
           (SELECT coalesce(sum(l.amount_cents), 0)::bigint
            FROM funding_fiscalperiod y
            JOIN funding_run r ON r.program_id = y.program_id AND r.business_date BETWEEN y.starts_on AND y.ends_on
            JOIN funding_paymentbatch b ON b.run_id = r.id JOIN funding_paymentline l ON l.batch_id = b.id
            WHERE f.kind = 'appropriation' AND y.program_id = f.program_id AND y.fiscal_year = f.fiscal_year
              AND NOT EXISTS (SELECT FROM funding_fundmovement m WHERE m.fund_id = f.id AND m.run_id = r.id)) AS uncounted_cents
    FROM funding_fund f JOIN funding_program p ON p.id = f.program_id
    WHERE %(program)s::text IS NULL OR p.code = %(program)s
    ORDER BY p.code, f.kind, f.code
"""


def funds(*, program_code: str | None = None) -> list[dict[str, Any]]:
    """Rows of program, code, kind, name, fiscal_year or holder_id, currency, free_cents, reserved_cents, spent_cents, limits or
    None, expires_on (ISO date or None), how many movements, and uncounted_cents: what was settled of an appropriation's year before
    there was one. Appropriations first, then wallets, by code."""
    return rows(_FUNDS, {"program": program_code})
