"""What is learned and shown: frameworks, scales, evidence and the judgements on it. Fields and constraints only.

Judgements, evidence and scale versions are added to, never edited. Nothing here can be read from the funding side, and
nothing here knows of a completion or an amount.
"""

import uuid

from django.db import models
from django.db.models import F, Q

from people.models import User


class MasteryScale(models.Model):
    """Ordered levels with the rule that makes a level out of judgements; what it says stands in its versions. No personal data."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=200)


class MasteryScaleVersion(models.Model):
    """A scale as it stood from a release on. Append-only: an edit is a further version.

    `levels` is a list of {"label", "description"}, the first being rank 1. `carried_from` says for each rank of the version
    before which rank it is here, as {"1": 2}; empty for version 1. `method` and `parameters` are those of calc/rule.py.
    """

    scale = models.ForeignKey(MasteryScale, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    levels = models.JSONField()
    highest_rank = models.PositiveSmallIntegerField()
    proficient_rank = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=30)
    parameters = models.JSONField(default=dict)
    carried_from = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    released_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scale", "number"], name="scale_version_is_numbered_once"),
            models.CheckConstraint(
                condition=Q(proficient_rank__gte=1) & Q(proficient_rank__lte=F("highest_rank")), name="proficient_is_a_level"
            ),
        ]


class Framework(models.Model):
    """A document of competencies (CASE CFDocument), keyed by the identifier that its publisher gave it. No personal data.

    `document` and `definitions` keep what arrived and we do not interpret, for a lossless way out again.
    """

    uuid = models.UUIDField(unique=True)
    title = models.TextField()
    creator = models.TextField(blank=True)
    version = models.CharField(max_length=100, blank=True)
    adoption_status = models.CharField(max_length=60, blank=True)
    licence = models.TextField(blank=True)
    package_sha256 = models.CharField(max_length=64, blank=True)
    document = models.JSONField(default=dict)
    definitions = models.JSONField(default=dict)
    scale = models.ForeignKey(MasteryScale, models.PROTECT, related_name="frameworks")


class FrameworkArrival(models.Model):
    """One package that changed a framework: the sender's bytes (gzip), their hash, and what it changed. Append-only."""

    framework = models.ForeignKey(Framework, models.PROTECT, related_name="arrivals")
    package_sha256 = models.CharField(max_length=64)
    package = models.BinaryField()
    changes = models.JSONField()
    brought_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()


class Competency(models.Model):
    """An item of a framework (CASE CFItem): what a student can come to know or do. Never deleted, only retired. No personal data.

    The tree stands in `Association` alone. `position` is the place in the tree read from top to bottom. Grades: -1 is
    pre-kindergarten, 0 kindergarten, 1 to 12; null where the publisher's words name none.
    """

    class Kind(models.TextChoices):
        ACADEMIC = "academic"
        LIFELONG = "lifelong"

    framework = models.ForeignKey(Framework, models.PROTECT, related_name="competencies")
    uuid = models.UUIDField(unique=True)
    code = models.CharField(max_length=200, blank=True)
    statement = models.TextField()
    label = models.TextField(blank=True)
    item_type = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ACADEMIC)
    lowest_grade = models.SmallIntegerField(null=True)
    highest_grade = models.SmallIntegerField(null=True)
    position = models.PositiveIntegerField(default=0)
    depth = models.PositiveSmallIntegerField(default=0)
    source = models.JSONField(default=dict)
    content_sha256 = models.CharField(max_length=64)
    retired_on = models.DateField(null=True)

    class Meta:
        verbose_name_plural = "competencies"
        indexes = [models.Index(fields=["framework", "position"], name="competency_by_position")]


class CompetencyWording(models.Model):
    """What a competency said before an arrival changed it. Append-only, no personal data; awards keep their own copy."""

    competency = models.ForeignKey(Competency, models.PROTECT, related_name="wordings")
    arrival = models.ForeignKey(FrameworkArrival, models.PROTECT, related_name="+")
    code = models.CharField(max_length=200, blank=True)
    statement = models.TextField()
    source = models.JSONField(default=dict)


class Association(models.Model):
    """A directed statement between two nodes: "origin KIND destination" (CASE CFAssociation). No personal data.

    Ends are identifiers, so an end that is not on file yet binds by itself when its framework arrives; null where the
    sender's identifier is no uuid. `local` ones are ours (an uploaded prerequisite list); no package retires them.
    """

    CHILD_OF, PRECEDES, EXACT_MATCH_OF = "isChildOf", "precedes", "exactMatchOf"
    RELATED_TO, REPLACED_BY = "isRelatedTo", "replacedBy"

    framework = models.ForeignKey(Framework, models.PROTECT, related_name="associations")
    uuid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=60)
    origin = models.UUIDField(null=True)
    destination = models.UUIDField(null=True)
    sequence = models.IntegerField(null=True)
    local = models.BooleanField(default=False)
    source = models.JSONField(default=dict)
    content_sha256 = models.CharField(max_length=64)
    retired_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["origin", "kind"], name="association_by_origin"),
            models.Index(fields=["destination", "kind"], name="association_by_destination"),
        ]


class Rubric(models.Model):
    """A rubric (CASE CFRubric): criteria with a descriptor at each level. No personal data, not itself a scale."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    framework = models.ForeignKey(Framework, models.PROTECT, related_name="rubrics")
    title = models.TextField(blank=True)
    description = models.TextField(blank=True)
    source = models.JSONField(default=dict)
    retired_on = models.DateField(null=True)


class RubricCriterion(models.Model):
    """One line of a rubric, about one competency where it names one; retired, never deleted. Holds no personal data."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    rubric = models.ForeignKey(Rubric, models.PROTECT, related_name="criteria")
    competency = models.ForeignKey(Competency, models.PROTECT, null=True, related_name="rubric_criteria")
    description = models.TextField(blank=True)
    position = models.IntegerField(default=0)
    retired_on = models.DateField(null=True)


class RubricLevel(models.Model):
    """What work at one level of a criterion looks like; `rank` is that of the framework's scale, from 1. No personal data.

    A level that a later arrival leaves out is retired: sample work and anchors hang on it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    criterion = models.ForeignKey(RubricCriterion, models.PROTECT, related_name="levels")
    rank = models.PositiveSmallIntegerField()
    quality = models.TextField(blank=True)
    description = models.TextField(blank=True)
    retired_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["criterion", "rank"], condition=Q(retired_on__isnull=True), name="one_descriptor_a_level")
        ]


class SampleWork(models.Model):
    """Sample work that shows a rubric's level to students and raters: a title and where it is. Never a named student's."""

    level = models.ForeignKey(RubricLevel, models.PROTECT, related_name="samples")
    title = models.CharField(max_length=200)
    address = models.URLField(max_length=500, blank=True)
    text = models.TextField(blank=True)


class Evidence(models.Model):
    """An artefact that supports judgements; its content stands in versions, never overwritten. Personal data throughout.

    Written by the student, or by an educator for the student. `setting` says where the work was done.
    """

    class Kind(models.TextChoices):
        FILE = "file"
        LINK = "link"
        NOTE = "note"
        OBSERVATION = "observation"

    class Setting(models.TextChoices):
        SCHOOL = "school"
        AFTER_SCHOOL = "after_school"
        WORK = "work"
        COMMUNITY = "community"
        OTHER_SCHOOL = "other_school"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    student = models.ForeignKey(User, models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=12, choices=Kind)
    setting = models.CharField(max_length=12, choices=Setting, default=Setting.SCHOOL)
    title = models.CharField(max_length=200)
    worked_on = models.DateField()
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()


class EvidenceVersion(models.Model):
    """One state of an evidence's content. Append-only; a file's bytes stand in `EvidenceFile`. Personal data."""

    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)
    address = models.URLField(max_length=2000, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    size_bytes = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evidence", "number"], name="evidence_version_is_numbered_once")]


class EvidenceFile(models.Model):
    """The bytes of a file version, apart so that lists never read them. Append-only, personal data; served as a download."""

    version = models.OneToOneField(EvidenceVersion, models.PROTECT, primary_key=True, related_name="file")
    content = models.BinaryField()


class EvidenceCompetency(models.Model):
    """Which competency an evidence speaks to; one evidence may speak to several. Written with the evidence, or later."""

    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="tied")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evidence", "competency"], name="evidence_is_tied_once")]


class MasteryJudgment(models.Model):
    """An educator's dated statement that work meets a level. Append-only; withdrawn by a row in `JudgmentWithdrawal`.

    `worked_on` is the day of the work; the order of a cell is (worked_on, recorded_at, id). An `override` is a marked professional
    decision and gives its reason. `edit_key` names what was typed on a page: recorded once, however often sent. Keys have no
    constraint: a trigger checks a statement's rows at once, and nothing they point to is ever deleted. Personal data.
    """

    class Kind(models.TextChoices):
        JUDGMENT = "judgment"
        DIAGNOSTIC = "diagnostic"
        TRANSFER = "transfer"
        OVERRIDE = "override"

    student = models.ForeignKey(User, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    competency = models.ForeignKey(Competency, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    version = models.ForeignKey(MasteryScaleVersion, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    rank = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.JUDGMENT)
    reason = models.TextField(blank=True)
    worked_on = models.DateField()
    judged_by = models.ForeignKey(User, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    recorded_at = models.DateTimeField()
    edit_key = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edit_key"], condition=Q(edit_key__isnull=False), name="an_edit_is_recorded_once"),
            models.CheckConstraint(condition=Q(rank__gte=1), name="judgment_has_a_level"),
            models.CheckConstraint(condition=~Q(kind="override") | ~Q(reason=""), name="override_gives_its_reason"),
        ]
        indexes = [
            models.Index(
                fields=["student", "competency", "worked_on", "recorded_at", "id"],
                include=["rank", "version", "kind"],
                name="judgments_of_a_cell",
            )
        ]


class JudgmentEvidence(models.Model):
    """On which version of which evidence a judgement rests. Append-only, written with the judgement."""

    judgment = models.ForeignKey(MasteryJudgment, models.PROTECT, related_name="rests_on")
    version = models.ForeignKey(EvidenceVersion, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["judgment", "version"], name="judgment_rests_on_a_version_once")]


class JudgmentWithdrawal(models.Model):
    """The further record that withdraws a judgement, with its reason. Append-only: judging again is a new judgement."""

    judgment = models.OneToOneField(MasteryJudgment, models.PROTECT, primary_key=True, related_name="withdrawal")
    reason = models.TextField()
    withdrawn_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()


class CurrentLevel(models.Model):
    """Fast memory of the level of a student and competency today; the judgements are the record. Personal data.

    Written with every judgement and withdrawal, in the same transaction; no row where nothing is judged. Never read for a past day.
    """

    pk = models.CompositePrimaryKey("student_id", "competency_id")
    student = models.ForeignKey(User, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    competency = models.ForeignKey(Competency, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    version = models.ForeignKey(MasteryScaleVersion, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    rank = models.PositiveSmallIntegerField()
    judgments = models.PositiveSmallIntegerField()
    overridden = models.BooleanField(default=False)
    last_worked_on = models.DateField()


class IndividualCriterion(models.Model):
    """A student's individual plan changes the level that counts as mastered, with who decided and why. Sensitive personal data."""

    student = models.ForeignKey(User, models.PROTECT, related_name="individual_criteria")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="+")
    version = models.ForeignKey(MasteryScaleVersion, models.PROTECT, related_name="+")
    proficient_rank = models.PositiveSmallIntegerField()
    reason = models.TextField()
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["student", "competency", "starts_on"], name="one_individual_criterion_from_a_day"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="individual_criterion_ends_after_it_starts"
            ),
        ]


class SecondRatingRequest(models.Model):
    """A judgement's work, given to another rater who does not see the first level. Append-only. Never reaches pay."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    judgment = models.ForeignKey(MasteryJudgment, models.PROTECT, related_name="second_ratings")
    rater = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["judgment", "rater"], name="a_rater_is_asked_once")]


class SecondRating(models.Model):
    """The level that a second rater gave, blind. Append-only; it changes no level of the student's."""

    request = models.OneToOneField(SecondRatingRequest, models.PROTECT, primary_key=True, related_name="rating")
    rank = models.PositiveSmallIntegerField()
    note = models.TextField(blank=True)
    recorded_at = models.DateTimeField()


class AnchorSample(models.Model):
    """A sample with an agreed level, against which raters are calibrated. Append-only; holds no student's name."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sample = models.ForeignKey(SampleWork, models.PROTECT, related_name="anchors")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="anchors")
    version = models.ForeignKey(MasteryScaleVersion, models.PROTECT, related_name="+")
    agreed_rank = models.PositiveSmallIntegerField()
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()


class AnchorRating(models.Model):
    """A rater's level for an anchor sample; further ones show drift. Append-only, about the rater and never about pay."""

    anchor = models.ForeignKey(AnchorSample, models.PROTECT, related_name="ratings")
    rater = models.ForeignKey(User, models.PROTECT, related_name="+")
    rank = models.PositiveSmallIntegerField()
    recorded_at = models.DateTimeField()
