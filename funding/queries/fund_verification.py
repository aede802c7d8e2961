"""Funds held against their movements, and an appropriation against the payment lines that were drawn from it.

By plain sums over the movements, and not by what wrote the figures.
"""

from collections.abc import Iterator

from funding.models import Program
from funding.queries.finding import Finding
from funding.queries.rows import rows

_FIGURES = """
    WITH moved AS (
        SELECT fund_id, kind, amount_cents FROM funding_fundmovement
        UNION ALL SELECT to_fund_id, 'arrive', amount_cents FROM funding_fundmovement WHERE kind = 'transfer'),
    sums AS (
        SELECT f.id, coalesce(sum(m.amount_cents) FILTER (WHERE m.kind IN ('deposit', 'arrive')), 0)
                     - coalesce(sum(m.amount_cents) FILTER (WHERE m.kind IN ('transfer', 'expire')), 0) AS in_all,
               coalesce(sum(m.amount_cents) FILTER (WHERE m.kind = 'reserve'), 0)
                     - coalesce(sum(m.amount_cents) FILTER (WHERE m.kind IN ('release', 'spend')), 0) AS reserved,
               coalesce(sum(m.amount_cents) FILTER (WHERE m.kind = 'spend'), 0)
                     - coalesce(sum(m.amount_cents) FILTER (WHERE m.kind = 'refund'), 0) AS spent
        FROM funding_fund f LEFT JOIN moved m ON m.fund_id = f.id WHERE f.program_id = %(program)s GROUP BY f.id)
    SELECT f.code, f.free_cents, f.reserved_cents, f.spent_cents, (s.in_all - s.reserved - s.spent)::bigint AS free,
           s.reserved::bigint AS reserved, s.spent::bigint AS spent
    FROM funding_fund f JOIN sums s USING (id)
    WHERE (f.free_cents, f.reserved_cents, f.spent_cents) IS DISTINCT FROM (s.in_all - s.reserved - s.spent, s.reserved, s.spent)
    ORDER BY f.code
"""
_ITEMS = """
    SELECT f.code, item, i.spent_cents AS said, m.cents AS spent
    FROM (SELECT fund_id, item, sum(CASE kind WHEN 'spend' THEN amount_cents ELSE -amount_cents END)::bigint AS cents
          FROM funding_fundmovement WHERE kind IN ('spend', 'refund') GROUP BY fund_id, item) m
    FULL JOIN funding_funditem i USING (fund_id, item) JOIN funding_fund f ON f.id = fund_id
    WHERE f.program_id = %(program)s AND i.spent_cents IS DISTINCT FROM m.cents
    ORDER BY f.code, item
"""
# What a settlement reserved of an appropriation, and what the batch's release then spent, beside the batch's lines.
_DRAWN = """
    SELECT r.business_date, l.cents AS lines, m.reserved, m.spent, b.released_at IS NOT NULL AS released
    FROM (SELECT run_id, coalesce(sum(amount_cents) FILTER (WHERE kind = 'reserve'), 0)::bigint AS reserved,
                 coalesce(sum(amount_cents) FILTER (WHERE kind = 'spend'), 0)::bigint AS spent
          FROM funding_fundmovement WHERE run_id IS NOT NULL GROUP BY run_id) m
    JOIN funding_run r ON r.id = m.run_id AND r.program_id = %(program)s LEFT JOIN funding_paymentbatch b ON b.run_id = r.id
    LEFT JOIN (SELECT batch_id, sum(amount_cents)::bigint AS cents FROM funding_paymentline GROUP BY batch_id) l ON l.batch_id = b.id
    WHERE (m.reserved, m.spent) IS DISTINCT FROM (l.cents, CASE WHEN b.released_at IS NULL THEN 0 ELSE l.cents END)
    ORDER BY r.business_date
"""


def fund_findings(*, program: Program) -> Iterator[Finding]:
    """Every difference between what a program's funds say and what was moved; nothing where they are clean."""
    values = {"program": program.pk}
    for row in rows(_FIGURES, values):
        yield Finding(
            "fund",
            f"fund {row['code']}",
            f"it says {row['free_cents']} cents free, {row['reserved_cents']} reserved and {row['spent_cents']} spent; its "
            f"movements {row['free']}, {row['reserved']} and {row['spent']}",
        )
    for row in rows(_ITEMS, values):
        yield Finding("fund", f"an item of fund {row['code']}", f"it says {row['said']} cents spent; its movements {row['spent']}")
    for row in rows(_DRAWN, values):
        yield Finding(
            "fund",
            f"the batch of {row['business_date']}",
            f"its lines pay {row['lines']} cents, {'released' if row['released'] else 'not released'}; of the appropriation "
            f"{row['reserved']} were reserved for it and {row['spent']} spent",
        )
