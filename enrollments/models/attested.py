"""What somebody attests of an enrollment that may weigh in money: needs, milestones, prior learning; and for what each
measure is used. Fields and constraints only."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from enrollments.models.record import Enrollment, IntakeBatch
from people.models import User


class Need(models.Model):
    """A category of need of an enrollment's student, from a day on. Append-only. Sensitive personal data.

    `to_on` is its last day. Rows of one enrollment, category and first day follow each other by `sequence`: even ones
    state the need, odd ones void the row before (with the same days). So its end, once known, is a void and a further row.
    `attested_by` is null where the need came with the enrollment, from its own source.
    """

    class Category(models.TextChoices):
        LOW_INCOME = "low_income"
        SPECIAL_EDUCATION = "special_education"
        LANGUAGE = "language"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="needs", db_index=False)
    category = models.CharField(max_length=20, choices=Category)
    from_on = models.DateField(null=True)
    to_on = models.DateField(null=True)
    sequence = models.SmallIntegerField(db_default=0, default=0)
    attested_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    batch = models.ForeignKey(IntakeBatch, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "category", "from_on", "sequence"], nulls_distinct=False, name="one_need_from_a_day"
            ),
            models.CheckConstraint(condition=Q(sequence__gte=0), name="need_sequence_counts_from_0"),
            models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="a_need_ends_after_it_begins"),
        ]
        indexes = [models.Index(fields=["batch", "enrollment"], name="need_by_batch")]


class Milestone(models.Model):
    """A milestone that can be attested, and the measure that it attests (`course_success` for `passed`). Append-only.

    What a milestone attests is said here once, so that no program pays under a new name on what accountability judges.
    A measure of its own has the milestone's own name. No personal data.
    """

    code = models.CharField(max_length=60, unique=True)
    measure = models.CharField(max_length=60)
    says = models.CharField(max_length=200)


class AttestedMilestone(models.Model):
    """An outcome attested for a program that pays on it by law. Barred from accountability while it pays. Append-only.

    `milestone` is the code of a Milestone. Rows of one enrollment and milestone follow each other by `sequence`, as
    completions do: even ones state it, odd ones void the row before (with the same day). Personal data: what a student reached.
    """

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="milestones", db_index=False)
    milestone = models.CharField(max_length=60)
    attained_on = models.DateField()
    sequence = models.SmallIntegerField(db_default=0, default=0)
    attested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    batch = models.ForeignKey(IntakeBatch, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "milestone", "sequence"], name="milestone_is_attested_once"),
            models.CheckConstraint(condition=Q(sequence__gte=0), name="milestone_sequence_counts_from_0"),
        ]
        indexes = [models.Index(fields=["batch", "enrollment"], name="milestone_by_batch")]


class PriorLearning(models.Model):
    """What an enrollment's student brought along or has ahead, as attested at entry (`grades_to_grow`, ...). Append-only.

    An exact fraction in lowest terms; none at all takes the row before back. The latest row of an enrollment and measure
    counts. Never worked out from judgements or evidence: somebody attests it. Personal data.
    """

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="prior_learning")
    measure = models.CharField(max_length=60)
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)
    attested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    batch = models.ForeignKey(IntakeBatch, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(numerator__isnull=True, denominator__isnull=True)
                | Q(numerator__isnull=False, denominator__isnull=False, denominator__gt=0),
                name="prior_learning_is_a_fraction_or_taken_back",
            )
        ]
        indexes = [models.Index(fields=["batch", "enrollment"], name="prior_learning_by_batch")]


class MeasureUse(models.Model):
    """For what a measure of a catalogue is used: to pay or to judge, never both. The row of the highest sequence is in force.

    Append-only, granted to no area: funding and accountability write it through a function each (database/attested.sql),
    and funding never gives a measure back. `claimant` is the program's code or the indicator's. No personal data.
    """

    class Use(models.TextChoices):
        FUNDING = "funding"
        ACCOUNTABILITY = "accountability"

    catalogue = models.CharField(max_length=60)
    measure = models.CharField(max_length=60)
    sequence = models.SmallIntegerField()
    use = models.CharField(max_length=14, choices=Use)
    claimant = models.CharField(max_length=60)
    since = models.DateField()
    because = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["catalogue", "measure", "sequence"], name="a_measure_has_one_use_at_a_time"),
            models.UniqueConstraint(fields=["catalogue", "measure", "use", "claimant"], name="a_measure_is_claimed_once"),
            models.CheckConstraint(condition=Q(sequence__gte=0), name="measure_use_counts_from_0"),
            models.CheckConstraint(condition=Q(use__in=["funding", "accountability"]), name="a_measure_pays_or_judges"),
        ]
