"""Money that is there only once: funds and their movements. Fields and constraints only.

What stands in a fund is kept by the database itself (database/funds.sql): a movement is added, and in the same statement
the fund's figures follow it or refuse it.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class Fund(models.Model):
    """A sum of one program that can be spent once: a legislature's appropriation for a fiscal year, or a holder's wallet.

    `free` can be reserved, `reserved` waits to be spent, `spent` is gone. Changed by movements alone (database/funds.sql).
    `holder_id` is opaque here; limits and the last day are of the fund's own rules and stay as they were opened.
    """

    class Kind(models.TextChoices):
        APPROPRIATION = "appropriation"
        WALLET = "wallet"

    program = models.ForeignKey("funding.Program", models.PROTECT, related_name="funds")
    kind = models.CharField(max_length=20, choices=Kind)
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    fiscal_year = models.PositiveSmallIntegerField(null=True)
    holder_id = models.BigIntegerField(null=True)
    item_limit_cents = models.BigIntegerField(null=True)
    lifetime_limit_cents = models.BigIntegerField(null=True)
    expires_on = models.DateField(null=True)
    free_cents = models.BigIntegerField(db_default=0)
    reserved_cents = models.BigIntegerField(db_default=0)
    spent_cents = models.BigIntegerField(db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="fund_code_is_unique"),
            models.UniqueConstraint(
                fields=["program", "fiscal_year"], condition=Q(kind="appropriation"), name="one_appropriation_a_fiscal_year"
            ),
            models.CheckConstraint(
                condition=Q(kind="appropriation", fiscal_year__isnull=False, holder_id__isnull=True)
                | Q(kind="wallet", fiscal_year__isnull=True, holder_id__isnull=False),
                name="fund_is_a_years_or_a_holders",
            ),
            models.CheckConstraint(
                condition=Q(free_cents__gte=0, reserved_cents__gte=0, spent_cents__gte=0), name="fund_is_never_overdrawn"
            ),
            models.CheckConstraint(
                condition=Q(lifetime_limit_cents__isnull=True) | Q(spent_cents__lte=F("lifetime_limit_cents")),
                name="fund_spends_within_its_lifetime",
            ),
        ]


class FundMovement(models.Model):
    """One movement of a fund's money, added and never edited; `effect_key` names its effect, so a second attempt meets it.

    A transfer is one row that leaves `fund` and arrives in `to_fund`. Made by a person (`moved_by`, an id of people.User), by
    a night (`run`), or by a person for what a night reserved. `reason` names an act or an order, and no person. Written by
    funding/actions/move_money.py.
    """

    class Kind(models.TextChoices):
        DEPOSIT = "deposit"
        RESERVE = "reserve"
        SPEND = "spend"
        RELEASE = "release"
        TRANSFER = "transfer"
        REFUND = "refund"
        EXPIRE = "expire"

    effect_key = models.UUIDField(unique=True)
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=10, choices=Kind)
    amount_cents = models.BigIntegerField()
    to_fund = models.ForeignKey(Fund, models.PROTECT, null=True, related_name="arrivals")
    item = models.CharField(max_length=200, default="", blank=True)
    reason = models.TextField()
    business_date = models.DateField()
    run = models.ForeignKey("funding.Run", models.PROTECT, null=True, related_name="+")
    moved_by = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="movement_moves_a_positive_amount"),
            models.CheckConstraint(condition=~Q(reason=""), name="movement_gives_a_reason"),
            models.CheckConstraint(condition=Q(run__isnull=False) | Q(moved_by__isnull=False), name="movement_is_made_by_someone"),
            models.CheckConstraint(
                condition=Q(kind="transfer", to_fund__isnull=False) | (~Q(kind="transfer") & Q(to_fund__isnull=True)),
                name="a_transfer_alone_names_another_fund",
            ),
            models.CheckConstraint(
                condition=Q(to_fund__isnull=True) | ~Q(to_fund=F("fund")), name="a_transfer_moves_between_two_funds"
            ),
        ]


class FundItem(models.Model):
    """What has been spent of a fund on one item, beside its limit for an item. Kept by the movements' trigger alone."""

    pk = models.CompositePrimaryKey("fund_id", "item")
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="items")
    item = models.CharField(max_length=200)
    spent_cents = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(spent_cents__gte=0), name="item_is_never_refunded_beyond_its_spending")]
