"""The funds of the programs, and what stands in them."""

from typing import Any

from funding.queries.rows import rows

_FUNDS = """
    SELECT p.code AS program, f.code, f.kind, f.name, f.fiscal_year, f.holder_id, p.currency, f.free_cents, f.reserved_cents,
           f.spent_cents, f.item_limit_cents, f.lifetime_limit_cents, f.expires_on::text AS expires_on,
           (SELECT count(*) FROM funding_fundmovement m WHERE f.id IN (m.fund_id, m.to_fund_id)) AS movements
    FROM funding_fund f JOIN funding_program p ON p.id = f.program_id
    WHERE %(program)s::text IS NULL OR p.code = %(program)s
    ORDER BY p.code, f.kind, f.code
"""


def funds(*, program_code: str | None = None) -> list[dict[str, Any]]:
    """Rows of program, code, kind, name, fiscal_year or holder_id, currency, free_cents, reserved_cents, spent_cents, limits or
    None, expires_on (ISO date or None) and how many movements; appropriations first, then wallets, by code."""
    return rows(_FUNDS, {"program": program_code})
