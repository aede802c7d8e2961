"""Settle at a month's end: one payment line a provider, no more in all than what the year's appropriation holds."""

from typing import Any

from django.db.backends.utils import CursorWrapper

from funding.actions.move_money import hold_funds, reserve
from funding.calc.settlement import Due, settled
from funding.models import Fund, PaymentBatch, PaymentLine, Run

# What was posted to or from a provider's payable since the last batch, by either side of the transfer, and what its line in
# that batch left: a debt that it carried forward, or what the appropriation did not reach. A kind of transfer that a
# settlement pays out is named here and nowhere else.
SETTLED_KINDS = ("earn", "recover", "advance", "true_up")
_DUE = """
    SELECT provider_id, sum(carried)::bigint, sum(posted)::bigint
    FROM (SELECT t.provider_id, CASE WHEN c.kind = 'payable' THEN t.cents ELSE -t.cents END AS posted, 0 AS carried
          -- Added up by accounts before they are looked at: a handful of pairs instead of every transfer.
          FROM (SELECT provider_id, debit_account_id, credit_account_id, sum(amount_cents) AS cents FROM funding_transfer
                WHERE program_id = %(program)s AND run_id > coalesce(%(after_run)s, 0) AND kind = ANY(%(kinds)s)
                GROUP BY provider_id, debit_account_id, credit_account_id) t
          JOIN funding_account d ON d.id = t.debit_account_id JOIN funding_account c ON c.id = t.credit_account_id
          WHERE 'payable' IN (d.kind, c.kind)
          UNION ALL
          SELECT provider_id, 0, carried_out_cents + unpaid_cents FROM funding_paymentline
          WHERE batch_id = (SELECT id FROM funding_paymentbatch WHERE run_id = %(after_run)s)) parts
    GROUP BY provider_id HAVING sum(posted) <> 0 OR sum(carried) <> 0
    ORDER BY provider_id
"""


def settle(cursor: CursorWrapper, run: Run, values: dict[str, Any]) -> None:
    """The batch of the run's month, within the transaction of the run's finish; none where nothing is due or carried.

    A negative sum is carried on. Where the fiscal year of the business date has an appropriation, what all lines pay is
    reserved in it; what it does not reach stays payable and comes first in the next settlement. `values` has the run,
    program and business date.
    """
    last = PaymentBatch.objects.filter(run__program=run.program).order_by("-run_id").first()
    values |= {"after_run": last.run_id if last else None, "kinds": list(SETTLED_KINDS)}
    cursor.execute(_DUE, values)
    dues = {provider: Due(carried, posted) for provider, carried, posted in cursor.fetchall()}
    if not dues:
        return
    appropriation = _appropriation(cursor, values)
    lines = settled(list(dues.values()), appropriation.free_cents if appropriation else None)
    values["batch"] = PaymentBatch.objects.create(run=run).pk
    PaymentLine.objects.bulk_create(
        PaymentLine(
            batch_id=values["batch"],
            provider_id=provider,
            after_run=values["after_run"],
            posted_cents=due.posted,
            carried_in_cents=due.carried,
            amount_cents=line.paid,
            unpaid_cents=line.unpaid,
            carried_out_cents=line.carried,
        )
        for (provider, due), line in zip(dues.items(), lines, strict=True)
    )
    cursor.execute(TRANSFER_LINES.format(kind="settle", debit="payable", credit="in-payment", run="%(run)s"), values)
    paid = sum(line.paid for line in lines)
    if appropriation and paid:
        reserve(
            fund_id=appropriation.pk,
            amount_cents=paid,
            effect=f"settle|{run.program_id}|{run.business_date}",
            on=run.business_date,
            reason=f"payment lines of {run.business_date}",
            run_id=run.pk,
        )


def _appropriation(cursor: CursorWrapper, values: dict[str, Any]) -> Fund | None:
    """The appropriation of the business date's fiscal year, its row held until commit; None where there is none.

    The period is held first: a transfer reads it so, and a fund comes last of all that is locked (database/locks.py).
    """
    cursor.execute(
        "SELECT fiscal_year FROM funding_fiscalperiod "
        "WHERE program_id = %(program)s AND %(on)s BETWEEN starts_on AND ends_on FOR SHARE",
        values,
    )
    years = [year for (year,) in cursor.fetchall()]
    of_year = Fund.objects.filter(program=values["program"], kind=Fund.Kind.APPROPRIATION, fiscal_year__in=years)
    held = hold_funds(*of_year.values_list("pk", flat=True))
    return next(iter(held.values()), None)


# Move the amounts of a batch's lines; one effect a line and kind, however often it is asked for.
TRANSFER_LINES = """
    INSERT INTO funding_transfer (effect_key, program_id, kind, debit_account_id, credit_account_id, amount_cents, business_date,
                                  provider_id, run_id, row_sha256)
    SELECT k.effect_key, %(program)s, '{kind}', d.id, c.id, l.amount_cents, %(on)s, l.provider_id, {run},
           funding.seal(k.effect_key, d.code, c.code, l.amount_cents, %(on)s, NULL)
    FROM funding_paymentline l
    JOIN funding_account d ON d.program_id = %(program)s AND d.kind = '{debit}'
         AND d.provider_id IS NOT DISTINCT FROM CASE WHEN '{debit}' = 'cash' THEN NULL ELSE l.provider_id END
    JOIN funding_account c ON c.program_id = %(program)s AND c.kind = '{credit}'
         AND c.provider_id IS NOT DISTINCT FROM CASE WHEN '{credit}' = 'cash' THEN NULL ELSE l.provider_id END
    CROSS JOIN LATERAL (SELECT funding.effect_key('{kind}|' || %(program)s || '|' || l.provider_id || '|' || r.business_date)
                        FROM funding_paymentbatch b JOIN funding_run r ON r.id = b.run_id WHERE b.id = l.batch_id) k (effect_key)
    WHERE l.batch_id = %(batch)s AND l.amount_cents > 0
    ORDER BY l.provider_id
"""
