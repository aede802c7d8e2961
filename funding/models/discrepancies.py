"""What was reported and cannot be paid as it is, and how that ended. Fields and constraints only."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from funding.models.books import Program, Run


class Discrepancy(models.Model):
    """A named difference between what was reported and what can be paid. Open until it has a resolution.

    Names either a completion (enrollment, assignment, sequence) or a row that matched nothing (unmatched). `owner_role`
    says who has to act. No personal data beyond opaque ids.
    """

    class Kind(models.TextChoices):
        AFTER_WITHDRAWAL = "after_withdrawal"
        BEFORE_ENROLLMENT = "before_enrolment"
        UNKNOWN_ASSIGNMENT = "unknown_assignment"
        UNKNOWN_ENROLLMENT = "unknown_enrolment"
        FUTURE_DATE = "future_date"

    program = models.ForeignKey(Program, models.PROTECT, related_name="discrepancies")
    kind = models.CharField(max_length=20, choices=Kind)
    provider_id = models.BigIntegerField(null=True)
    enrollment_id = models.BigIntegerField(null=True)
    module_id = models.BigIntegerField(null=True)
    assignment_id = models.BigIntegerField(null=True)
    sequence = models.SmallIntegerField(null=True)
    unmatched_id = models.BigIntegerField(null=True)
    opened_by = models.ForeignKey(Run, models.PROTECT, related_name="discrepancies")
    owner_role = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "enrollment_id", "assignment_id", "sequence"], name="completion_is_doubted_once"
            ),
            models.UniqueConstraint(fields=["program", "unmatched_id"], name="unmatched_row_is_doubted_once"),
            models.CheckConstraint(
                condition=Q(enrollment_id__isnull=False, assignment_id__isnull=False, sequence__isnull=False)
                | Q(unmatched_id__isnull=False),
                name="discrepancy_names_its_row",
            ),
        ]


class DiscrepancyResolution(models.Model):
    """How a discrepancy ended: by a person with a reason, or by the night that found it corrected. Append-only but for
    `consumed_by`, the run that took it into account."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted"
        CORRECTED = "corrected"
        DISMISSED = "dismissed"

    discrepancy = models.OneToOneField(Discrepancy, models.PROTECT, related_name="resolution")
    outcome = models.CharField(max_length=10, choices=Outcome)
    reason = models.TextField()
    resolved_by = models.BigIntegerField(null=True)
    resolved_at = models.DateTimeField(db_default=Now(), editable=False)
    consumed_by = models.ForeignKey(Run, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="resolution_gives_a_reason"),
            models.CheckConstraint(
                condition=Q(outcome="corrected") | Q(resolved_by__isnull=False), name="a_person_accepts_or_dismisses"
            ),
        ]
