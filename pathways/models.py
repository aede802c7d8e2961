"""What learning adds up to: criteria, credit, requirements, plans, portfolios. Fields and constraints only.

Credit follows from mastery alone: nothing here reads a completion but to show the open work of a plan. Awards, decisions
and choices are added to, never edited. No table here holds an amount of money.
"""

import datetime
import uuid

from django.db import models
from django.db.models import F, Q

from competencies.models import Competency, Evidence, MasteryJudgment
from enrollments.models import Assignment, Course, Module
from people.models import Organization, User


class CourseCompetency(models.Model):
    """Which competencies a course (or one module of it) is about, in the order of its grid. No personal data."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="competencies")
    module = models.ForeignKey(Module, models.PROTECT, null=True, related_name="competencies")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="courses")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "competency"], name="competency_stands_once_in_a_course")]


class AssignmentCompetency(models.Model):
    """Which competency an assignment practises, so that a plan can offer it. It pays and proves nothing."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="competencies")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="assignments")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assignment", "competency"], name="assignment_practises_once")]


class Resource(models.Model):
    """Something to learn from, with its licence: a video, a text, an exercise. No personal data."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=200)
    address = models.URLField(max_length=2000, unique=True)
    licence = models.CharField(max_length=100)


class ResourceCompetency(models.Model):
    """A competency's playlist: its resources in order. No personal data, no record of who watched what."""

    competency = models.ForeignKey(Competency, models.PROTECT, related_name="playlist")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="competencies")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["competency", "resource"], name="resource_stands_once_in_a_playlist")]


class Assessment(models.Model):
    """An assessment that an educator attests (a performance task, a defence): a leaf of criteria. No personal data."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=200)


class AssessmentAttestation(models.Model):
    """An educator attests that a student met an assessment. Append-only. Not a milestone that pays: see enrollments."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="attestations")
    student = models.ForeignKey(User, models.PROTECT, related_name="+")
    attained_on = models.DateField()
    attested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()


class AttestationWithdrawal(models.Model):
    """The further record that withdraws an attestation, with its reason. Append-only, about one student's record."""

    attestation = models.OneToOneField(AssessmentAttestation, models.PROTECT, primary_key=True, related_name="withdrawal")
    reason = models.TextField()
    withdrawn_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()


class CreditCriteria(models.Model):
    """What must be shown for a module's credit, or for a whole course's where `module` is null. Append-only, numbered.

    `tree` is an AND/OR tree in the form of calc/criteria.py; the highest number counts. No personal data.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    course = models.ForeignKey(Course, models.PROTECT, related_name="criteria")
    module = models.ForeignKey(Module, models.PROTECT, null=True, related_name="criteria")
    number = models.PositiveSmallIntegerField()
    tree = models.JSONField()
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "credit criteria"
        constraints = [
            models.UniqueConstraint(fields=["course", "module", "number"], nulls_distinct=False, name="criteria_are_numbered_once")
        ]


class CreditAward(models.Model):
    """Credit, full or a fraction, awarded for mastery. Append-only, revoked by a row in `CreditRevocation`. Personal data.

    A module's award is its fraction of the course; a course's award (module null) is what its modules had not yet given.
    `ordinal` counts the awards of one student and module: a further one follows only a revoked one. `basis` is what met the
    criteria, with each statement as it stood. `occasion` names how the student came to it; the mechanism is one.
    """

    class Occasion(models.TextChoices):
        REGULAR = "regular"
        RECOVERY = "recovery"
        ADVANCEMENT = "advancement"
        OUTSIDE = "outside"
        TRANSFER = "transfer"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    student = models.ForeignKey(User, models.PROTECT, related_name="credit_awards")
    course = models.ForeignKey(Course, models.PROTECT, related_name="+")
    module = models.ForeignKey(Module, models.PROTECT, null=True, related_name="+")
    ordinal = models.PositiveSmallIntegerField()
    numerator = models.PositiveIntegerField()
    denominator = models.PositiveIntegerField()
    occasion = models.CharField(max_length=12, choices=Occasion, default=Occasion.REGULAR)
    criteria = models.ForeignKey(CreditCriteria, models.PROTECT, related_name="+")
    basis = models.JSONField()
    attained_on = models.DateField()
    awarded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["student", "course", "module", "ordinal"], nulls_distinct=False, name="credit_is_awarded_once"
            ),
            models.CheckConstraint(condition=Q(numerator__gt=0) & Q(denominator__gt=0), name="credit_is_a_fraction"),
        ]


class CreditRevocation(models.Model):
    """The further record that revokes an award, with its reason. Append-only; the award stays readable."""

    award = models.OneToOneField(CreditAward, models.PROTECT, primary_key=True, related_name="revocation")
    reason = models.TextField()
    revoked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()


class Requirement(models.Model):
    """What graduation or a pathway asks for: a tree as criteria are, with amounts of credit as leaves. Append-only, numbered."""

    class Kind(models.TextChoices):
        GRADUATION = "graduation"
        PATHWAY = "pathway"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.CharField(max_length=60)
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    tree = models.JSONField()
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "number"], name="requirement_is_numbered_once")]


class SeatTimeWaiver(models.Model):
    """A school's dated leave to award credit without counting hours, with its authority and its end. Append-only."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    authority = models.TextField()
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="waiver_ends_after_it_starts")]


class LearningPlan(models.Model):
    """A student's own path; every student has one. What is mastered is read from levels, never kept here. Personal data."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    student = models.OneToOneField(User, models.PROTECT, related_name="learning_plan")
    recorded_at = models.DateTimeField()


class PlanGoal(models.Model):
    """What a student works towards: a competency, a requirement, or words of their own, with a date. Personal data."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(LearningPlan, models.PROTECT, related_name="goals")
    title = models.CharField(max_length=200)
    competency = models.ForeignKey(Competency, models.PROTECT, null=True, related_name="+")
    requirement = models.ForeignKey(Requirement, models.PROTECT, null=True, related_name="+")
    starts_on = models.DateField()
    target_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()


class PlanItem(models.Model):
    """A decision to put a competency in focus, on the path next, or aside; the latest for a competency counts. Append-only.

    `position` orders the path where a person or a diagnostic laid it out; without one, prerequisites and grades do.
    Pace is told against `target_on`, the student's own date. Personal data.
    """

    class Place(models.TextChoices):
        FOCUS = "focus"
        NEXT = "next"
        ASIDE = "aside"

    class Origin(models.TextChoices):
        STUDENT = "student"
        EDUCATOR = "educator"
        DIAGNOSTIC = "diagnostic"

    plan = models.ForeignKey(LearningPlan, models.PROTECT, related_name="items")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="+")
    place = models.CharField(max_length=6, choices=Place)
    origin = models.CharField(max_length=10, choices=Origin)
    position = models.PositiveIntegerField(null=True)
    target_on = models.DateField(null=True)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["plan", "competency", "-id"], name="items_of_a_plan")]


class AssessmentRequest(models.Model):
    """A student asks to be assessed when ready, any day of the year. Append-only; asked again until competent. Personal data."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(LearningPlan, models.PROTECT, related_name="requests")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="+")
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, related_name="+")
    message = models.TextField(blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()


class AssessmentAnswer(models.Model):
    """How a request ended: judged (the judgement says the level), returned for another try (the note says what to do), or
    taken back by the student. Append-only."""

    class Outcome(models.TextChoices):
        JUDGED = "judged"
        RETURNED = "returned"
        TAKEN_BACK = "taken_back"

    request = models.OneToOneField(AssessmentRequest, models.PROTECT, primary_key=True, related_name="answer")
    outcome = models.CharField(max_length=10, choices=Outcome)
    judgment = models.ForeignKey(MasteryJudgment, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()


class PortfolioArrival(models.Model):
    """A portfolio bundle from another school, as it came: bytes, hash, issuer. Append-only. Personal data."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    student = models.ForeignKey(User, models.PROTECT, related_name="+")
    issuer = models.CharField(max_length=200)
    bundle_sha256 = models.CharField(max_length=64)
    bundle = models.BinaryField()
    brought_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["student", "bundle_sha256"], name="a_bundle_arrives_once")]


class Placement(models.Model):
    """One mastered competency out of an arrived portfolio, proposed as starting placement. Append-only. Personal data.

    `competency` is ours: the same identifier (`same`), or joined by exactMatchOf (`exact_match`); null where none is.
    It counts for nothing until a person confirms it: see `PlacementDecision`.
    """

    class MatchedBy(models.TextChoices):
        SAME = "same"
        EXACT_MATCH = "exact_match"
        NONE = "none"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    arrival = models.ForeignKey(PortfolioArrival, models.PROTECT, related_name="placements")
    foreign_competency = models.UUIDField()
    foreign_statement = models.TextField()
    foreign_level = models.CharField(max_length=200)
    attained_on = models.DateField()
    competency = models.ForeignKey(Competency, models.PROTECT, null=True, related_name="+")
    matched_by = models.CharField(max_length=12, choices=MatchedBy)
    proposed_rank = models.PositiveSmallIntegerField(null=True)
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["arrival", "foreign_competency"], name="placed_once_an_arrival")]


class PlacementDecision(models.Model):
    """A person's confirmation (then it is a judgement like any other) or refusal of a placement. Append-only."""

    placement = models.OneToOneField(Placement, models.PROTECT, primary_key=True, related_name="decision")
    judgment = models.ForeignKey(MasteryJudgment, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()


class SharedSummary(models.Model):
    """A guardian's link by which whoever holds it reads a student's summary without signing in, until `ends_at`. Append-only.

    Only the SHA-256 of its token is kept. `shown_name` is what the page calls the student. Personal data.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    student = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    shown_name = models.CharField(max_length=60)
    token_sha256 = models.CharField(max_length=64, unique=True)
    recorded_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "shared summaries"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("recorded_at"), ends_at__lte=F("recorded_at") + datetime.timedelta(days=30)),
                name="a_summary_is_shared_for_thirty_days_at_most",
            )
        ]


class SharedSummaryEnd(models.Model):
    """The further record by which a link is taken back before its time. Append-only."""

    shared = models.OneToOneField(SharedSummary, models.PROTECT, primary_key=True, related_name="end")
    ended_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()


class SharedSummaryOpening(models.Model):
    """That a link was opened, and when; not by whom, which nobody knows. Append-only."""

    shared = models.ForeignKey(SharedSummary, models.PROTECT, related_name="openings")
    opened_at = models.DateTimeField()
