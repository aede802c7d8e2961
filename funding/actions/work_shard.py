"""Work one shard of a night: measure and price in one transaction, post in another.

Measure counts in SQL what the shard's enrollments have completed, price prices each distinct case once in Python,
post writes what is owed beyond what was posted. Killed anywhere, nothing of the posting ever was; a price that stays
is what any other attempt would find.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from django.db.models.functions import Now

from database.areas import acting_as
from funding.calc.earning import Case, price
from funding.calc.policy import Policy, read_policy
from funding.models import PolicyVersion, PricedCase, Run, RunShard


class CasesNotPriced(AssertionError):
    """A case stands without a price (its row met another's id, as after a sequence that was set back): its enrollments
    would drop out of the night unseen."""


def work_shard(*, run: Run) -> bool:
    """Work the next shard of `run` that nobody is working; False where there is none left to take.

    New cases are committed before the shard posts: another shard that prices the same case would else wait for this
    one's whole posting. Exactly once hangs on the posting alone, which takes the shard anew. What was measured still
    holds then: the watermark fixes the facts, and only the shard's own posting changes its states.
    """
    with connection.cursor() as cursor:
        with acting_as("area_funding"):
            shard = _open_shards(run, skip_locked=True).first()
            if shard is None:
                return False
            policies = {version.pk: read_policy(version.content, run.program.code) for version in _versions(run)}
            values: dict[str, Any] = {
                "run": run.pk,
                "shard": shard.number,
                "program": run.program_id,
                "on": run.business_date,
                "through_batch": run.through_batch,
            }
            _measure(cursor, values, list(_rate_spans(policies)))
            _price(cursor, policies)
        with acting_as("area_funding"):
            # Waits for whoever came in between, and then sees whether it is done.
            if _open_shards(run, skip_locked=False).filter(pk=shard.pk).first():
                _finish(cursor, shard, values)
            cursor.execute(FORGET)
    return True


def _open_shards(run: Run, *, skip_locked: bool) -> QuerySet[RunShard]:
    """The shards of `run` that are not done; reading one holds it for the transaction."""
    return RunShard.objects.select_for_update(skip_locked=skip_locked, no_key=True).filter(run=run, done_at=None).order_by("number")


def _finish(cursor: CursorWrapper, shard: RunShard, values: dict[str, Any]) -> None:
    _set_planner(cursor)
    cursor.execute(_OPEN_DISCREPANCIES, values)
    cursor.execute(_CORRECTED_AT_THE_SOURCE, values)
    shard.claims_changed, shard.transfers, shard.posted_cents = _post(cursor, values)
    cursor.execute("SELECT count(*) FROM measured WHERE policy_version IS NULL AND completed + held > 0")
    shard.not_in_force = cursor.fetchone()[0]
    cursor.execute("DELETE FROM funding_rundirty WHERE run_id = %(run)s AND shard = %(shard)s", values)
    shard.done_at = Now()
    shard.save(update_fields=["claims_changed", "transfers", "posted_cents", "not_in_force", "done_at"])


def wait_for_shards(*, run: Run) -> None:
    """Return when no other worker holds a shard of `run`: whether done or lost shows in the shards themselves."""
    with acting_as("area_funding"):
        list(_open_shards(run, skip_locked=False))


def _versions(run: Run) -> list[PolicyVersion]:
    return list(PolicyVersion.objects.filter(program=run.program, pk__lte=run.through_policy_version).order_by("in_force_from"))


def _rate_spans(policies: dict[int, Policy]) -> Iterator[tuple[int, date, date, date]]:
    """(policy version, first start of learning, last, day the rate is from): which policy and rate governs whom.

    A version governs learning that starts on or after its first day and before the next version's.
    """
    ordered = list(policies.items())
    for position, (version, policy) in enumerate(ordered):
        last = ordered[position + 1][1].in_force_from - timedelta(days=1) if position + 1 < len(ordered) else date.max
        starts = [value.from_on for value in policy.rate_per_credit.values]
        for index, rate_from in enumerate(starts):
            first = max(rate_from, policy.in_force_from)
            until = min(starts[index + 1] - timedelta(days=1) if index + 1 < len(starts) else last, last)
            if first <= until:
                yield version, first, until, rate_from


# The shard's enrollments with their dates as of the night's watermark: where an intake has changed them since, what
# they were before the first such change. An unknown start refuses nothing, no withdrawal ends nothing.
# `policy_version` is null where no policy was in force when learning started.
_DIRTY = """
CREATE TEMPORARY TABLE dirty AS
SELECT e.id AS enrollment_id, e.provider_id, e.offering_id, span.policy_version, span.rate_from,
       coalesce(CASE WHEN later.id IS NULL THEN e.enrolled_on ELSE later.enrolled_on_before END, '-infinity') AS enrolled_on,
       coalesce(CASE WHEN later.id IS NULL THEN e.withdrawn_on ELSE later.withdrawn_on_before END, 'infinity') AS withdrawn_on
FROM funding_rundirty d JOIN enrollment_facts e ON e.id = d.enrollment_id
LEFT JOIN (SELECT DISTINCT ON (enrollment_id) * FROM enrollment_change_facts WHERE batch_id > %(through_batch)s
           ORDER BY enrollment_id, id) later ON later.enrollment_id = e.id
LEFT JOIN unnest(%(versions)s::bigint[], %(firsts)s::date[], %(lasts)s::date[], %(rates)s::date[])
     AS span (policy_version, first_on, last_on, rate_from)
     ON CASE WHEN later.id IS NULL THEN e.learning_starts_on ELSE later.learning_starts_on_before END
        BETWEEN span.first_on AND span.last_on
WHERE d.run_id = %(run)s AND d.shard = %(shard)s
"""

# The work that can pay in their offerings, as far as this night sees it.
_WORK = """
CREATE TEMPORARY TABLE work AS
SELECT a.id AS assignment_id, a.module_id, a.offering_id FROM assignment_facts a
WHERE a.offering_id IN (SELECT offering_id FROM dirty) AND a.batch_id <= %(through_batch)s
"""

# What they completed while enrolled (`completed`) and outside that time (`outside`), by module. A void carries the
# dates of the row that it voids, so the signs of a pair cancel.
_COUNTED = """
CREATE TEMPORARY TABLE counted AS
SELECT c.enrollment_id, a.module_id,
       sum(c.sign) FILTER (WHERE c.inside) AS completed, sum(c.sign) FILTER (WHERE NOT c.inside) AS outside
FROM dirty d
CROSS JOIN LATERAL (SELECT f.enrollment_id, f.assignment_id, 1 - 2 * (f.sequence %% 2) AS sign,
                           f.completed_on BETWEEN d.enrolled_on AND d.withdrawn_on AS inside
                    FROM (SELECT * FROM completion_facts WHERE enrollment_id = d.enrollment_id OFFSET 0) f
                    WHERE f.batch_id <= %(through_batch)s AND f.completed_on <= %(on)s AND NOT f.carried_over) c
JOIN work a USING (assignment_id)
GROUP BY c.enrollment_id, a.module_id
"""

# Completions that stand outside their enrollment's dates, each with the kind of its discrepancy.
_OUTSIDE = """
CREATE TEMPORARY TABLE outside AS
SELECT c.enrollment_id, a.module_id, c.assignment_id, c.sequence, d.provider_id,
       CASE WHEN c.completed_on < d.enrolled_on THEN 'before_enrolment' ELSE 'after_withdrawal' END AS kind
FROM (SELECT * FROM dirty WHERE enrollment_id IN (SELECT enrollment_id FROM counted WHERE outside <> 0) OFFSET 0) d
CROSS JOIN LATERAL (SELECT DISTINCT ON (f.assignment_id) f.enrollment_id, f.assignment_id, f.sequence, f.completed_on
                    FROM (SELECT * FROM completion_facts WHERE enrollment_id = d.enrollment_id OFFSET 0) f
                    WHERE f.batch_id <= %(through_batch)s AND f.completed_on <= %(on)s AND NOT f.carried_over
                      AND f.completed_on NOT BETWEEN d.enrolled_on AND d.withdrawn_on
                    ORDER BY f.assignment_id, f.sequence DESC) c
JOIN work a USING (assignment_id)
WHERE c.sequence %% 2 = 0
"""
_OPEN_DISCREPANCIES = """
INSERT INTO funding_discrepancy (program_id, kind, provider_id, enrollment_id, module_id, assignment_id, sequence,
                                 opened_by_id, owner_role)
SELECT %(program)s, kind, provider_id, enrollment_id, module_id, assignment_id, sequence, %(run)s, 'provider_staff'
FROM outside ORDER BY enrollment_id, assignment_id
ON CONFLICT (program_id, enrollment_id, assignment_id, sequence) DO NOTHING
"""
_CORRECTED_AT_THE_SOURCE = """
INSERT INTO funding_discrepancyresolution (discrepancy_id, outcome, reason, consumed_by_id)
SELECT d.id, 'corrected', 'The record was corrected at its source.', %(run)s
FROM dirty JOIN funding_discrepancy d ON d.program_id = %(program)s AND d.enrollment_id = dirty.enrollment_id
WHERE NOT EXISTS (SELECT FROM outside o WHERE (o.enrollment_id, o.assignment_id, o.sequence)
                                            = (d.enrollment_id, d.assignment_id, d.sequence))
ON CONFLICT (discrepancy_id) DO NOTHING
"""

# The figures of every enrollment-module of the shard beside its state row; one with nothing left shows zeros. An
# accepted discrepancy counts, a dismissed one never does, any other is held.
_MEASURED = """
CREATE TEMPORARY TABLE measured AS
WITH state AS (
    SELECT s.* FROM dirty d
    CROSS JOIN LATERAL (SELECT enrollment_id, module_id, case_id, claims, postings, earned_cents, posted_cents
                        FROM funding_earningstate WHERE program_id = %(program)s AND enrollment_id = d.enrollment_id OFFSET 0) s
), decided AS (
    SELECT o.enrollment_id, o.module_id, count(*) AS decided, count(*) FILTER (WHERE r.outcome = 'accepted') AS accepted
    FROM outside o
    JOIN funding_discrepancy x ON x.program_id = %(program)s
         AND (x.enrollment_id, x.assignment_id, x.sequence) = (o.enrollment_id, o.assignment_id, o.sequence)
    JOIN funding_discrepancyresolution r ON r.discrepancy_id = x.id AND r.consumed_by_id IS NOT NULL
    WHERE r.outcome IN ('accepted', 'dismissed')
    GROUP BY o.enrollment_id, o.module_id
), part AS (
    SELECT w.offering_id, w.module_id, w.required, m.credit_numerator, m.credit_denominator
    FROM (SELECT offering_id, module_id, count(*)::int AS required FROM work GROUP BY offering_id, module_id) w
    JOIN module_facts m ON m.id = w.module_id
)
SELECT enrollment_id, module_id, d.provider_id, d.offering_id, d.policy_version, d.rate_from,
       (coalesce(c.completed, 0) + coalesce(x.accepted, 0))::int AS completed,
       (coalesce(c.outside, 0) - coalesce(x.decided, 0))::int AS held,
       part.required, part.credit_numerator, part.credit_denominator, s.case_id AS case_before,
       coalesce(s.claims, 0) AS claims, coalesce(s.postings, 0) AS postings,
       coalesce(s.earned_cents, 0) AS earned_before, coalesce(s.posted_cents, 0) AS posted
FROM counted c FULL JOIN state s USING (enrollment_id, module_id)
LEFT JOIN decided x USING (enrollment_id, module_id)
JOIN dirty d USING (enrollment_id)
JOIN part USING (offering_id, module_id)
"""


# The shard's tables stay from its first transaction to its second; those of an attempt that failed go with the next.
FORGET = "DROP TABLE IF EXISTS " + ", ".join(
    f"pg_temp.{table}" for table in ("dirty", "work", "counted", "outside", "measured", "cases", "priced", "payee", "changed")
)


def _set_planner(cursor: CursorWrapper) -> None:
    cursor.execute("SET LOCAL work_mem = '256MB'")
    # Enough for tables that hold one shard: a plan needs their size and shape, not their every value.
    cursor.execute("SET LOCAL default_statistics_target = 10")
    # The figures of a case repeat column by column, so the planner mistrusts a hash of all of them and would rather sort.
    cursor.execute("SET LOCAL enable_mergejoin = off")


def _measure(cursor: CursorWrapper, values: dict[str, Any], spans: list[tuple[int, date, date, date]]) -> None:
    versions, firsts, lasts, rates = (list(column) for column in zip(*spans, strict=True))
    values |= {"versions": versions, "firsts": firsts, "lasts": lasts, "rates": rates}
    _set_planner(cursor)
    cursor.execute(FORGET)
    cursor.execute(_DIRTY, values)
    cursor.execute("ANALYZE dirty")
    cursor.execute(_WORK, values)
    cursor.execute("ANALYZE work")
    cursor.execute(_COUNTED, values)
    cursor.execute("ANALYZE counted")
    cursor.execute(_OUTSIDE, values)
    cursor.execute(_MEASURED, values)
    cursor.execute("ANALYZE measured")


_FIGURES = "policy_version, rate_from, completed, held, required, credit_numerator, credit_denominator"
_SAME_CASE = f"""(p.policy_version_id, p.rate_from, p.completed, p.held, p.required, p.credit_numerator, p.credit_denominator)
 = ({", ".join("m." + figure for figure in _FIGURES.split(", "))})"""


def _price(cursor: CursorWrapper, policies: dict[int, Policy]) -> None:
    cursor.execute(f"CREATE TEMPORARY TABLE cases AS SELECT DISTINCT {_FIGURES} FROM measured WHERE policy_version IS NOT NULL")
    wanted = cursor.rowcount
    cursor.execute(
        f"SELECT {_FIGURES} FROM cases m WHERE NOT EXISTS (SELECT FROM funding_pricedcase p WHERE {_SAME_CASE}) ORDER BY {_FIGURES}"
    )
    rows = []
    for version, *figures in cursor.fetchall():
        case = Case(*figures)
        priced = price(policies[version], case)
        rows.append(
            PricedCase(
                policy_version_id=version,
                rate_from=case.rate_from,
                completed=case.completed,
                held=case.held,
                required=case.required,
                credit_numerator=case.credit_numerator,
                credit_denominator=case.credit_denominator,
                earned_cents=priced.earned_cents,
                held_cents=priced.held_cents,
                trace=[step.as_json() for step in priced.trace],
            )
        )
    # Two shards may price the same case at once: pure arithmetic, so either row is the row.
    PricedCase.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    cursor.execute(
        f"CREATE TEMPORARY TABLE priced AS SELECT m.*, p.id AS case_id, p.earned_cents "
        f"FROM cases m JOIN funding_pricedcase p ON {_SAME_CASE}"
    )
    if cursor.rowcount != wanted:
        raise CasesNotPriced(f"{wanted} cases were measured and {cursor.rowcount} have a price; nothing of the shard is kept.")
    cursor.execute("ANALYZE priced")


# What the run changes, with everything that its claim, transfer and state will say. Its accounts come from a small
# table of the shard's own, whose size the planner knows. `owed` is what is earned and not yet posted; no rounding here.
# The effect key names program, enrollment-module, line, source and the posting's ordinal: no run, policy or amount.
_PAYEES = """
CREATE TEMPORARY TABLE payee AS
SELECT provider_id, id AS payable_id, code AS payable_code FROM funding_account
WHERE program_id = %(program)s AND kind = 'payable' AND provider_id IN (SELECT provider_id FROM measured)
"""
_CHANGED = f"""
CREATE TEMPORARY TABLE changed AS
SELECT m.enrollment_id, m.module_id, m.provider_id, m.offering_id, m.policy_version, m.case_before, m.claims, m.postings,
       m.earned_before, m.posted, p.case_id, p.earned_cents AS earned, p.earned_cents - m.posted AS owed,
       payee.payable_id, payee.payable_code, nextval('funding.funding_claim_id_seq') AS claim_id,
       funding.effect_key('earning|' || %(program)s || '|' || m.enrollment_id || '|' || m.module_id
                          || '|completion|program|' || m.postings + 1) AS effect_key
FROM measured m JOIN priced p USING ({_FIGURES}) LEFT JOIN payee USING (provider_id)
WHERE p.case_id IS DISTINCT FROM m.case_before AND (m.case_before IS NOT NULL OR m.completed > 0 OR m.held > 0)
"""
_CLAIMS = """
INSERT INTO funding_claim (id, run_id, provider_id, offering_id, enrollment_id, module_id, number, case_id, earned_before_cents,
                           earned_cents)
SELECT claim_id, %(run)s, provider_id, offering_id, enrollment_id, module_id, claims + 1, case_id, earned_before, earned
FROM changed ORDER BY provider_id
"""
_TRANSFERS = """
INSERT INTO funding_transfer (effect_key, program_id, kind, debit_account_id, credit_account_id, amount_cents, business_date,
                              provider_id, run_id, claim_id, policy_version_id, row_sha256)
SELECT c.effect_key, %(program)s, CASE WHEN c.owed > 0 THEN 'earn' ELSE 'recover' END,
       CASE WHEN c.owed > 0 THEN cost.id ELSE c.payable_id END, CASE WHEN c.owed > 0 THEN c.payable_id ELSE cost.id END,
       abs(c.owed), %(on)s, c.provider_id, %(run)s, c.claim_id, c.policy_version,
       funding.seal(c.effect_key, CASE WHEN c.owed > 0 THEN cost.code ELSE c.payable_code END,
                    CASE WHEN c.owed > 0 THEN c.payable_code ELSE cost.code END, abs(c.owed), %(on)s, v.content_sha256)
FROM changed c
JOIN funding_account cost ON cost.program_id = %(program)s AND cost.kind = 'program-cost'
JOIN funding_policyversion v ON v.id = c.policy_version
WHERE c.owed <> 0 ORDER BY c.effect_key
"""
_FIRST_STATES = """
INSERT INTO funding_earningstate (program_id, enrollment_id, module_id, provider_id, offering_id, case_id, claims, postings,
                                  earned_cents, posted_cents)
SELECT %(program)s, enrollment_id, module_id, provider_id, offering_id, case_id, 1, (owed <> 0)::int, earned, earned
FROM changed WHERE case_before IS NULL ORDER BY enrollment_id, module_id
"""
_STATES = """
UPDATE funding_earningstate s
SET case_id = c.case_id, claims = c.claims + 1, postings = c.postings + (c.owed <> 0)::int, earned_cents = c.earned,
    posted_cents = c.earned
FROM (SELECT * FROM changed WHERE case_before IS NOT NULL ORDER BY enrollment_id, module_id) c
WHERE s.program_id = %(program)s AND s.enrollment_id = c.enrollment_id AND s.module_id = c.module_id
"""


def _post(cursor: CursorWrapper, values: dict[str, Any]) -> tuple[int, int, int]:
    """The claims, transfers and states of what changed, in the shard's one transaction. Answers how many claims and
    transfers, and the cents posted."""
    cursor.execute(_PAYEES, values)
    cursor.execute("ANALYZE payee")
    cursor.execute(_CHANGED, values)
    cursor.execute("ANALYZE changed")
    cursor.execute(_CLAIMS, values)
    claims = cursor.rowcount
    cursor.execute(_TRANSFERS, values)
    transfers = cursor.rowcount
    cursor.execute(_FIRST_STATES, values)
    # By the key, row by row: on a table without statistics the planner would rather read every state there is.
    cursor.execute("SET LOCAL enable_hashjoin = off")
    cursor.execute(_STATES, values)
    cursor.execute("SET LOCAL enable_hashjoin = on")
    cursor.execute("SELECT coalesce(sum(owed), 0)::bigint FROM changed")
    return claims, transfers, cursor.fetchone()[0]
