"""Years that are paid ahead, provider by provider: what was predicted, advanced, earned and trued up so far."""

import datetime
import json
from typing import Any

from funding.models import Program, YearAhead
from funding.queries.rows import rows


class NoSuchProgram(LookupError):
    """There is no program with that code; the text says which there are."""


# What lies on the accounts of years: an advance and a true-up to the provider debit them, what is earned credits them. As of
# a day stand the predictions that were known then, and those that a night up to it went by, whenever they were made.
_FIGURES = """
    WITH moved AS (
        SELECT debit_account_id AS account_id, kind, amount_cents AS cents FROM funding_transfer
        WHERE program_id = %(program)s AND business_date <= coalesce(%(as_of)s, 'infinity'::date)
          AND (%(provider)s::bigint IS NULL OR provider_id = %(provider)s)
        UNION ALL
        SELECT credit_account_id, kind, -amount_cents FROM funding_transfer
        WHERE program_id = %(program)s AND business_date <= coalesce(%(as_of)s, 'infinity'::date)
          AND (%(provider)s::bigint IS NULL OR provider_id = %(provider)s))
    SELECT y.id AS year_id, v.code AS provider, v.name AS provider_name,
           coalesce(sum(m.cents) FILTER (WHERE m.kind = 'advance'), 0)::bigint AS advanced_cents,
           coalesce(-sum(m.cents) FILTER (WHERE m.kind IN ('earn', 'recover')), 0)::bigint AS earned_cents,
           coalesce(sum(m.cents) FILTER (WHERE m.kind = 'true_up'), 0)::bigint AS trued_up_cents,
           f.first_cents, f.newest_cents, f.newest_on::text, f.basis
    FROM funding_account a
    JOIN funding_yearahead y ON y.program_id = a.program_id AND y.first_on::text = a.part
    JOIN provider_facts v ON v.id = a.provider_id
    LEFT JOIN moved m ON m.account_id = a.id
    LEFT JOIN LATERAL (
        SELECT (array_agg(p.amount_cents ORDER BY p.number))[1] AS first_cents,
               (array_agg(p.amount_cents ORDER BY p.number DESC))[1] AS newest_cents,
               (array_agg(p.on ORDER BY p.number DESC))[1] AS newest_on,
               (array_agg(p.basis ORDER BY p.number DESC))[1] AS basis
        FROM funding_prediction p
        LEFT JOIN funding_run w ON w.id = p.after_run_id
        WHERE p.year_id = y.id AND p.provider_id = a.provider_id
          AND (%(as_of)s::date IS NULL OR p.on <= %(as_of)s OR coalesce(w.business_date, '-infinity') < %(as_of)s)
    ) f ON true
    WHERE a.program_id = %(program)s AND a.kind = 'year-ahead' AND (%(provider)s::bigint IS NULL OR a.provider_id = %(provider)s)
    GROUP BY y.id, v.code, v.name, f.first_cents, f.newest_cents, f.newest_on, f.basis
    HAVING f.first_cents IS NOT NULL OR count(m.kind) > 0
    ORDER BY v.code
"""


def years_of(*, program_code: str) -> tuple[list[dict[str, Any]], str]:
    """The years of a program (see years_ahead) and its currency. Raises NoSuchProgram."""
    program = Program.objects.filter(code=program_code).first()
    if program is None:
        known = ", ".join(Program.objects.order_by("code").values_list("code", flat=True)) or "none yet"
        raise NoSuchProgram(f"There is no program {program_code!r}; there is: {known}.")
    return years_ahead(program_id=program.pk), program.currency


def years_ahead(*, program_id: int, provider_id: int | None = None, as_of: datetime.date | None = None) -> list[dict[str, Any]]:
    """The program's years in order: first_on, last_on, predicted_from (two days), schedule and `providers`, each with provider,
    provider_name, predicted_cents (newest), first_predicted_cents, predicted_on, basis, advanced_cents, earned_cents,
    trued_up_cents and to_true_up_cents: what the year still owes the provider (below 0: is owed back). Days are ISO dates;
    up to `as_of`."""
    values = {"program": program_id, "provider": provider_id, "as_of": as_of}
    years = list(YearAhead.objects.filter(program=program_id).order_by("first_on"))
    figures = rows(_FIGURES, values) if years else []
    return [
        {
            "first_on": year.first_on.isoformat(),
            "last_on": year.last_on.isoformat(),
            "predicted_from": [year.predicted_from_first_on.isoformat(), year.predicted_from_last_on.isoformat()],
            "schedule": year.schedule,
            "providers": [_provider(row) for row in figures if row["year_id"] == year.pk],
        }
        for year in years
    ]


# An effect's key is a digest of its name, so the instalment or the part that a transfer is is found by naming them all.
_OF_LINE = """
    SELECT t.kind, t.business_date::text AS date, y.first_on::text, y.last_on::text,
           CASE c.kind WHEN 'payable' THEN t.amount_cents ELSE -t.amount_cents END AS amount_cents,
           coalesce(i.part, u.part) AS part, coalesce(i.parts, u.parts) AS parts, coalesce(f.number, u.number) AS number,
           i.share, f.predicted_cents, f.basis, u.found_on::text, u.earned_cents, u.advanced_cents, u.trued_up_before_cents,
           u.found_cents
    FROM funding_transfer t
    JOIN funding_account d ON d.id = t.debit_account_id JOIN funding_account c ON c.id = t.credit_account_id
    JOIN funding_yearahead y ON y.program_id = t.program_id
         AND y.first_on::text = CASE d.kind WHEN 'year-ahead' THEN d.part ELSE c.part END
    CROSS JOIN LATERAL (SELECT '|' || t.program_id || '|' || t.provider_id || '|' || y.first_on || '|' AS own) n
    LEFT JOIN LATERAL (
        SELECT one.part, jsonb_array_length(y.schedule) AS parts, one.instalment ->> 'share' AS share
        FROM jsonb_array_elements(y.schedule) WITH ORDINALITY AS one (instalment, part)
        WHERE t.kind = 'advance' AND t.effect_key = funding.effect_key('advance' || n.own || one.part)
    ) i ON true
    LEFT JOIN LATERAL (
        SELECT p.number, p.amount_cents AS predicted_cents, p.basis FROM funding_prediction p
        WHERE i.part IS NOT NULL AND p.year_id = y.id AND p.provider_id = t.provider_id AND coalesce(p.after_run_id, 0) < t.run_id
        ORDER BY p.number DESC LIMIT 1
    ) f ON true
    LEFT JOIN LATERAL (
        SELECT w.number, one.part, CASE WHEN m.amount_cents < 0 THEN w.parts ELSE 1 END AS parts, r.business_date AS found_on,
               m.earned_cents, m.advanced_cents, m.trued_up_before_cents, m.amount_cents AS found_cents
        FROM funding_reconciliation m JOIN funding_trueup w ON w.id = m.true_up_id JOIN funding_run r ON r.id = m.run_id
        CROSS JOIN generate_series(1, w.parts) AS one (part)
        WHERE t.kind = 'true_up' AND w.year_id = y.id AND m.provider_id = t.provider_id
          AND t.effect_key = funding.effect_key('true_up' || n.own || w.number || '|' || one.part)
    ) u ON true
    WHERE t.program_id = %(program_id)s AND t.provider_id = %(provider_id)s AND t.kind IN ('advance', 'true_up')
      AND t.run_id > coalesce(%(after_run)s, 0) AND t.run_id <= %(run_id)s
    ORDER BY t.business_date, y.first_on, t.kind, number, part
"""


def ahead_in_line(line: dict[str, Any]) -> list[dict[str, Any]]:
    """What a payment line has of years paid ahead, a row a transfer: kind (advance or true_up), date, first_on, last_on (ISO
    dates), amount_cents (below 0 where it was taken back), and which one it is: `part` of `parts` of prediction or true-up
    `number`. An advance has its share, predicted_cents and basis; a true-up found_on, earned_cents, advanced_cents,
    trued_up_before_cents and found_cents, what it found in all. `line` names program_id, provider_id, after_run, run_id."""
    found = rows(_OF_LINE, line)
    return [one | {"basis": json.loads(one["basis"]) if one["basis"] else None} for one in found]


def _provider(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "provider": row["provider"],
        "provider_name": row["provider_name"],
        "predicted_cents": row["newest_cents"] or 0,
        "first_predicted_cents": row["first_cents"] or 0,
        "predicted_on": row["newest_on"],
        "basis": json.loads(row["basis"]) if row["basis"] else {},
        "advanced_cents": row["advanced_cents"],
        "earned_cents": row["earned_cents"],
        "trued_up_cents": row["trued_up_cents"],
        "to_true_up_cents": row["earned_cents"] - row["advanced_cents"] - row["trued_up_cents"],
    }
