"""The only place where money exists. Fields and constraints only.

Nothing here points into learning or accountability by foreign key: enrollment, module, offering and provider are
carried as plain ids, checked against the facts views by `verify`. People are carried as ids of `people.User`.
Tables that take a row an enrollment-module (Claim, EarningState, Transfer, RunDirty) are written by sets and checked
by statement triggers (database/guards.sql) instead of a foreign-key check a row.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class Program(models.Model):
    """One stream of public money with its own policy, books and fiscal year. Covers one catalogue of courses.

    `on_timetable`: the sweep runs its nights; else they are asked for by hand. `unit`: what is priced by itself, a module of
    an enrollment or the whole enrollment; kept for good, because what was posted is told apart by it. `name` is that of its
    newest policy; `high_stakes`: one of its policies pays on an attested outcome, and whoever reads of it is told so."""

    class Unit(models.TextChoices):
        MODULE = "module"
        ENROLLMENT = "enrollment"

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    catalogue = models.CharField(max_length=60, unique=True)
    currency = models.CharField(max_length=3)
    fiscal_year_starts_month = models.PositiveSmallIntegerField()
    on_timetable = models.BooleanField()
    unit = models.CharField(max_length=10, choices=Unit)
    high_stakes = models.BooleanField(db_default=False, default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(fiscal_year_starts_month__range=(1, 12)), name="fiscal_year_starts_in_a_month")
        ]

    def __str__(self) -> str:
        return self.code


class PolicyRevision(models.Model):
    """One state of a program's draft: the YAML text, its SHA-256 and who wrote it. Append-only: an edit is a further revision.

    `number` counts a program's revisions from 1. A draft is what was written since the last revision that was released.
    The program is named by its code, because it is opened by its first release.
    """

    program_code = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    content = models.TextField()
    content_sha256 = models.CharField(max_length=64)
    in_force_from = models.DateField()
    written_by = models.BigIntegerField()
    written_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program_code", "number"], name="revision_is_numbered_once")]


class PolicyApproval(models.Model):
    """A person's word for one revision, by the hash of what the person read. Append-only; database/policies.sql says whose counts."""

    revision = models.ForeignKey(PolicyRevision, models.PROTECT, related_name="approvals")
    approved_by = models.BigIntegerField()
    content_sha256 = models.CharField(max_length=64)
    approved_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["revision", "approved_by"], name="revision_is_approved_once_by_a_person")]


class PolicyVersion(models.Model):
    """A released policy: the text of the revision that two people approved, once, with its SHA-256. Frozen."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="policy_versions")
    revision = models.OneToOneField(PolicyRevision, models.PROTECT, related_name="version")
    content = models.TextField()
    content_sha256 = models.CharField(max_length=64)
    in_force_from = models.DateField()
    released_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "in_force_from"], name="one_policy_in_force_from_a_day")]


class Account(models.Model):
    """A place for money in one program's books, named by the chart of accounts (calc/chart.py). Has no balance
    of its own: the trial balance adds up the transfers. `part` tells accounts of one kind apart: of program-cost, the
    source of the money as the policy names it; of year-ahead, the first day of the year."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="accounts")
    kind = models.CharField(max_length=20)
    provider_id = models.BigIntegerField(null=True)
    part = models.CharField(max_length=60, default="")
    code = models.CharField(max_length=160)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="account_code_is_unique"),
            models.UniqueConstraint(
                fields=["program", "kind", "provider_id", "part"], nulls_distinct=False, name="account_is_opened_once"
            ),
        ]


class FiscalPeriod(models.Model):
    """A month of a program's books. Once `closed_at` is set, no transfer dated in it is accepted (statement trigger)."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="periods")
    starts_on = models.DateField()
    ends_on = models.DateField()
    fiscal_year = models.PositiveSmallIntegerField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "starts_on"], name="period_is_opened_once"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="period_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True) | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="period_is_closed_by_someone",
            ),
        ]


class Run(models.Model):
    """One night of a program: unique by business date. `through_batch` is its watermark of committed intakes,
    `digest` the chained digest of the books when it was done."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="runs")
    business_date = models.DateField()
    previous = models.OneToOneField("self", models.PROTECT, null=True, related_name="next")
    through_batch = models.BigIntegerField()
    through_policy_version = models.BigIntegerField()
    started_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, default="")
    result = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "business_date"], name="one_run_a_business_date"),
            models.UniqueConstraint(fields=["program"], condition=Q(previous__isnull=True), name="one_first_run_a_program"),
        ]


class RunShard(models.Model):
    """A part of a run that one worker does in one transaction; `done_at` is set by it. `not_in_force` counts the
    enrollment-modules with work for which no policy was in force when learning started, `not_priced` those whose case has
    a problem, so that what they earned before stands."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="shards")
    number = models.PositiveIntegerField()
    done_at = models.DateTimeField(null=True)
    claims_changed = models.PositiveIntegerField(default=0)
    transfers = models.PositiveIntegerField(default=0)
    posted_cents = models.BigIntegerField(default=0)
    not_in_force = models.PositiveIntegerField(default=0)
    not_priced = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="shard_is_cut_once")]


class RunDirty(models.Model):
    """An enrollment that a run has to look at again. A work list, emptied as its shard is done."""

    pk = models.CompositePrimaryKey("run_id", "shard", "enrollment_id")
    run = models.ForeignKey(Run, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    shard = models.PositiveIntegerField()
    enrollment_id = models.BigIntegerField()


class PricedCase(models.Model):
    """One distinct combination of what a policy asks the record, under one version, priced once: the money and its arithmetic.

    `rate_from` is the day on which figures were looked up; `held` counts completions that wait for a decision, `held_cents`
    is what they would add. `circumstances` holds what else the version asks (calc/circumstances.py). `parts` says by source
    what `earned_cents` is made of, `results` each line's value: with the frozen text of the policy they are the whole
    arithmetic. With a `problem` it could not be priced: what was earned before stands. Append-only.
    """

    policy_version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+")
    rate_from = models.DateField()
    completed = models.PositiveIntegerField()
    held = models.PositiveIntegerField()
    required = models.PositiveIntegerField()
    credit_numerator = models.PositiveBigIntegerField()
    credit_denominator = models.PositiveBigIntegerField()
    circumstances = models.JSONField(default=dict)
    earned_cents = models.BigIntegerField()
    held_cents = models.BigIntegerField()
    parts = models.JSONField(default=dict)
    problem = models.TextField(default="")
    results = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "policy_version", "rate_from", "completed", "held", "required", "credit_numerator", "credit_denominator",
                    "circumstances",
                ],
                name="case_is_priced_once",
            ),
            models.CheckConstraint(condition=Q(earned_cents__gte=0), name="case_pays_nothing_negative"),
            models.CheckConstraint(condition=Q(problem="") | Q(earned_cents=0), name="case_with_a_problem_pays_nothing"),
        ]  # fmt: skip


class Claim(models.Model):
    """What an enrollment-module had done as of a run's watermark, and what that earns: a row only where the figures
    changed. `number` counts the claims of one enrollment-module from 1. `module_id` is 0 where the program prices whole
    enrollments. Append-only."""

    run = models.ForeignKey(Run, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    provider_id = models.BigIntegerField()
    offering_id = models.BigIntegerField()
    enrollment_id = models.BigIntegerField()
    module_id = models.BigIntegerField()
    number = models.PositiveIntegerField()
    case = models.ForeignKey(PricedCase, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    earned_before_cents = models.BigIntegerField()
    earned_cents = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["provider_id", "run"], name="claim_by_provider")]


class EarningState(models.Model):
    """The fast memory of an enrollment-module: its latest claim, whose number is part of the effect key of a posting, and
    what has been posted, to the account of the year that is paid ahead if there is one. `verify` holds it against the claims,
    the transfers and the facts. `module_id` is 0 where the program prices whole enrollments."""

    pk = models.CompositePrimaryKey("program_id", "enrollment_id", "module_id")
    program = models.ForeignKey(Program, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    enrollment_id = models.BigIntegerField()
    module_id = models.BigIntegerField()
    provider_id = models.BigIntegerField()
    offering_id = models.BigIntegerField()
    case = models.ForeignKey(PricedCase, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    claims = models.PositiveIntegerField()
    earned_cents = models.BigIntegerField()
    posted_cents = models.BigIntegerField()
    year_ahead = models.ForeignKey(
        "funding.YearAhead", models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )


class Transfer(models.Model):
    """One row of the ledger: an amount from one account to another. Append-only; unbalanced cannot be written.

    `effect_key` names the effect and nothing else, so a second attempt meets it. `row_sha256` seals the row's
    content as written. `reverses` undoes one wrongly made row, once, in full.
    """

    class Kind(models.TextChoices):
        EARN = "earn"
        RECOVER = "recover"
        SETTLE = "settle"
        RELEASE = "release"
        REVERSE = "reverse"
        ADVANCE = "advance"
        TRUE_UP = "true_up"

    effect_key = models.UUIDField(primary_key=True)
    program = models.ForeignKey(Program, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    debit_account = models.ForeignKey(Account, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    credit_account = models.ForeignKey(Account, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    amount_cents = models.BigIntegerField()
    business_date = models.DateField()
    provider_id = models.BigIntegerField()
    run = models.ForeignKey(Run, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+")
    claim = models.ForeignKey(Claim, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+")
    policy_version = models.ForeignKey(
        PolicyVersion, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    reverses = models.ForeignKey("self", models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+")
    row_sha256 = models.BinaryField(max_length=32)

    class Meta:
        indexes = [models.Index(fields=["provider_id", "run"], name="transfer_by_provider")]
        constraints = [
            models.UniqueConstraint(fields=["reverses"], condition=Q(reverses__isnull=False), name="transfer_is_reversed_once"),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="transfer_moves_a_positive_amount"),
            models.CheckConstraint(condition=~Q(debit_account=F("credit_account")), name="transfer_moves_between_two_accounts"),
        ]


class PaymentBatch(models.Model):
    """The payment lines that one settlement made; a person releases it, once."""

    run = models.OneToOneField(Run, models.PROTECT, related_name="batch")
    released_at = models.DateTimeField(null=True)
    released_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="batch_is_released_by_someone",
            )
        ]


class PaymentLine(models.Model):
    """What one provider is due in one batch: the transfers of the runs in (`after_run`, the batch's run], plus what the
    line before left (`carried_in`: a debt below 0, above it what was not paid). Of that it pays `amount`; `unpaid` is what
    the year's appropriation did not reach, and a negative outcome is not paid but carried to the next line."""

    batch = models.ForeignKey(PaymentBatch, models.PROTECT, related_name="lines")
    provider_id = models.BigIntegerField()
    after_run = models.BigIntegerField(null=True)
    posted_cents = models.BigIntegerField()
    carried_in_cents = models.BigIntegerField()
    amount_cents = models.BigIntegerField()
    unpaid_cents = models.BigIntegerField(db_default=0)
    carried_out_cents = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "provider_id"], name="one_line_a_provider_and_batch"),
            models.CheckConstraint(
                condition=Q(amount_cents__gte=0, unpaid_cents__gte=0, carried_out_cents__lte=0)
                & Q(posted_cents=F("amount_cents") + F("unpaid_cents") + F("carried_out_cents") - F("carried_in_cents")),
                name="line_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(amount_cents=0, unpaid_cents=0) | Q(carried_out_cents=0), name="line_pays_or_carries_forward"
            ),
        ]
