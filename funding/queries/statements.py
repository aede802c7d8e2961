"""Statements: what a provider has earned, what was posted, paid and is held, as of an evening."""

import datetime
from typing import Any

from django.db.models import Max

from funding.models import Program, Run
from funding.queries.rows import rows
from funding.queries.years_ahead import years_ahead

# Of a year that is paid ahead (years_ahead.py).
AHEAD = ("predicted_cents", "advanced_cents", "earned_cents", "trued_up_cents", "to_true_up_cents")


class NothingToState(LookupError):
    """There is no such provider or program, or no night has run yet; the text says which, and what there is."""


def statements(
    *, program_code: str | None = None, provider_code: str | None = None, as_of: datetime.date | None = None
) -> list[dict[str, Any]]:
    """One dictionary a program and provider, in that order; programs that had no night by then are left out.

    Keys: provider, provider_name, program, currency, as_of and last_night (ISO dates; the last night by then),
    earned_cents, posted_cents, paid_cents, held_cents, held_lines, offerings (code, title, earned_cents) and lines (id,
    date, posted_cents, carried_in_cents, due_cents = amount_cents paid + unpaid_cents that wait for the appropriation,
    carried_out_cents, released_on) and years_ahead (first_on, last_on and the figures AHEAD). `earned` is read from the
    claims and `posted` from the ledger, each by itself. Without `as_of` it is the last night, and every release on
    record counts, whenever it was made. Raises NothingToState.
    """
    programs = Program.objects.order_by("code")
    if program_code is not None:
        programs = programs.filter(code=program_code)
        if not programs:
            known = ", ".join(Program.objects.order_by("code").values_list("code", flat=True)) or "none yet"
            raise NothingToState(f"There is no program {program_code!r}; there is: {known}.")
    found: list[dict[str, Any]] = []
    for program in programs:
        nights = Run.objects.filter(program=program, finished_at__isnull=False)
        if as_of is not None:
            nights = nights.filter(business_date__lte=as_of)
        last_night = nights.aggregate(last=Max("business_date"))["last"]
        if last_night is not None:
            found += _of_program(program, provider_code, as_of, last_night)
    if not found and provider_code is not None:
        by_then = f" in a night up to {as_of}" if as_of else ""
        raise NothingToState(f"No program pays a provider {provider_code!r}{by_then}; check the code, or run a night first.")
    return found


# A night's figures count from its business date on.
_CLAIMS = """
    SELECT k.provider_id, k.earned_cents, o.code, o.course_title
    FROM (SELECT c.provider_id, c.offering_id, sum(c.earned_cents - c.earned_before_cents)::bigint AS earned_cents
          FROM funding_claim c JOIN funding_run r ON r.id = c.run_id
          WHERE r.program_id = %(program)s AND r.business_date <= %(as_of)s AND r.finished_at IS NOT NULL
            AND (%(provider)s::bigint IS NULL OR c.provider_id = %(provider)s)
          GROUP BY c.provider_id, c.offering_id) k
    JOIN offering_facts o ON o.id = k.offering_id
"""
_POSTED = """
    SELECT provider_id,
           sum(CASE kind WHEN 'earn' THEN amount_cents WHEN 'recover' THEN -amount_cents ELSE 0 END)::bigint AS posted_cents,
           sum(CASE kind WHEN 'release' THEN amount_cents ELSE 0 END)::bigint AS paid_cents
    FROM funding_transfer
    WHERE program_id = %(program)s AND business_date <= %(released_by)s AND (kind = 'release' OR business_date <= %(as_of)s)
      AND (%(provider)s::bigint IS NULL OR provider_id = %(provider)s)
    GROUP BY provider_id
"""
# Held: the doubted completions that nobody had decided on by then, and what accepting all of them would add.
_HELD_LINES = """
    SELECT d.provider_id, count(*) AS held_lines
    FROM funding_discrepancy d JOIN funding_run r ON r.id = d.opened_by_id
    LEFT JOIN funding_discrepancyresolution x ON x.discrepancy_id = d.id
    LEFT JOIN funding_run c ON c.id = x.consumed_by_id
    WHERE d.program_id = %(program)s AND d.enrollment_id IS NOT NULL AND r.business_date <= %(as_of)s
      AND (x.id IS NULL OR c.business_date IS NULL OR c.business_date > %(as_of)s)
      AND (%(provider)s::bigint IS NULL OR d.provider_id = %(provider)s)
    GROUP BY d.provider_id
"""
_HELD_CENTS = """
    SELECT provider_id, sum(held_cents)::bigint AS held_cents
    FROM (SELECT DISTINCT ON (c.enrollment_id, c.module_id) c.provider_id, p.held_cents
          FROM (SELECT DISTINCT d.enrollment_id, d.module_id FROM funding_discrepancy d
                WHERE d.program_id = %(program)s AND d.enrollment_id IS NOT NULL
                  AND (%(provider)s::bigint IS NULL OR d.provider_id = %(provider)s)) d
          JOIN funding_claim c ON c.enrollment_id = d.enrollment_id AND c.module_id = d.module_id
          JOIN funding_run r ON r.id = c.run_id AND r.program_id = %(program)s AND r.business_date <= %(as_of)s
          JOIN funding_pricedcase p ON p.id = c.case_id
          ORDER BY c.enrollment_id, c.module_id, c.number DESC) latest
    GROUP BY provider_id
"""
_LINES = """
    SELECT l.provider_id, l.id, r.business_date AS date, l.posted_cents, l.carried_in_cents, l.amount_cents, l.unpaid_cents,
           l.carried_out_cents,
           (SELECT t.business_date FROM funding_transfer t WHERE t.effect_key = funding.effect_key(
                'release|' || r.program_id || '|' || l.provider_id || '|' || r.business_date)
            AND t.business_date <= %(released_by)s) AS released_on
    FROM funding_paymentline l JOIN funding_paymentbatch b ON b.id = l.batch_id JOIN funding_run r ON r.id = b.run_id
    WHERE r.program_id = %(program)s AND r.business_date <= %(as_of)s
      AND (%(provider)s::bigint IS NULL OR l.provider_id = %(provider)s)
    ORDER BY r.business_date, l.id
"""


def _of_program(
    program: Program, provider_code: str | None, wanted: datetime.date | None, last_night: datetime.date
) -> list[dict[str, Any]]:
    as_of = wanted or last_night
    providers = rows(
        "SELECT DISTINCT p.id, p.code, p.name FROM offering_facts o JOIN provider_facts p ON p.id = o.provider_id "
        "WHERE o.catalogue = %(catalogue)s AND (%(code)s::text IS NULL OR p.code = %(code)s) ORDER BY p.code",
        {"catalogue": program.catalogue, "code": provider_code},
    )
    values = {
        "program": program.pk,
        "as_of": as_of,
        "released_by": wanted or datetime.date.max,
        "provider": providers[0]["id"] if len(providers) == 1 else None,
    }
    earned = rows(_CLAIMS, values)
    figures = [{row.pop("provider_id"): row for row in rows(sql, values)} for sql in (_POSTED, _HELD_LINES, _HELD_CENTS)]
    lines = rows(_LINES, values)
    years = years_ahead(program_id=program.pk, provider_id=providers[0]["id"] if len(providers) == 1 else None, as_of=as_of)
    heading = {
        "program": program.code,
        "currency": program.currency,
        "as_of": as_of.isoformat(),
        "last_night": last_night.isoformat(),
    }
    return [_statement(heading, provider, earned, figures, lines, years) for provider in providers]


def _statement(
    heading: dict[str, Any],
    provider: dict[str, Any],
    earned: list[dict[str, Any]],
    figures: list[dict[int, dict[str, Any]]],
    lines: list[dict[str, Any]],
    years: list[dict[str, Any]],
) -> dict[str, Any]:
    own = [row for row in earned if row["provider_id"] == provider["id"]]
    amounts = {"posted_cents": 0, "paid_cents": 0, "held_lines": 0, "held_cents": 0}
    for figure in figures:
        amounts |= figure.get(provider["id"], {})
    return {
        "provider": provider["code"],
        "provider_name": provider["name"],
        **heading,
        "earned_cents": sum(row["earned_cents"] for row in own),
        **amounts,
        "offerings": sorted(
            ({"code": row["code"], "title": row["course_title"], "earned_cents": row["earned_cents"]} for row in own),
            key=lambda offering: offering["code"],
        ),
        "lines": [_line(line) for line in lines if line["provider_id"] == provider["id"]],
        "years_ahead": [
            {"first_on": year["first_on"], "last_on": year["last_on"]} | {name: one[name] for name in AHEAD}
            for year in years
            for one in year["providers"]
            if one["provider"] == provider["code"]
        ],
    }


def _line(line: dict[str, Any]) -> dict[str, Any]:
    released_on = line["released_on"]
    return {
        "id": line["id"],
        "date": line["date"].isoformat(),
        "posted_cents": line["posted_cents"],
        "carried_in_cents": line["carried_in_cents"],
        "amount_cents": line["amount_cents"],
        "unpaid_cents": line["unpaid_cents"],
        "due_cents": line["amount_cents"] + line["unpaid_cents"],
        "carried_out_cents": line["carried_out_cents"],
        "released_on": released_on.isoformat() if released_on else None,
    }
