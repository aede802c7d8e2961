"""Finish a night whose shards are done: rows that matched nothing, settlement at a month's end, the books' check."""

from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Sum
from django.db.models.functions import Now

from database.areas import acting_as
from funding.actions.pay_ahead import pay_ahead
from funding.actions.settle import settle
from funding.calc.months import a_month_ended
from funding.models import Discrepancy, PricedCase, Run

# So many reasons why cases have no price are told with a night; `verify` and the cases themselves have them all.
PROBLEMS_TOLD = 5


class BooksDoNotBalance(AssertionError):
    """What a night posted differs from what its claims say. Nothing of the finish is kept; `verify` names the row."""


def finish_run(*, run: Run) -> Run:
    """The run, finished: by this call or by whoever was first. Returns it unfinished where a shard is still open."""
    with acting_as("area_funding"), connection.cursor() as cursor:
        run = Run.objects.select_for_update(no_key=True, of=("self",)).select_related("program", "previous").get(pk=run.pk)
        if run.finished_at is not None or run.shards.filter(done_at=None).exists():
            return run
        values = {
            "run": run.pk,
            "program": run.program_id,
            "catalogue": run.program.catalogue,
            "on": run.business_date,
            "through_batch": run.through_batch,
            "from_batch": run.previous.through_batch if run.previous else 0,
        }
        _doubt_unmatched_rows(cursor, values)
        _check_books(cursor, values)
        ahead = pay_ahead(cursor=cursor, run=run)
        if a_month_ended(run.previous.business_date if run.previous else None, run.business_date):
            settle(cursor, run, values)
        run.digest = _digest(cursor, run)
        run.result = _result(run) | ahead
        run.finished_at = Now()
        run.save(update_fields=["digest", "result", "finished_at"])
        run.refresh_from_db(fields=["finished_at"])
        return run


def _doubt_unmatched_rows(cursor: CursorWrapper, values: dict[str, Any]) -> None:
    cursor.execute(
        """
        INSERT INTO funding_discrepancy (program_id, kind, provider_id, unmatched_id, opened_by_id, owner_role)
        SELECT %(program)s, kind, provider_id, id, %(run)s,
               CASE WHEN provider_id IS NULL THEN 'finance_officer' ELSE 'provider_staff' END FROM unmatched_completion_facts
        WHERE catalogue = %(catalogue)s AND batch_id > %(from_batch)s AND batch_id <= %(through_batch)s AND NOT corrected
        ORDER BY id ON CONFLICT (program_id, unmatched_id) DO NOTHING
        """,
        values,
    )
    cursor.execute(
        """
        INSERT INTO funding_discrepancyresolution (discrepancy_id, outcome, reason, consumed_by_id)
        SELECT d.id, 'corrected', 'The source sent the row again and it fits.', %(run)s
        FROM funding_discrepancy d JOIN unmatched_completion_facts u ON u.id = d.unmatched_id AND u.corrected
        WHERE d.program_id = %(program)s ON CONFLICT (discrepancy_id) DO NOTHING
        """,
        values,
    )


def _check_books(cursor: CursorWrapper, values: dict[str, Any]) -> None:
    """Provider by provider, what the run posted is what its claims changed."""
    cursor.execute(
        """
        SELECT provider_id FROM (
            SELECT provider_id, earned_cents - earned_before_cents AS cents FROM funding_claim WHERE run_id = %(run)s
            UNION ALL
            SELECT provider_id, CASE kind WHEN 'earn' THEN -amount_cents ELSE amount_cents END
            FROM funding_transfer WHERE run_id = %(run)s AND kind IN ('earn', 'recover')) parts
        GROUP BY provider_id HAVING sum(cents) <> 0
        """,
        values,
    )
    if wrong := [provider for (provider,) in cursor.fetchall()]:
        raise BooksDoNotBalance(f"Run {values['run']}: claims and transfers differ for providers {wrong}.")


def _digest(cursor: CursorWrapper, run: Run) -> str:
    """The chained digest of the books: the last run's digest, then this run's seals in the order of their effects."""
    cursor.execute(
        """
        SELECT encode(sha256(convert_to(%s, 'UTF8') || coalesce(string_agg(row_sha256, ''::bytea ORDER BY effect_key), '')), 'hex')
        FROM funding_transfer WHERE run_id = %s
        """,
        [run.previous.digest if run.previous else "", run.pk],
    )
    return cursor.fetchone()[0]


def _result(run: Run) -> dict[str, Any]:
    sums = run.shards.aggregate(
        claims_changed=Sum("claims_changed", default=0),
        transfers=Sum("transfers", default=0),
        posted_cents=Sum("posted_cents", default=0),
        not_in_force=Sum("not_in_force", default=0),
        not_priced=Sum("not_priced", default=0),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT case_id) FROM funding_claim WHERE run_id = %s", [run.pk])
        sums["distinct_cases"] = cursor.fetchone()[0]
    without_price = PricedCase.objects.filter(policy_version__program=run.program).exclude(problem="") if sums["not_priced"] else None
    sums["problems"] = list(without_price.values_list("problem", flat=True).distinct()[:PROBLEMS_TOLD]) if without_price else []
    opened = Discrepancy.objects.filter(opened_by=run)
    sums["discrepancies"] = {kind: opened.filter(kind=kind).count() for kind in Discrepancy.Kind.values}
    return sums
