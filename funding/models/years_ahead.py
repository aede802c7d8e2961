"""A year paid ahead on a prediction: what was expected, in which instalments it is advanced, and how it is trued up.

Fields and constraints only; of the books that hold them. Every table is added to and never edited. What was advanced,
earned and trued up stands in the ledger, on an account of kind `year-ahead` a provider and year.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now


class YearAhead(models.Model):
    """A program's year of learning that is paid ahead: learning that starts from `first_on` to `last_on`, predicted from that
    of the years before. `schedule` is a list of {"due_on": day, "share": exact fraction}; `after_run` is the last
    night before it was opened, and `opened_by` the id of a user."""

    program = models.ForeignKey("funding.Program", models.PROTECT, related_name="years_ahead")
    first_on = models.DateField()
    last_on = models.DateField()
    predicted_from_first_on = models.DateField()
    predicted_from_last_on = models.DateField()
    schedule = models.JSONField()
    after_run = models.ForeignKey("funding.Run", models.PROTECT, null=True, related_name="+")
    opened_by = models.BigIntegerField()
    opened_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gt=F("first_on"), predicted_from_last_on__gt=F("predicted_from_first_on")),
                name="year_ahead_ends_after_it_starts",
            ),
            # A program as a range of one, because ranges are what an exclusion compares without further extensions.
            ExclusionConstraint(
                name="years_ahead_do_not_overlap",
                expressions=[
                    (Func(F("program"), F("program"), Value("[]"), function="int8range"), "&&"),
                    (Func(F("first_on"), F("last_on"), Value("[]"), function="daterange"), "&&"),
                ],
            ),
        ]

    @property
    def part(self) -> str:
        """What its accounts are told apart by, in the chart of accounts."""
        return self.first_on.isoformat()


class Prediction(models.Model):
    """What a provider was expected to earn in a year, as known on `on`: its first prediction (`number` 1) or a re-estimate.
    `basis` says how it came about: prior_earned_cents, prior_whole_cents, share, by_average, whole_cents. Nights after
    `after_run` go by it."""

    year = models.ForeignKey(YearAhead, models.PROTECT, related_name="predictions")
    provider_id = models.BigIntegerField()
    number = models.PositiveIntegerField()
    on = models.DateField()
    amount_cents = models.BigIntegerField()
    basis = models.JSONField()
    after_run = models.ForeignKey("funding.Run", models.PROTECT, null=True, related_name="+")
    made_by = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "provider_id", "number"], name="prediction_is_numbered_once"),
            models.CheckConstraint(condition=Q(amount_cents__gte=0), name="prediction_is_not_negative"),
        ]


class TrueUp(models.Model):
    """A person's word that a year is settled against what was earned. The program's night after `after_run` posts it, what
    is owed back in `parts` monthly ones."""

    year = models.ForeignKey(YearAhead, models.PROTECT, related_name="true_ups")
    number = models.PositiveIntegerField()
    after_run = models.ForeignKey("funding.Run", models.PROTECT, related_name="+")
    parts = models.PositiveSmallIntegerField()
    asked_by = models.BigIntegerField()
    asked_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="true_up_is_numbered_once"),
            models.UniqueConstraint(fields=["year", "after_run"], name="true_up_is_asked_once_a_night"),
            models.CheckConstraint(condition=Q(parts__gte=1), name="true_up_has_a_part"),
        ]


class Reconciliation(models.Model):
    """What a true-up found for one provider: what was earned and advanced, and what further is due (below 0: is owed back)
    beyond what earlier true-ups settled. The night `run` wrote it and posted its first part."""

    true_up = models.ForeignKey(TrueUp, models.PROTECT, related_name="reconciliations")
    run = models.ForeignKey("funding.Run", models.PROTECT, related_name="+")
    provider_id = models.BigIntegerField()
    earned_cents = models.BigIntegerField()
    advanced_cents = models.BigIntegerField()
    trued_up_before_cents = models.BigIntegerField()
    amount_cents = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["true_up", "provider_id"], name="provider_is_reconciled_once"),
            models.CheckConstraint(
                condition=Q(earned_cents=F("advanced_cents") + F("trued_up_before_cents") + F("amount_cents")),
                name="advanced_and_trued_up_are_what_was_earned",
            ),
        ]
