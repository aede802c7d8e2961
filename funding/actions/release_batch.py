"""Release a payment batch: a person's word that turns its lines into payments, once."""

import datetime

from django.db import connection
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from database.areas import acting_as
from funding.actions.move_money import spend
from funding.actions.open_books import open_period
from funding.actions.settle import TRANSFER_LINES
from funding.models import FundMovement, PaymentBatch


class ReleaseRefused(ValueError):
    """Why a batch was not released, in a sentence for people. Nothing has changed."""


def release_batch(*, batch_id: int, released_by: int, on: datetime.date) -> PaymentBatch:
    """Pay the lines of a batch on the business date `on`: in-payment is debited, cash credited, and what the settlement
    reserved of an appropriation is spent.

    `released_by` is the id of a user who may release (funding/access.py asks). Two clicks, or two people at once,
    release once: the second is told so. Raises ReleaseRefused.
    """
    with acting_as("area_funding"), connection.cursor() as cursor:
        batch = PaymentBatch.objects.select_related("run__program").filter(pk=batch_id).first()
        if batch is None:
            raise ReleaseRefused(_("There is no payment batch %(batch_id)s.") % {"batch_id": batch_id})
        if on < batch.run.business_date:
            raise ReleaseRefused(
                _("The batch was made on %(business_date)s; it cannot be paid before that day.")
                % {"business_date": batch.run.business_date}
            )
        if open_period(program=batch.run.program, day=on).closed_at is not None:
            raise ReleaseRefused(_("The fiscal period of %(on)s is closed; pay the batch on a later day.") % {"on": on})
        # The condition waits for a release that is under way, and then finds the batch released.
        won = PaymentBatch.objects.filter(pk=batch_id, released_at=None).update(released_at=Now(), released_by=released_by)
        batch.refresh_from_db(fields=["released_at", "released_by"])
        if not won:
            raise ReleaseRefused(
                _("This batch was released already, on %(released_at)s UTC.")
                % {"released_at": f"{batch.released_at:%Y-%m-%d at %H:%M}"}
            )
        cursor.execute(
            TRANSFER_LINES.format(kind="release", debit="in-payment", credit="cash", run="NULL"),
            {"program": batch.run.program_id, "batch": batch_id, "on": on},
        )
        for reserved in FundMovement.objects.filter(run_id=batch.run_id, kind=FundMovement.Kind.RESERVE):
            spend(
                fund_id=reserved.fund_id,
                amount_cents=reserved.amount_cents,
                effect=f"release|{batch.run.program_id}|{batch.run.business_date}",
                on=on,
                reason=f"payment batch of {batch.run.business_date}",
                run_id=batch.run_id,
                moved_by=released_by,
            )
        return batch
