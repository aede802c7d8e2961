"""The programs' nights, the batches that wait for release, and the fiscal periods of the books."""

import datetime
import json
from typing import Any

from funding.models import Program, Run
from funding.queries.rows import rows

_NIGHTS = """
    SELECT r.program_id, r.id, r.business_date, r.finished_at, r.digest, r.result, s.shards, s.shards_done, b.id AS batch_id
    FROM unnest(%(programs)s::bigint[]) AS p (id)
    CROSS JOIN LATERAL (SELECT * FROM funding_run WHERE program_id = p.id
                        ORDER BY business_date DESC LIMIT %(limit)s OFFSET %(offset)s) r
    CROSS JOIN LATERAL (SELECT count(*) AS shards, count(done_at) AS shards_done FROM funding_runshard WHERE run_id = r.id) s
    LEFT JOIN funding_paymentbatch b ON b.run_id = r.id
    ORDER BY r.business_date DESC
"""
_BATCHES = """
    SELECT b.id, r.business_date, b.released_at, u.full_name AS released_by, p.code AS program, p.name AS program_name, p.high_stakes,
           p.currency, l.lines, l.paid_lines, l.amount_cents, l.unpaid_cents
    FROM funding_paymentbatch b JOIN funding_run r ON r.id = b.run_id JOIN funding_program p ON p.id = r.program_id
    LEFT JOIN people_user u ON u.id = b.released_by
    CROSS JOIN LATERAL (SELECT count(*) AS lines, count(*) FILTER (WHERE amount_cents > 0) AS paid_lines,
                               coalesce(sum(amount_cents), 0)::bigint AS amount_cents,
                               coalesce(sum(unpaid_cents), 0)::bigint AS unpaid_cents
                        FROM funding_paymentline WHERE batch_id = b.id) l
    WHERE {which} ORDER BY r.business_date, p.code
"""
_BATCH_LINES = """
    SELECT l.id, v.uuid AS provider_uuid, v.code AS provider, v.name AS provider_name, l.posted_cents, l.carried_in_cents,
           l.amount_cents, l.unpaid_cents, l.amount_cents + l.unpaid_cents AS due_cents, l.carried_out_cents
    FROM funding_paymentline l LEFT JOIN provider_facts v ON v.id = l.provider_id
    WHERE l.batch_id = %(batch)s ORDER BY v.code
"""
# Figures of a month: what its transfers moved, and the last night dated in it.
_PERIODS = """
    SELECT f.id, f.starts_on, f.ends_on, f.fiscal_year, f.closed_at, u.full_name AS closed_by,
           (SELECT max(business_date) FROM funding_run r
            WHERE r.program_id = f.program_id AND r.business_date BETWEEN f.starts_on AND f.ends_on) AS last_night
    FROM funding_fiscalperiod f LEFT JOIN people_user u ON u.id = f.closed_by
    WHERE f.program_id = %(program)s ORDER BY f.starts_on DESC
"""


def programs_with_nights(*, limit: int, program_code: str | None = None, offset: int = 0) -> list[dict[str, Any]]:
    """Programs by code, each with `nights`: its last `limit` nights from `offset` on, newest first.

    A night has business_date, finished (bool), shards and shards_done, digest, batch_id or None, and once finished
    claims_changed, transfers, posted_cents and discrepancies ({kind: how many}, kinds without any left out).
    """
    programs = Program.objects.order_by("code").values("id", "code", "name", "high_stakes", "currency")
    if program_code is not None:
        programs = programs.filter(code=program_code)
    found: dict[int, dict[str, Any]] = {program["id"]: {**program, "nights": []} for program in programs}
    for row in rows(_NIGHTS, {"programs": list(found), "limit": limit, "offset": offset}):
        found[row["program_id"]]["nights"].append(_night(row))
    return list(found.values())


def _night(row: dict[str, Any]) -> dict[str, Any]:
    result = json.loads(row.pop("result")) if row["finished_at"] else {}
    discrepancies = {kind: count for kind, count in result.get("discrepancies", {}).items() if count}
    return {**row, **result, "finished": row["finished_at"] is not None, "discrepancies": discrepancies}


def night_is_done(*, program_code: str, business_date: datetime.date) -> bool:
    """Whether a finished night covers that date."""
    return Run.objects.filter(program__code=program_code, business_date__gte=business_date, finished_at__isnull=False).exists()


_UNLIMITED = """
    SELECT coalesce(sum(least(l.carried_in_cents, l.amount_cents)), 0)::bigint AS cents
    FROM funding_paymentline l JOIN funding_paymentbatch b ON b.id = l.batch_id
    WHERE b.run_id = %(run)s AND l.carried_in_cents > 0 AND NOT EXISTS (SELECT FROM funding_fundmovement WHERE run_id = %(run)s)
"""


def paid_without_limit_cents(*, run_id: int) -> int:
    """What a night paid that had waited for an appropriation, in a fiscal year that has none; 0 where nothing did."""
    return int(rows(_UNLIMITED, {"run": run_id})[0]["cents"])


def batches_waiting() -> list[dict[str, Any]]:
    """Batches that nobody has released, oldest first, each with its number of lines and total."""
    return rows(_BATCHES.format(which="b.released_at IS NULL"), {})


def batch_with_lines(*, batch_id: int) -> dict[str, Any] | None:
    """One batch and its `lines`; None where there is no such batch."""
    found = rows(_BATCHES.format(which="b.id = %(batch)s"), {"batch": batch_id})
    return {**found[0], "detail": rows(_BATCH_LINES, {"batch": batch_id})} if found else None


def periods_of(*, program_id: int) -> list[dict[str, Any]]:
    """The opened months of a program's books, newest first."""
    return rows(_PERIODS, {"program": program_id})
