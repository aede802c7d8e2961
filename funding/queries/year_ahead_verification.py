"""Years that are paid ahead, held against predictions, true-ups and facts: each amount is worked out anew by plain sums.

An instalment is what its prediction has planned up to it, less what was advanced before it; nothing here uses what the
night advances and trues up with.
"""

import calendar
import datetime
from collections.abc import Iterator
from fractions import Fraction

from django.db import connection

from funding.models import Prediction, Program, Reconciliation, Run, YearAhead
from funding.queries.finding import Finding
from funding.queries.rows import rows

# {name of an effect: (provider, cents given to it, or below 0 taken from it, the run that posted it)}
Effects = dict[str, tuple[int, int, int]]


def year_ahead_findings(*, program: Program) -> Iterator[Finding]:
    """Every difference in the program's years, as of its last finished night; nothing where they are clean."""
    runs = list(Run.objects.filter(program=program, finished_at__isnull=False).order_by("business_date"))
    expected: Effects = {}
    for year in YearAhead.objects.filter(program=program):
        expected |= _advances(year, runs) | _true_ups(year, runs)
        yield from _reconciliations(year)
    yield from _effects(program, expected)
    yield from _results(program)
    yield from _payees(program)


def _advances(year: YearAhead, runs: list[Run]) -> Effects:
    nights = [run for run in runs if year.after_run_id is None or run.pk > year.after_run_id]
    by_provider: dict[int, list[Prediction]] = {}
    for prediction in year.predictions.order_by("number"):
        by_provider.setdefault(prediction.provider_id, []).append(prediction)
    shares = [Fraction(one["share"]) for one in year.schedule]
    effects: Effects = {}
    for provider, predictions in by_provider.items():
        advanced = 0
        for number, instalment in enumerate(year.schedule, start=1):
            due_on = datetime.date.fromisoformat(instalment["due_on"])
            run = next((night for night in nights if night.business_date >= due_on), None)
            if run is None:
                break
            known = [one.amount_cents for one in predictions if one.after_run_id is None or one.after_run_id < run.pk]
            cents = max(_planned(known[-1], shares[:number], number == len(shares)) - advanced, 0) if known else 0
            effects[f"advance|{year.program_id}|{provider}|{year.first_on}|{number}"] = (provider, cents, run.pk)
            advanced += cents
    return effects


def _planned(predicted: int, shares: list[Fraction], whole: bool) -> int:
    """What instalments of these shares come to, each rounded half up by itself; the last makes it whole."""
    return predicted if whole else min(predicted, sum((2 * predicted * share + 1).__floor__() // 2 for share in shares))


def _true_ups(year: YearAhead, runs: list[Run]) -> Effects:
    effects: Effects = {}
    for found in Reconciliation.objects.filter(true_up__year=year).select_related("true_up", "run"):
        parts = found.true_up.parts if found.amount_cents < 0 else 1
        left = found.amount_cents
        for part in range(1, parts + 1):
            cents = left if part == parts else -(-found.amount_cents // parts)
            left -= cents
            due_on = _end_of_month(found.run.business_date, part - 1) if part > 1 else found.run.business_date
            run = next((night for night in runs if night.pk >= found.run_id and night.business_date >= due_on), None)
            if run is not None:
                name = f"true_up|{year.program_id}|{found.provider_id}|{year.first_on}|{found.true_up.number}|{part}"
                effects[name] = (found.provider_id, cents, run.pk)
    return effects


def _end_of_month(day: datetime.date, months: int) -> datetime.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, calendar.monthrange(year, month + 1)[1])


_EFFECTS = """
    WITH expected AS (
        SELECT name, funding.effect_key(name) AS effect_key, provider_id, cents, run_id
        FROM unnest(%(names)s::text[], %(providers)s::bigint[], %(cents)s::bigint[], %(runs)s::bigint[])
             AS e (name, provider_id, cents, run_id) WHERE cents <> 0),
    posted AS (
        SELECT t.effect_key, t.kind, t.provider_id, t.run_id,
               CASE WHEN d.kind = 'year-ahead' AND c.kind = 'payable' THEN t.amount_cents
                    WHEN d.kind = 'payable' AND c.kind = 'year-ahead' THEN -t.amount_cents END AS cents,
               CASE d.kind WHEN 'year-ahead' THEN d.part ELSE c.part END AS part
        FROM funding_transfer t
        JOIN funding_account d ON d.id = t.debit_account_id JOIN funding_account c ON c.id = t.credit_account_id
        JOIN funding_run r ON r.id = t.run_id AND r.finished_at IS NOT NULL
        WHERE t.program_id = %(program)s AND t.kind IN ('advance', 'true_up'))
    SELECT coalesce(e.name, 'transfer ' || p.effect_key) AS name, coalesce(e.cents, 0) AS expected, coalesce(p.cents, 0) AS posted
    FROM expected e FULL JOIN posted p USING (effect_key)
    WHERE (e.provider_id, e.cents, e.run_id, split_part(e.name, '|', 1), split_part(e.name, '|', 4))
          IS DISTINCT FROM (p.provider_id, p.cents, p.run_id, p.kind, p.part)
    ORDER BY 1
"""


def _effects(program: Program, expected: Effects) -> Iterator[Finding]:
    names = list(expected)
    values = {"program": program.pk, "names": names}
    for place, name in enumerate(("providers", "cents", "runs")):
        values[name] = [expected[one][place] for one in names]
    for row in rows(_EFFECTS, values):
        problem = f"its year makes it {row['expected']} cents; the ledger says {row['posted']}, or another provider, year or night"
        yield Finding("ahead", row["name"], problem)


_RECONCILED = """
    SELECT n.id, n.provider_id, n.earned_cents, n.advanced_cents, n.trued_up_before_cents, coalesce(t.earned, 0) AS earned,
           coalesce(t.advanced, 0) AS advanced, n.before
    FROM (SELECT n.*, u.number, coalesce(sum(n.amount_cents) OVER (PARTITION BY n.provider_id ORDER BY u.number
                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS before
          FROM funding_reconciliation n JOIN funding_trueup u ON u.id = n.true_up_id WHERE u.year_id = %(year)s) n
    LEFT JOIN LATERAL (
        SELECT sum(CASE t.kind WHEN 'earn' THEN t.amount_cents WHEN 'recover' THEN -t.amount_cents END)::bigint AS earned,
               sum(t.amount_cents) FILTER (WHERE t.kind = 'advance')::bigint AS advanced
        FROM funding_transfer t JOIN funding_account a ON a.id IN (t.debit_account_id, t.credit_account_id)
        WHERE t.program_id = %(program)s AND t.provider_id = n.provider_id AND t.run_id <= n.run_id
          AND a.kind = 'year-ahead' AND a.part = %(part)s) t ON true
    WHERE (n.earned_cents, n.advanced_cents, n.trued_up_before_cents)
          IS DISTINCT FROM (coalesce(t.earned, 0), coalesce(t.advanced, 0), n.before)
    ORDER BY n.id
"""


def _reconciliations(year: YearAhead) -> Iterator[Finding]:
    for row in rows(_RECONCILED, {"year": year.pk, "program": year.program_id, "part": year.part}):
        yield Finding(
            "ahead",
            f"reconciliation {row['id']} of the year from {year.first_on}",
            f"it says {row['earned_cents']} cents earned, {row['advanced_cents']} advanced and {row['trued_up_before_cents']} trued "
            f"up before; the ledger {row['earned']}, {row['advanced']} and {row['before']}",
        )


_RESULTS = """
    SELECT r.id, r.business_date FROM funding_run r
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(t.amount_cents) FILTER (WHERE t.kind = 'advance'), 0) AS advanced,
               coalesce(sum(CASE c.kind WHEN 'payable' THEN t.amount_cents ELSE -t.amount_cents END)
                        FILTER (WHERE t.kind = 'true_up'), 0) AS trued_up
        FROM funding_transfer t JOIN funding_account c ON c.id = t.credit_account_id
        WHERE t.run_id = r.id AND t.kind IN ('advance', 'true_up')) t ON true
    WHERE r.program_id = %(program)s AND r.finished_at IS NOT NULL
      AND (coalesce((r.result ->> 'advanced_cents')::bigint, 0), coalesce((r.result ->> 'trued_up_cents')::bigint, 0))
          IS DISTINCT FROM (t.advanced, t.trued_up)
    ORDER BY r.id
"""


def _results(program: Program) -> Iterator[Finding]:
    if not YearAhead.objects.filter(program=program).exists():
        return
    for row in rows(_RESULTS, {"program": program.pk}):
        yield Finding(
            "ahead", f"run {row['id']} of {row['business_date']}", "its result says other advances or true-ups than the ledger"
        )


# What was earned lies on the account of the year in which learning started, and the state names that year.
_PAYEES = """
    WITH lies AS (
        SELECT k.enrollment_id, k.module_id, a.part, sum(CASE t.kind WHEN 'earn' THEN t.amount_cents ELSE -t.amount_cents END) AS cents
        FROM funding_transfer t JOIN funding_claim k ON k.id = t.claim_id
        JOIN funding_account a ON a.id = CASE t.kind WHEN 'earn' THEN t.credit_account_id ELSE t.debit_account_id END
        WHERE t.program_id = %(program)s AND t.kind IN ('earn', 'recover')
        GROUP BY k.enrollment_id, k.module_id, a.part
        HAVING sum(CASE t.kind WHEN 'earn' THEN t.amount_cents ELSE -t.amount_cents END) <> 0),
    starts AS (
        SELECT e.id, e.code, CASE WHEN x.id IS NULL THEN e.learning_starts_on ELSE x.learning_starts_on_before END AS starts_on
        FROM enrollment_facts e
        LEFT JOIN (SELECT DISTINCT ON (enrollment_id) * FROM enrollment_change_facts WHERE batch_id > %(through_batch)s
                   ORDER BY enrollment_id, id) x ON x.enrollment_id = e.id
        WHERE e.catalogue = %(catalogue)s)
    SELECT e.code, l.module_id, l.cents, l.part, coalesce(y.first_on::text, '') AS year
    FROM lies l JOIN starts e ON e.id = l.enrollment_id
    LEFT JOIN funding_yearahead y ON y.program_id = %(program)s AND e.starts_on BETWEEN y.first_on AND y.last_on
    LEFT JOIN funding_earningstate s ON s.program_id = %(program)s AND (s.enrollment_id, s.module_id) = (l.enrollment_id, l.module_id)
    WHERE (l.part, y.id) IS DISTINCT FROM (coalesce(y.first_on::text, ''), s.year_ahead_id)
    ORDER BY 1, 2
"""


def _payees(program: Program) -> Iterator[Finding]:
    last = Run.objects.filter(program=program, finished_at__isnull=False).order_by("-business_date").first()
    if last is None or not YearAhead.objects.filter(program=program).exists():
        return
    values = {"program": program.pk, "catalogue": program.catalogue, "through_batch": last.through_batch}
    with connection.cursor() as cursor:
        # Whole sets meet whole sets: the planner takes what lies somewhere for few rows, and would walk all starts for each.
        cursor.execute("SET LOCAL enable_nestloop = off")
        found = rows(_PAYEES, values)
        cursor.execute("SET LOCAL enable_nestloop = on")
    for row in found:
        yield Finding(
            "ahead",
            f"enrollment {row['code']} module {row['module_id']}",
            f"{row['cents']} cents of it lie with {row['part'] or 'no year'}; learning started in {row['year'] or 'no year'} that is "
            "paid ahead, or its state names another",
        )
