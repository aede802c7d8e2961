"""Who learns what, where, and what work was completed. Fields and constraints only.

Facts arrive in batches and are added to, never edited: a completion is voided by a further row, an enrollment's
dates change by a row in `EnrollmentChange`. No table here holds an amount of money.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from people.models import Organization, User


class SourceSystem(models.Model):
    """A feed of facts, e.g. one provider's learning platform. No personal data.

    `provider` bounds what the feed may report on; null for a state's own feed. `catalogue` names the list of
    courses it reports on.
    """

    code = models.CharField(max_length=60, unique=True)
    catalogue = models.CharField(max_length=60)
    provider = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")


class IntakeBatch(models.Model):
    """One committed intake: the unit in which other areas notice new facts. Append-only.

    A batch number is drawn under the intake lock (database/locks.py), so all numbers up to a watermark read
    under that lock's other side are committed or will never be.
    """

    source_system = models.ForeignKey(SourceSystem, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)


class SchoolYear(models.Model):
    """The year of schooling that terms lie in. Not a fiscal year: money knows its own. No personal data."""

    code = models.CharField(max_length=20, unique=True)
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="school_year_ends_after_it_starts")]


class Term(models.Model):
    """A part of a school year in which offerings are taught; an offering with open entry has none. No personal data."""

    school_year = models.ForeignKey(SchoolYear, models.PROTECT, related_name="terms")
    code = models.CharField(max_length=20)
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school_year", "code"], name="term_code_is_unique"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="term_ends_after_it_starts"),
        ]


class Course(models.Model):
    """What is taught. `catalogue` names the list that it comes from; programs cover catalogues."""

    catalogue = models.CharField(max_length=60)
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["catalogue", "code"], name="course_code_is_unique")]


class SchoolEnrollment(models.Model):
    """A student at a school, with dates and grade; a change of grade is a further row. `ends_on`: first day without it.

    Grades as in competencies: -1 pre-kindergarten, 0 kindergarten, 1 to 12. Personal data.
    """

    student = models.ForeignKey(User, models.PROTECT, related_name="school_enrollments")
    school = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    grade = models.SmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["student", "school", "starts_on"], name="student_joins_a_school_once_a_day"),
            models.CheckConstraint(condition=Q(grade__gte=-1) & Q(grade__lte=12), name="grade_is_of_a_school"),
        ]


class Section(models.Model):
    """A class: a course taught at a school in a term to certain students. Its people stand beside it, with dates.

    A student without e-mail signs in by `sign_in_code` and an own secret (`ClassSecret`). No personal data.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, models.PROTECT, related_name="sections")
    term = models.ForeignKey(Term, models.PROTECT, related_name="sections")
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    sign_in_code = models.CharField(max_length=20, unique=True)
    sign_in_salt = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "term", "code"], name="section_code_is_unique")]


class SectionStudent(models.Model):
    """A student in a class, from a day until a day (the first without it). Personal data."""

    section = models.ForeignKey(Section, models.PROTECT, related_name="students")
    student = models.ForeignKey(User, models.PROTECT, related_name="sections")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["section", "student", "starts_on"], name="student_joins_a_class_once_a_day")]


class SectionEducator(models.Model):
    """Who teaches a class, from a day until a day (the first without it); a substitute's days always end."""

    class Kind(models.TextChoices):
        TEACHER = "teacher"
        CO_TEACHER = "co_teacher"
        SUBSTITUTE = "substitute"

    section = models.ForeignKey(Section, models.PROTECT, related_name="educators")
    educator = models.ForeignKey(User, models.PROTECT, related_name="taught_sections")
    kind = models.CharField(max_length=10, choices=Kind)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["section", "educator", "starts_on"], name="educator_joins_a_class_once_a_day"),
            models.CheckConstraint(condition=~Q(kind="substitute") | Q(ends_on__isnull=False), name="a_substitute_ends"),
        ]


class ClassSecret(models.Model):
    """A student's own secret for signing in with the class code: a slow hash under the class's salt. The latest one counts."""

    section = models.ForeignKey(Section, models.PROTECT, related_name="secrets")
    student = models.ForeignKey(User, models.PROTECT, related_name="+")
    secret_hash = models.CharField(max_length=128)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["section", "secret_hash"], name="a_secret_is_one_students")]


class Module(models.Model):
    """A part of a course with an exact fraction of its credit."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="modules")
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    credit_numerator = models.PositiveIntegerField()
    credit_denominator = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "code"], name="module_code_is_unique"),
            models.CheckConstraint(condition=Q(credit_denominator__gt=0), name="module_credit_is_a_fraction"),
        ]


class Offering(models.Model):
    """A course as one provider offers it from a day on; `open` entry starts with each enrollment."""

    class Entry(models.TextChoices):
        FIXED = "fixed"
        OPEN = "open"

    course = models.ForeignKey(Course, models.PROTECT, related_name="offerings")
    provider = models.ForeignKey(Organization, models.PROTECT, related_name="offerings")
    term = models.ForeignKey(Term, models.PROTECT, null=True, related_name="offerings")
    code = models.CharField(max_length=60)
    entry = models.CharField(max_length=5, choices=Entry, default=Entry.FIXED)
    starts_on = models.DateField()
    length_days = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "code"], name="offering_code_is_unique")]


class Assignment(models.Model):
    """Work of an offering. Only `low` stakes can carry completions; the statement trigger on completions sees to it.

    `batch` is the intake that added it: a further required assignment changes what "all of it" means.
    """

    class Stakes(models.TextChoices):
        LOW = "low"
        HIGH = "high"

    offering = models.ForeignKey(Offering, models.PROTECT, related_name="assignments")
    module = models.ForeignKey(Module, models.PROTECT, related_name="assignments")
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    stakes = models.CharField(max_length=4, choices=Stakes)
    required = models.BooleanField(default=True)
    due_on = models.DateField(null=True)
    batch = models.ForeignKey(IntakeBatch, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["offering", "code"], name="assignment_code_is_unique")]


class Enrollment(models.Model):
    """A student in an offering, with the dates as now known; each change of them stands in `EnrollmentChange`.

    `enrolled_on` null: from an unknown date, so nothing is refused for coming before it. `withdrawn_on`: the last
    day whose work still counts. `code` is the roster's own number for it. Personal data: the link to the student.
    """

    uuid = models.UUIDField(default=uuid.uuid4, db_default=models.Func(function="gen_random_uuid"), unique=True, editable=False)
    code = models.CharField(max_length=100, unique=True)
    student = models.ForeignKey(User, models.PROTECT, related_name="enrollments")
    offering = models.ForeignKey(Offering, models.PROTECT, related_name="enrollments")
    enrolled_on = models.DateField(null=True)
    withdrawn_on = models.DateField(null=True)
    batch = models.ForeignKey(IntakeBatch, models.PROTECT, related_name="+", db_index=False)


class EnrollmentChange(models.Model):
    """A change of an enrollment's dates: what they were, what they became, in which batch. Append-only."""

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="changes")
    batch = models.ForeignKey(IntakeBatch, models.PROTECT, related_name="+")
    enrolled_on_before = models.DateField(null=True)
    enrolled_on_after = models.DateField(null=True)
    withdrawn_on_before = models.DateField(null=True)
    withdrawn_on_after = models.DateField(null=True)
    reason = models.TextField()


class Residence(models.Model):
    """The district in which an enrollment's student lives and is counted, from a day on. Append-only."""

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="residences", db_index=False)
    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    from_on = models.DateField(null=True)
    batch = models.ForeignKey(IntakeBatch, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "from_on"], nulls_distinct=False, name="one_residence_from_a_day")
        ]


class Completion(models.Model):
    """AssignmentCompletion: *that* low-stakes work was completed, and when. Carries no mark. Append-only.

    `sequence` counts the rows of one enrollment and assignment: even rows state the completion, odd rows void the
    row before (with the same dates), so the rows of a pair add up to 0 or 1. `source_revision` counts the rows of
    one source's id in the same way. Foreign keys are checked by the intake's joins, set by set, and kept by the
    rule that nothing they point to is ever deleted (a foreign key here costs two fifths of the intake's speed).
    """

    pk = models.CompositePrimaryKey("enrollment_id", "assignment_id", "sequence")
    enrollment = models.ForeignKey(Enrollment, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    assignment = models.ForeignKey(Assignment, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    sequence = models.SmallIntegerField(default=0)
    source_system = models.ForeignKey(SourceSystem, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    source_id = models.CharField(max_length=100, db_collation="C")
    source_revision = models.SmallIntegerField(default=0)
    completed_on = models.DateField()
    carried_over = models.BooleanField(default=False)
    batch = models.ForeignKey(IntakeBatch, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_system", "source_id", "source_revision"], name="completion_source_id_is_unique"),
            models.CheckConstraint(condition=Q(sequence__gte=0), name="completion_sequence_counts_from_0"),
        ]

    @property
    def voids(self) -> bool:
        return self.sequence % 2 == 1


class UnmatchedCompletion(models.Model):
    """A well-formed row that matches nothing on file (or is dated after the intake's day): kept, never counted.

    The night turns it into a discrepancy; when the source sends the same id again and it fits, it is corrected.
    """

    class Kind(models.TextChoices):
        UNKNOWN_ENROLLMENT = "unknown_enrolment"
        UNKNOWN_ASSIGNMENT = "unknown_assignment"
        FUTURE_DATE = "future_date"

    source_system = models.ForeignKey(SourceSystem, models.PROTECT, related_name="+")
    source_id = models.CharField(max_length=100, db_collation="C")
    kind = models.CharField(max_length=20, choices=Kind)
    enrollment_code = models.CharField(max_length=100)
    assignment_code = models.CharField(max_length=60)
    completed_on = models.DateField()
    batch = models.ForeignKey(IntakeBatch, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_system", "source_id", "kind", "enrollment_code", "assignment_code", "completed_on"],
                name="unmatched_row_is_kept_once",
            )
        ]


class CourseResult(models.Model):
    """How a course ended for an enrollment. Accountability's fact: funding cannot read it. Append-only; latest counts."""

    class Outcome(models.TextChoices):
        DISTINCTION = "distinction"
        PASS = "pass"  # noqa: S105 - an outcome, not a secret
        FAIL = "fail"
        WITHDRAWN = "withdrawn"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="results")
    outcome = models.CharField(max_length=12, choices=Outcome)
    batch = models.ForeignKey(IntakeBatch, models.PROTECT, related_name="+", db_index=False)
