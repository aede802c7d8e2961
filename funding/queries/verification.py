"""The books held against the facts, and against themselves, by other means than those that wrote them.

Nothing here uses the night's counting, its pricing function or its state: completions are counted anew by their latest
row, priced in integers, and compared with the sums of the ledger.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from funding.calc.policy import read_policy
from funding.models import PolicyVersion, Program, Run
from funding.queries.rows import rows


@dataclass(frozen=True)
class Finding:
    """One difference: which check found it, the row by name, and what is wrong in a sentence."""

    check: str
    row: str
    problem: str


def findings(*, program: Program) -> Iterator[Finding]:
    """Every difference in the program's books as of its last finished night; nothing where they are clean."""
    last = Run.objects.filter(program=program, finished_at__isnull=False).order_by("-business_date").first()
    yield from _policies(program)
    yield from _seals(program)
    if last is None:
        return
    yield from _digests(program)
    yield from _facts_against_books(program, last)
    yield from _state_against_books(program)
    yield from _lines_against_books(program)


def _policies(program: Program) -> Iterator[Finding]:
    for version in PolicyVersion.objects.filter(program=program):
        if hashlib.sha256(version.content.encode()).hexdigest() != version.content_sha256:
            yield Finding("policy", f"policy version {version.pk}", "its text is not the one that was approved")


_BROKEN_SEALS = """
    SELECT t.effect_key, t.amount_cents FROM funding_transfer t
    LEFT JOIN funding_account d ON d.id = t.debit_account_id LEFT JOIN funding_account c ON c.id = t.credit_account_id
    LEFT JOIN funding_policyversion v ON v.id = t.policy_version_id
    WHERE t.program_id = %(program)s AND t.row_sha256 IS DISTINCT FROM
          funding.seal(t.effect_key, d.code, c.code, t.amount_cents, t.business_date, v.content_sha256)
    ORDER BY t.effect_key
"""


def _seals(program: Program) -> Iterator[Finding]:
    for row in rows(_BROKEN_SEALS, {"program": program.pk}):
        yield Finding("seal", f"transfer {row['effect_key']}", "it was changed after it was written")


def _digests(program: Program) -> Iterator[Finding]:
    before = ""
    with connection.cursor() as cursor:
        for run in Run.objects.filter(program=program, finished_at__isnull=False).order_by("business_date"):
            sealed = hashlib.sha256(before.encode())
            cursor.execute("SELECT row_sha256 FROM funding_transfer WHERE run_id = %s ORDER BY effect_key", [run.pk])
            for (row,) in cursor:
                sealed.update(row)
            if sealed.hexdigest() != run.digest:
                yield Finding("digest", f"run {run.pk} of {run.business_date}", "its transfers are not those of its digest")
            before = run.digest


# What stands, enrollment-module by enrollment-module: the latest row of each assignment, if it states and may pay.
_RECOUNTED = """
    CREATE TEMPORARY TABLE recounted ON COMMIT DROP AS
    WITH latest AS (
        SELECT DISTINCT ON (c.enrollment_id, c.assignment_id) c.enrollment_id, c.assignment_id, c.sequence, c.completed_on
        FROM completion_facts c JOIN enrollment_facts e ON e.id = c.enrollment_id
        WHERE e.catalogue = %(catalogue)s AND c.batch_id <= %(through_batch)s AND c.completed_on <= %(on)s AND NOT c.carried_over
        ORDER BY c.enrollment_id, c.assignment_id, c.sequence DESC),
    required AS (
        SELECT offering_id, module_id, count(*) AS required FROM assignment_facts
        WHERE batch_id <= %(through_batch)s GROUP BY offering_id, module_id)
    SELECT l.enrollment_id, a.module_id, e.learning_starts_on, r.required, m.credit_numerator, m.credit_denominator,
           count(*) AS completed
    FROM latest l JOIN enrollment_facts e ON e.id = l.enrollment_id JOIN assignment_facts a ON a.id = l.assignment_id
    JOIN required r ON r.offering_id = e.offering_id AND r.module_id = a.module_id
    JOIN module_facts m ON m.id = a.module_id
    WHERE l.sequence %% 2 = 0
      AND ((l.completed_on >= coalesce(e.enrolled_on, l.completed_on) AND l.completed_on <= coalesce(e.withdrawn_on, l.completed_on))
           OR EXISTS (SELECT FROM funding_discrepancy d JOIN funding_discrepancyresolution x ON x.discrepancy_id = d.id
                      WHERE d.program_id = %(program)s AND d.enrollment_id = l.enrollment_id
                        AND d.assignment_id = l.assignment_id AND d.sequence = l.sequence
                        AND x.outcome = 'accepted' AND x.consumed_by_id IS NOT NULL))
    GROUP BY l.enrollment_id, a.module_id, e.learning_starts_on, r.required, m.credit_numerator, m.credit_denominator
"""
_TUPLES = "SELECT DISTINCT learning_starts_on, completed, required, credit_numerator, credit_denominator FROM recounted"
_DIFFERENCES = """
    WITH facts AS (
        SELECT r.enrollment_id, r.module_id, p.cents FROM recounted r
        JOIN unnest(%(starts)s::date[], %(completed)s::int[], %(required)s::int[], %(numerators)s::int[], %(denominators)s::int[],
                    %(cents)s::bigint[]) AS p (learning_starts_on, completed, required, credit_numerator, credit_denominator, cents)
             USING (learning_starts_on, completed, required, credit_numerator, credit_denominator)),
    books AS (
        SELECT c.enrollment_id, c.module_id, sum(CASE t.kind WHEN 'earn' THEN t.amount_cents ELSE -t.amount_cents END) AS cents
        FROM funding_transfer t JOIN funding_claim c ON c.id = t.claim_id
        WHERE t.program_id = %(program)s AND t.kind IN ('earn', 'recover') GROUP BY c.enrollment_id, c.module_id)
    SELECT coalesce(e.code, enrollment_id::text) AS enrollment, coalesce(m.code, module_id::text) AS module,
           coalesce(facts.cents, 0) AS facts_cents, coalesce(books.cents, 0) AS books_cents
    FROM facts FULL JOIN books USING (enrollment_id, module_id)
    LEFT JOIN enrollment_facts e ON e.id = enrollment_id LEFT JOIN module_facts m ON m.id = module_id
    WHERE coalesce(facts.cents, 0) <> coalesce(books.cents, 0)
    ORDER BY 1, 2
"""


def _facts_against_books(program: Program, last: Run) -> Iterator[Finding]:
    values: dict[str, Any] = {
        "program": program.pk,
        "catalogue": program.catalogue,
        "through_batch": last.through_batch,
        "on": last.business_date,
    }
    versions = PolicyVersion.objects.filter(program=program, pk__lte=last.through_policy_version).order_by("-in_force_from")
    policies = [read_policy(version.content, program.code) for version in versions]

    def cents(starts_on: Any, completed: int, required: int, numerator: int, denominator: int) -> int:
        policy = next((policy for policy in policies if policy.in_force_from <= starts_on), None)
        if policy is None:
            return 0
        rate = max((v.from_on, v.value) for v in policy.rate_per_credit.values if v.from_on <= starts_on)[1]
        scale, whole = _as_integers(rate)
        top, bottom = 100 * whole * numerator * completed, scale * denominator * required
        return (2 * top + bottom) // (2 * bottom)

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute(_RECOUNTED, values)
        cursor.execute("ANALYZE recounted")
        cursor.execute(_TUPLES)
        tuples = cursor.fetchall()
    names = ("starts", "completed", "required", "numerators", "denominators")
    columns = list(zip(*tuples, strict=True)) or [()] * len(names)
    values |= {name: list(column) for name, column in zip(names, columns, strict=True)}
    values["cents"] = [cents(*figures) for figures in tuples]
    for row in rows(_DIFFERENCES, values):
        yield Finding(
            "facts",
            f"enrollment {row['enrollment']} module {row['module']}",
            f"the facts say {row['facts_cents']} cents, the books {row['books_cents']}",
        )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE recounted")


def _as_integers(rate: Decimal) -> tuple[int, int]:
    """(scale, whole) with rate = whole / scale, both integers."""
    numerator, denominator = rate.as_integer_ratio()
    return denominator, numerator


_STATES = """
    WITH claimed AS (
        SELECT enrollment_id, module_id, sum(earned_cents - earned_before_cents) AS cents, max(number) AS claims FROM funding_claim c
        JOIN funding_run r ON r.id = c.run_id WHERE r.program_id = %(program)s GROUP BY enrollment_id, module_id),
    posted AS (
        SELECT c.enrollment_id, c.module_id, count(*) AS postings,
               sum(CASE t.kind WHEN 'earn' THEN t.amount_cents ELSE -t.amount_cents END) AS cents
        FROM funding_transfer t JOIN funding_claim c ON c.id = t.claim_id
        WHERE t.program_id = %(program)s AND t.kind IN ('earn', 'recover') GROUP BY c.enrollment_id, c.module_id),
    states AS (SELECT * FROM funding_earningstate WHERE program_id = %(program)s)
    SELECT coalesce(e.code, enrollment_id::text) AS enrollment, module_id, claimed.cents AS claimed, posted.cents AS posted,
           s.earned_cents, s.posted_cents, p.earned_cents AS priced
    FROM claimed FULL JOIN posted USING (enrollment_id, module_id) FULL JOIN states s USING (enrollment_id, module_id)
    LEFT JOIN funding_pricedcase p ON p.id = s.case_id LEFT JOIN enrollment_facts e ON e.id = enrollment_id
    WHERE claimed.cents IS DISTINCT FROM coalesce(posted.cents, 0) OR s.earned_cents IS DISTINCT FROM claimed.cents
       OR s.posted_cents IS DISTINCT FROM coalesce(posted.cents, 0) OR s.postings IS DISTINCT FROM coalesce(posted.postings, 0)
       OR s.claims IS DISTINCT FROM claimed.claims OR p.earned_cents IS DISTINCT FROM s.earned_cents
    ORDER BY 1, 2
"""


def _state_against_books(program: Program) -> Iterator[Finding]:
    for row in rows(_STATES, {"program": program.pk}):
        yield Finding(
            "state",
            f"enrollment {row['enrollment']} module {row['module_id']}",
            f"claims say {row['claimed']} cents, the ledger {row['posted']}, the state {row['earned_cents']} earned and "
            f"{row['posted_cents']} posted, its case {row['priced']}",
        )


_LINES = """
    SELECT l.id, l.posted_cents, l.amount_cents, b.released_at IS NOT NULL AS released,
           coalesce(sum(CASE t.kind WHEN 'earn' THEN t.amount_cents WHEN 'recover' THEN -t.amount_cents END), 0) AS posted,
           (SELECT coalesce(sum(x.amount_cents), 0) FROM funding_transfer x WHERE x.effect_key = funding.effect_key(
                'settle|' || r.program_id || '|' || l.provider_id || '|' || r.business_date)) AS settled,
           (SELECT coalesce(sum(x.amount_cents), 0) FROM funding_transfer x WHERE x.effect_key = funding.effect_key(
                'release|' || r.program_id || '|' || l.provider_id || '|' || r.business_date)) AS paid
    FROM funding_paymentline l JOIN funding_paymentbatch b ON b.id = l.batch_id JOIN funding_run r ON r.id = b.run_id
    LEFT JOIN funding_transfer t ON t.provider_id = l.provider_id AND t.program_id = r.program_id
         AND t.run_id > coalesce(l.after_run, 0) AND t.run_id <= r.id
    WHERE r.program_id = %(program)s
    GROUP BY l.id, b.id, r.id ORDER BY l.id
"""


def _lines_against_books(program: Program) -> Iterator[Finding]:
    for row in rows(_LINES, {"program": program.pk}):
        paid = row["amount_cents"] if row["released"] else 0
        if (row["posted"], row["settled"], row["paid"]) != (row["posted_cents"], row["amount_cents"], paid):
            yield Finding(
                "line",
                f"payment line {row['id']}",
                f"it says {row['posted_cents']} cents posted and {row['amount_cents']} due; the ledger {row['posted']} posted, "
                f"{row['settled']} settled, {row['paid']} paid",
            )
