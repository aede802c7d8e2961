"""Work one shard of a night: measure and price in one transaction, post in another.

Measure counts in SQL what the shard's enrollments have completed, price prices each distinct case once in Python,
post writes what is owed beyond what was posted. Killed anywhere, nothing of the posting ever was; a price that stays
is what any other attempt would find.
"""

from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from django.db.models.functions import Now

from database.areas import acting_as
from funding.actions.measure_shard import FORGET, measure_shard, set_planner
from funding.actions.price_cases import FIGURES, price_cases
from funding.calc.engine.document import read_document
from funding.calc.engine.recorded import reads
from funding.models import PolicyVersion, Run, RunShard


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
            versions = _versions(run)
            policies = {version.pk: read_document(version.content, run.program.code) for version in versions}
            asked = {version: reads(policy) for version, policy in policies.items()}
            values: dict[str, Any] = {
                "run": run.pk,
                "shard": shard.number,
                "program": run.program_id,
                "on": run.business_date,
                "through_batch": run.through_batch,
            }
            measure_shard(cursor=cursor, values=values, program=run.program, versions=versions, reads=asked)
            price_cases(cursor=cursor, program=run.program, policies=policies, reads=asked)
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
    set_planner(cursor)
    cursor.execute(_OPEN_DISCREPANCIES, values)
    cursor.execute(_CORRECTED_AT_THE_SOURCE, values)
    shard.claims_changed, shard.transfers, shard.posted_cents = _post(cursor, values)
    cursor.execute("SELECT count(*) FROM measured WHERE policy_version IS NULL AND completed + held > 0")
    shard.not_in_force = cursor.fetchone()[0]
    cursor.execute(f"SELECT count(*) FROM measured m JOIN priced p USING ({FIGURES}) WHERE p.problem <> ''")
    shard.not_priced = cursor.fetchone()[0]
    cursor.execute("DELETE FROM funding_rundirty WHERE run_id = %(run)s AND shard = %(shard)s", values)
    shard.done_at = Now()
    shard.save(update_fields=["claims_changed", "transfers", "posted_cents", "not_in_force", "not_priced", "done_at"])


def wait_for_shards(*, run: Run) -> None:
    """Return when no other worker holds a shard of `run`: whether done or lost shows in the shards themselves."""
    with acting_as("area_funding"):
        list(_open_shards(run, skip_locked=False))


def _versions(run: Run) -> list[PolicyVersion]:
    return list(PolicyVersion.objects.filter(program=run.program, pk__lte=run.through_policy_version).order_by("in_force_from"))


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

# What the run changes, with everything that its claim, transfer and state will say. Its accounts come from a small
# table of the shard's own, whose size the planner knows. `case_before` is 0 where there is none; no rounding here.
# The effect key names program, enrollment-module, line, source and the claim's number: no run, policy or amount.
# A payee is what is payable to a provider (year 0), or its account of a year that is paid ahead.
_PAYEES = """
CREATE TEMPORARY TABLE payee AS
SELECT a.provider_id, coalesce(y.id, 0) AS year_id, a.id AS account_id, a.code FROM funding_account a
LEFT JOIN funding_yearahead y ON y.program_id = a.program_id AND a.kind = 'year-ahead' AND a.part = y.first_on::text
WHERE a.program_id = %(program)s AND a.kind IN ('payable', 'year-ahead') AND a.provider_id IN (SELECT provider_id FROM measured)
"""
_CHANGED = f"""
CREATE TEMPORARY TABLE changed AS
SELECT m.enrollment_id, m.module_id, m.provider_id, m.offering_id, m.policy_version, coalesce(m.case_before, 0) AS case_before,
       m.claims, m.earned_before, m.posted, p.case_id, p.earned_cents AS earned, m.year_id, m.year_before,
       m.year_id IS DISTINCT FROM m.year_before AS elsewhere, nextval('funding.funding_claim_id_seq') AS claim_id
FROM measured m JOIN priced p USING ({FIGURES})
WHERE (p.case_id IS DISTINCT FROM m.case_before OR (m.year_id IS DISTINCT FROM m.year_before AND m.posted <> 0)) AND p.problem = ''
  AND (m.case_before IS NOT NULL OR m.completed > 0 OR m.held > 0 OR p.earned_cents > 0)
"""
# What each pair of a former and a present case moves, by source: an amount goes back to where it came from. Where learning
# has come to lie in another year that is paid ahead, all that was posted to the former payee goes back (`whole`).
_MOVED = """
CREATE TEMPORARY TABLE moved AS
SELECT k.case_id, k.case_before, k.elsewhere, part.source, part.whole, sum(part.cents)::bigint AS owed
FROM (SELECT DISTINCT case_id, case_before, elsewhere FROM changed) k
CROSS JOIN LATERAL (
    SELECT t.key AS source, t.value::bigint AS cents, false AS whole
    FROM funding_pricedcase p, jsonb_each_text(p.parts) t WHERE p.id = k.case_id
    UNION ALL
    SELECT t.key, -t.value::bigint, k.elsewhere
    FROM funding_pricedcase p, jsonb_each_text(p.parts) t WHERE p.id = k.case_before) part
GROUP BY k.case_id, k.case_before, k.elsewhere, part.source, part.whole HAVING sum(part.cents) <> 0
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
SELECT t.effect_key, %(program)s, CASE WHEN t.owed > 0 THEN 'earn' ELSE 'recover' END,
       CASE WHEN t.owed > 0 THEN t.cost_id ELSE t.payee_id END, CASE WHEN t.owed > 0 THEN t.payee_id ELSE t.cost_id END,
       abs(t.owed), %(on)s, t.provider_id, %(run)s, t.claim_id, t.policy_version,
       funding.seal(t.effect_key, CASE WHEN t.owed > 0 THEN t.cost_code ELSE t.payee_code END,
                    CASE WHEN t.owed > 0 THEN t.payee_code ELSE t.cost_code END, abs(t.owed), %(on)s, v.content_sha256)
FROM (SELECT c.provider_id, c.claim_id, c.policy_version, payee.account_id AS payee_id, payee.code AS payee_code, m.owed,
             cost.id AS cost_id, cost.code AS cost_code,
             funding.effect_key('earning|' || %(program)s || '|' || c.enrollment_id || '|' || c.module_id
                                || '|completion|' || m.source || '|' || c.claims + 1
                                || CASE WHEN m.whole THEN '|back' ELSE '' END) AS effect_key
      FROM changed c JOIN moved m USING (case_id, case_before, elsewhere)
      LEFT JOIN payee ON payee.provider_id = c.provider_id
           AND payee.year_id = coalesce(CASE WHEN m.whole THEN c.year_before ELSE c.year_id END, 0)
      JOIN funding_account cost ON cost.program_id = %(program)s AND cost.kind = 'program-cost' AND cost.part = m.source) t
JOIN funding_policyversion v ON v.id = t.policy_version
ORDER BY t.effect_key
"""
_FIRST_STATES = """
INSERT INTO funding_earningstate (program_id, enrollment_id, module_id, provider_id, offering_id, case_id, claims,
                                  earned_cents, posted_cents, year_ahead_id)
SELECT %(program)s, enrollment_id, module_id, provider_id, offering_id, case_id, 1, earned, earned, year_id
FROM changed WHERE case_before = 0 ORDER BY enrollment_id, module_id
"""
_STATES = """
UPDATE funding_earningstate s
SET case_id = c.case_id, claims = c.claims + 1, earned_cents = c.earned, posted_cents = c.earned, year_ahead_id = c.year_id
FROM (SELECT * FROM changed WHERE case_before <> 0 ORDER BY enrollment_id, module_id) c
WHERE s.program_id = %(program)s AND s.enrollment_id = c.enrollment_id AND s.module_id = c.module_id
"""


def _post(cursor: CursorWrapper, values: dict[str, Any]) -> tuple[int, int, int]:
    """The claims, transfers and states of what changed, in the shard's one transaction. Answers how many claims and
    transfers, and the cents posted."""
    cursor.execute(_PAYEES, values)
    cursor.execute("ANALYZE payee")
    cursor.execute(_CHANGED, values)
    cursor.execute("ANALYZE changed")
    cursor.execute(_MOVED, values)
    cursor.execute("ANALYZE moved")
    cursor.execute(_CLAIMS, values)
    claims = cursor.rowcount
    cursor.execute(_TRANSFERS, values)
    transfers = cursor.rowcount
    cursor.execute(_FIRST_STATES, values)
    # By the key, row by row: on a table without statistics the planner would rather read every state there is.
    cursor.execute("SET LOCAL enable_hashjoin = off")
    cursor.execute(_STATES, values)
    cursor.execute("SET LOCAL enable_hashjoin = on")
    cursor.execute("SELECT coalesce(sum(earned - posted), 0)::bigint FROM changed")
    return claims, transfers, cursor.fetchone()[0]
