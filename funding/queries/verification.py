"""The books held against the facts, and against themselves, by other means than those that wrote them.

Nothing here uses the night's counting or its state: completions are counted anew by their latest row, the policy is worked
out for each enrollment's own day, and the sums are compared with those of the ledger, source by source. What a night under way
has written is left out, and enrollments have the dates that the last night's watermark saw.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db import connection

from funding.calc.case_price import Case, CasePrice, price_case
from funding.calc.engine.document import read_document
from funding.calc.engine.recorded import reads
from funding.models import PolicyVersion, PricedCase, Program, Run
from funding.queries.finding import Finding
from funding.queries.policy_verification import policy_findings
from funding.queries.recount import differences
from funding.queries.rows import rows


def findings(*, program: Program) -> Iterator[Finding]:
    """Every difference in the program's books as of its last finished night; nothing where they are clean."""
    last = Run.objects.filter(program=program, finished_at__isnull=False).order_by("-business_date").first()
    yield from (forged := list(policy_findings(program=program)))
    yield from _seals(program)
    yield from _strays(program)
    yield from _claims(program)
    yield from _state_against_books(program)
    yield from _lines_against_books(program)
    # A text that nobody approved prices nothing.
    if not forged:
        yield from _cases(program)
    if last is not None:
        yield from _digests(program)
        yield from _results(program)
        _know_enrollments(program, last)
        yield from _doubts_against_facts(program, last)
        if not forged:
            yield from _facts_against_books(program, last)


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


# A transfer that the chart, its claim or its payment line does not account for.
_STRAYS = """
    WITH due AS (
        SELECT l.provider_id, r.program_id, r.program_id || '|' || l.provider_id || '|' || r.business_date AS name
        FROM funding_paymentline l JOIN funding_paymentbatch b ON b.id = l.batch_id JOIN funding_run r ON r.id = b.run_id),
    known AS (
        SELECT funding.effect_key('settle|' || name) AS effect_key, provider_id, program_id FROM due
        UNION ALL SELECT funding.effect_key('release|' || name), provider_id, program_id FROM due)
    SELECT t.effect_key, t.kind FROM funding_transfer t
    LEFT JOIN funding_account d ON d.id = t.debit_account_id LEFT JOIN funding_account c ON c.id = t.credit_account_id
    LEFT JOIN funding_claim k ON k.id = t.claim_id LEFT JOIN funding_pricedcase p ON p.id = k.case_id
    LEFT JOIN known ON known.effect_key = t.effect_key
    LEFT JOIN funding_transfer o ON o.effect_key = t.reverses_id
    WHERE %(program)s IN (t.program_id, d.program_id, c.program_id)
      AND (t.program_id = d.program_id AND t.program_id = c.program_id
           AND t.provider_id = coalesce(d.provider_id, t.provider_id) AND t.provider_id = coalesce(c.provider_id, t.provider_id)
           AND CASE WHEN t.kind = 'reverse' THEN o.effect_key IS NOT NULL AND o.provider_id = t.provider_id
                    WHEN (t.kind, d.kind, c.kind) IN (('earn', 'program-cost', 'payable'), ('recover', 'payable', 'program-cost'),
                         ('earn', 'program-cost', 'year-ahead'), ('recover', 'year-ahead', 'program-cost'))
                    THEN (k.run_id, k.provider_id, p.policy_version_id) = (t.run_id, t.provider_id, t.policy_version_id)
                    WHEN (t.kind, d.kind, c.kind) IN (('settle', 'payable', 'in-payment'), ('release', 'in-payment', 'cash'))
                    THEN (known.provider_id, known.program_id) = (t.provider_id, t.program_id)
                    -- Held against their years in year_ahead_verification.py.
                    WHEN t.kind = 'advance' THEN (d.kind, c.kind) = ('year-ahead', 'payable')
                    WHEN t.kind = 'true_up' THEN (d.kind, c.kind) IN (('year-ahead', 'payable'), ('payable', 'year-ahead'))
                    ELSE false END) IS NOT TRUE
    ORDER BY t.effect_key
"""


def _strays(program: Program) -> Iterator[Finding]:
    for row in rows(_STRAYS, {"program": program.pk}):
        yield Finding("stray", f"transfer {row['effect_key']}", f"no claim, payment line or chart accounts for this {row['kind']}")


def _cases(program: Program) -> Iterator[Finding]:
    policies = {v.pk: read_document(v.content, program.code) for v in PolicyVersion.objects.filter(program=program)}
    asked = {version: reads(policy) for version, policy in policies.items()}
    for case in PricedCase.objects.filter(policy_version__program=program).order_by("id").iterator():
        figures = Case(*(getattr(case, name) for name in Case.__annotations__))
        now = price_case(
            figures, policies[case.policy_version_id], asked[case.policy_version_id], by_module=program.unit == Program.Unit.MODULE
        )
        if CasePrice(*(getattr(case, name) for name in CasePrice.__annotations__)) != now:
            yield Finding(
                "case",
                f"priced case {case.pk}",
                f"it says {case.earned_cents} cents earned and {case.held_cents} held; by its policy they are {now.earned_cents} and "
                f"{now.held_cents}, or its sources or its lines are not the policy's",
            )


# A claim says what its case says, follows the claim before it, and stands under its enrollment's own names.
_BROKEN_CLAIMS = """
    SELECT c.id, coalesce(e.code, c.enrollment_id::text) AS enrollment, c.earned_before_cents, c.earned_cents,
           p.earned_cents AS priced
    FROM (SELECT c.*, row_number() OVER w AS place, coalesce(lag(c.earned_cents) OVER w, 0) AS before
          FROM funding_claim c JOIN funding_run r ON r.id = c.run_id WHERE r.program_id = %(program)s
          WINDOW w AS (PARTITION BY c.enrollment_id, c.module_id ORDER BY c.number)) c
    LEFT JOIN funding_pricedcase p ON p.id = c.case_id
    LEFT JOIN enrollment_facts e ON e.id = c.enrollment_id
    WHERE (c.number, c.earned_before_cents, c.earned_cents, c.provider_id, c.offering_id)
          IS DISTINCT FROM (c.place, c.before, p.earned_cents, e.provider_id, e.offering_id)
    ORDER BY c.id
"""


def _claims(program: Program) -> Iterator[Finding]:
    for row in rows(_BROKEN_CLAIMS, {"program": program.pk}):
        yield Finding(
            "claim",
            f"claim {row['id']} of enrollment {row['enrollment']}",
            f"it says from {row['earned_before_cents']} to {row['earned_cents']} cents; its case says {row['priced']}, or its "
            "place, provider or offering is not that of its enrollment",
        )


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


_RESULTS = """
    SELECT r.id, r.business_date, r.result ->> 'posted_cents' AS said, coalesce(t.cents, 0) AS posted
    FROM funding_run r
    LEFT JOIN (SELECT run_id, sum(CASE kind WHEN 'earn' THEN amount_cents ELSE -amount_cents END) AS cents, count(*) AS transfers
               FROM funding_transfer WHERE kind IN ('earn', 'recover') GROUP BY run_id) t ON t.run_id = r.id
    LEFT JOIN (SELECT run_id, count(*) AS claims FROM funding_claim GROUP BY run_id) c ON c.run_id = r.id
    WHERE r.program_id = %(program)s AND r.finished_at IS NOT NULL
      AND ((r.result ->> 'posted_cents')::bigint, (r.result ->> 'transfers')::bigint, (r.result ->> 'claims_changed')::bigint)
          IS DISTINCT FROM (coalesce(t.cents, 0), coalesce(t.transfers, 0), coalesce(c.claims, 0))
    ORDER BY r.id
"""


def _results(program: Program) -> Iterator[Finding]:
    for row in rows(_RESULTS, {"program": program.pk}):
        yield Finding(
            "result",
            f"run {row['id']} of {row['business_date']}",
            f"its result says {row['said']} cents posted; the ledger says {row['posted']}, or another number of rows",
        )


# Enrollments with their dates as of the watermark: where an intake changed them since, what they were before it did.
_KNOWN = """
    CREATE TEMPORARY TABLE known ON COMMIT DROP AS
    SELECT e.id, e.code, e.offering_id, e.batch_id,
           CASE WHEN x.id IS NULL THEN e.enrolled_on ELSE x.enrolled_on_before END AS enrolled_on,
           CASE WHEN x.id IS NULL THEN e.withdrawn_on ELSE x.withdrawn_on_before END AS withdrawn_on,
           CASE WHEN x.id IS NULL THEN e.learning_starts_on ELSE x.learning_starts_on_before END AS learning_starts_on
    FROM enrollment_facts e
    LEFT JOIN (SELECT DISTINCT ON (enrollment_id) * FROM enrollment_change_facts WHERE batch_id > %(through_batch)s
               ORDER BY enrollment_id, id) x ON x.enrollment_id = e.id
    WHERE e.catalogue = %(catalogue)s
"""


def _know_enrollments(program: Program, last: Run) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.known")
        cursor.execute(_KNOWN, _as_of(program, last))
        cursor.execute("ANALYZE known")


def _as_of(program: Program, last: Run) -> dict[str, Any]:
    return {
        "program": program.pk,
        "catalogue": program.catalogue,
        "run": last.pk,
        "through_batch": last.through_batch,
        "on": last.business_date,
    }


def _facts_against_books(program: Program, last: Run) -> Iterator[Finding]:
    for difference in differences(program=program, last=last, values=_as_of(program, last)):
        yield Finding("facts", *difference)


# A completion that stands outside its enrollment's dates is doubted; what is doubted is on file.
_DOUBTS = """
    WITH latest AS (
        SELECT DISTINCT ON (c.enrollment_id, c.assignment_id) c.enrollment_id, c.assignment_id, c.sequence, c.completed_on,
               e.code, e.enrolled_on, e.withdrawn_on
        FROM completion_facts c JOIN known e ON e.id = c.enrollment_id
        WHERE c.batch_id <= %(through_batch)s AND c.completed_on <= %(on)s AND NOT c.carried_over
        ORDER BY c.enrollment_id, c.assignment_id, c.sequence DESC)
    SELECT 'enrollment ' || l.code || ' assignment ' || coalesce(a.code, l.assignment_id::text) AS row,
           'its completion lies outside the enrollment and no discrepancy says so' AS problem
    FROM latest l JOIN assignment_facts a ON a.id = l.assignment_id AND a.batch_id <= %(through_batch)s
    WHERE l.sequence %% 2 = 0 AND (l.completed_on < l.enrolled_on OR l.completed_on > l.withdrawn_on)
      AND NOT EXISTS (SELECT FROM funding_discrepancy d WHERE d.program_id = %(program)s
                      AND (d.enrollment_id, d.assignment_id, d.sequence) = (l.enrollment_id, l.assignment_id, l.sequence))
    UNION ALL
    SELECT 'discrepancy ' || d.id, 'the completion or row that it doubts is not on file' FROM funding_discrepancy d
    WHERE d.program_id = %(program)s
      AND NOT EXISTS (SELECT FROM completion_facts c
                      WHERE (c.enrollment_id, c.assignment_id, c.sequence) = (d.enrollment_id, d.assignment_id, d.sequence))
      AND NOT EXISTS (SELECT FROM unmatched_completion_facts u WHERE u.id = d.unmatched_id)
    ORDER BY 1
"""


def _doubts_against_facts(program: Program, last: Run) -> Iterator[Finding]:
    for row in rows(_DOUBTS, _as_of(program, last)):
        yield Finding("doubt", row["row"], row["problem"])


_STATES = """
    WITH claimed AS (
        SELECT enrollment_id, module_id, sum(earned_cents - earned_before_cents) AS cents,
               max(ARRAY[number, case_id, provider_id, offering_id]) AS latest
        FROM funding_claim c JOIN funding_run r ON r.id = c.run_id
        WHERE r.program_id = %(program)s GROUP BY enrollment_id, module_id),
    posted AS (
        SELECT c.enrollment_id, c.module_id,
               sum(CASE t.kind WHEN 'earn' THEN t.amount_cents ELSE -t.amount_cents END) AS cents
        FROM funding_transfer t JOIN funding_claim c ON c.id = t.claim_id
        WHERE t.program_id = %(program)s AND t.kind IN ('earn', 'recover') GROUP BY c.enrollment_id, c.module_id),
    states AS (SELECT * FROM funding_earningstate WHERE program_id = %(program)s)
    SELECT coalesce(e.code, enrollment_id::text) AS enrollment, module_id, claimed.cents AS claimed, posted.cents AS posted,
           s.earned_cents, s.posted_cents
    FROM claimed FULL JOIN posted USING (enrollment_id, module_id) FULL JOIN states s USING (enrollment_id, module_id)
    LEFT JOIN enrollment_facts e ON e.id = enrollment_id
    WHERE (claimed.cents, claimed.cents) IS DISTINCT FROM (s.earned_cents, s.posted_cents)
       OR coalesce(posted.cents, 0) IS DISTINCT FROM s.posted_cents
       OR claimed.latest IS DISTINCT FROM ARRAY[s.claims, s.case_id, s.provider_id, s.offering_id]
    ORDER BY 1, 2
"""


def _state_against_books(program: Program) -> Iterator[Finding]:
    for row in rows(_STATES, {"program": program.pk}):
        yield Finding(
            "state",
            f"enrollment {row['enrollment']} module {row['module_id']}",
            f"claims say {row['claimed']} cents, the ledger {row['posted']}, the state {row['earned_cents']} earned and "
            f"{row['posted_cents']} posted, or it names another case, provider or offering",
        )


# Batch by batch and provider by provider: what the ledger holds beside what the line says.
_LINES = """
    WITH batches AS (
        SELECT b.id AS batch_id, b.released_at IS NOT NULL AS released, r.id AS run_id, r.business_date, r.program_id,
               lag(r.id) OVER (ORDER BY r.id) AS after_run
        FROM funding_paymentbatch b JOIN funding_run r ON r.id = b.run_id WHERE r.program_id = %(program)s),
    posted AS (
        SELECT b.batch_id, t.provider_id, sum(CASE c.kind WHEN 'payable' THEN t.amount_cents ELSE -t.amount_cents END) AS cents
        FROM funding_transfer t JOIN batches b ON t.run_id > coalesce(b.after_run, 0) AND t.run_id <= b.run_id
        JOIN funding_account d ON d.id = t.debit_account_id JOIN funding_account c ON c.id = t.credit_account_id
        WHERE t.program_id = %(program)s AND t.kind IN ('earn', 'recover', 'advance', 'true_up') AND 'payable' IN (d.kind, c.kind)
        GROUP BY b.batch_id, t.provider_id),
    moved AS (
        SELECT t.effect_key, t.amount_cents FROM funding_transfer t WHERE t.kind IN ('settle', 'release')
          AND NOT EXISTS (SELECT FROM funding_transfer x WHERE x.reverses_id = t.effect_key)),
    lines AS (
        SELECT l.*, coalesce(lag(l.carried_out_cents + l.unpaid_cents)
                             OVER (PARTITION BY l.provider_id ORDER BY l.batch_id), 0) AS carried
        FROM funding_paymentline l JOIN batches USING (batch_id))
    SELECT coalesce(l.id::text, 'missing for provider ' || k.provider_id || ' in batch ' || k.batch_id) AS line,
           coalesce(p.cents, 0) AS posted, l.posted_cents, l.amount_cents, coalesce(s.amount_cents, 0) AS settled,
           coalesce(x.amount_cents, 0) AS paid
    FROM (SELECT batch_id, provider_id FROM lines UNION SELECT batch_id, provider_id FROM posted WHERE cents <> 0) k
    JOIN batches b ON b.batch_id = k.batch_id
    LEFT JOIN lines l ON (l.batch_id, l.provider_id) = (k.batch_id, k.provider_id)
    LEFT JOIN posted p ON (p.batch_id, p.provider_id) = (k.batch_id, k.provider_id)
    LEFT JOIN moved s ON s.effect_key = funding.effect_key(
         'settle|' || b.program_id || '|' || k.provider_id || '|' || b.business_date)
    LEFT JOIN moved x ON x.effect_key = funding.effect_key(
         'release|' || b.program_id || '|' || k.provider_id || '|' || b.business_date)
    WHERE (coalesce(p.cents, 0), coalesce(s.amount_cents, 0), coalesce(x.amount_cents, 0), l.carried, b.after_run)
          IS DISTINCT FROM (l.posted_cents, l.amount_cents, CASE WHEN b.released THEN l.amount_cents ELSE 0 END,
                            l.carried_in_cents, l.after_run)
    ORDER BY k.batch_id, k.provider_id
"""


def _lines_against_books(program: Program) -> Iterator[Finding]:
    for row in rows(_LINES, {"program": program.pk}):
        yield Finding(
            "line",
            f"payment line {row['line']}",
            f"it says {row['posted_cents']} cents posted and {row['amount_cents']} due; the ledger {row['posted']} posted, "
            f"{row['settled']} settled, {row['paid']} paid; or it carries another amount than the line before it",
        )
