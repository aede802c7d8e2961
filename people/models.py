"""Who acts, and for whom. Fields and constraints only; the verbs are in `actions/`."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: object) -> "User":
        """A user; without a password, one who cannot sign in with one."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person: student, guardian, educator or officer. Not a role: what one may do stands in `Role`.

    Written by roster imports and the people actions. Personal data: `full_name`, `username`.
    The office's login sees only the rows with `works_in_office` (row security in database/guards.sql).
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField(max_length=150, unique=True)
    full_name = models.CharField(max_length=200, blank=True)
    works_in_office = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    USERNAME_FIELD = "username"
    objects = UserManager()

    def __str__(self) -> str:
        return self.username


class Organization(models.Model):
    """A provider, school or district. Not its standing: see `ProviderStatus`. No personal data."""

    class Kind(models.TextChoices):
        PROVIDER = "provider"
        SCHOOL = "school"
        DISTRICT = "district"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    district = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="schools")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "code"], name="organization_code_is_unique"),
            models.CheckConstraint(condition=Q(district__isnull=True) | Q(kind="school"), name="only_schools_lie_in_a_district"),
        ]

    def __str__(self) -> str:
        return self.code


class ProviderStatus(models.Model):
    """A person's dated decision on a provider's standing; the latest one counts. Append-only."""

    class Status(models.TextChoices):
        APPLIED = "applied"
        TRIAL = "trial"
        APPROVED = "approved"
        SUSPENDED = "suspended"
        REMOVED = "removed"

    provider = models.ForeignKey(Organization, models.PROTECT, related_name="statuses")
    status = models.CharField(max_length=10, choices=Status)
    from_on = models.DateField()
    reason = models.TextField()
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)


class Role(models.Model):
    """What a user may do, where, and from when until when (`ends_on` is the first day without it)."""

    class Kind(models.TextChoices):
        STUDENT = "student"
        GUARDIAN = "guardian"
        TEACHER = "teacher"
        COUNSELLOR = "counsellor"
        SCHOOL_ADMINISTRATOR = "school_administrator"
        DISTRICT_ADMINISTRATOR = "district_administrator"
        PROVIDER_STAFF = "provider_staff"
        FINANCE_OFFICER = "finance_officer"
        PAYMENT_RELEASER = "payment_releaser"
        AUDITOR = "auditor"

    user = models.ForeignKey(User, models.CASCADE, related_name="roles")
    kind = models.CharField(max_length=30, choices=Kind)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=models.F("starts_on")), name="role_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=~Q(kind="provider_staff") | Q(organization__isnull=False),
                name="provider_staff_belong_to_a_provider",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["school_administrator", "district_administrator"]) | Q(organization__isnull=False),
                name="administrators_belong_to_an_organization",
            ),
            models.UniqueConstraint(
                fields=["user", "kind", "organization", "starts_on"], nulls_distinct=False, name="role_is_given_once"
            ),
        ]


class Guardianship(models.Model):
    """Which adult answers for which student, with dates. Personal data by its nature."""

    guardian = models.ForeignKey(User, models.CASCADE, related_name="wards")
    student = models.ForeignKey(User, models.CASCADE, related_name="guardians")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guardian", "student", "starts_on"], name="guardianship_is_given_once"),
            models.CheckConstraint(condition=~Q(guardian=models.F("student")), name="no_one_guards_oneself"),
        ]


class StudentCase(models.Model):
    """Which counsellor has the case of which student, with dates (`ends_on` is the first day without it). Personal data."""

    counsellor = models.ForeignKey(User, models.CASCADE, related_name="cases")
    student = models.ForeignKey(User, models.CASCADE, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["counsellor", "student", "starts_on"], name="case_is_given_once"),
            models.CheckConstraint(condition=~Q(counsellor=models.F("student")), name="no_one_counsels_oneself"),
        ]


class OneTimeSecret(models.Model):
    """What a person signs in with once, to choose a password of their own; the latest counts, to its end. Only a slow hash
    is kept. Added to; `used_at` is set once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    secret_hash = models.CharField(max_length=128)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)


class PersonalToken(models.Model):
    """A person's key to the API, with scopes and an end; it can do what the person may, and no more. Only its SHA-256 is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    label = models.CharField(max_length=100)
    scopes = models.JSONField()
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)


class IdempotentAnswer(models.Model):
    """What the API answered to a write that carried an Idempotency-Key: the same request again is answered with it.

    Written in the transaction of the write itself. Append-only. Personal data: the answer's body.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField(null=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_is_used_once")]


class ApiToken(models.Model):
    """A provider's key to the intake. Only its SHA-256 is kept; shown once, revoked by date."""

    provider = models.ForeignKey(Organization, models.PROTECT, related_name="tokens")
    label = models.CharField(max_length=100)
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)


class StudentLook(models.Model):
    """One look at a student's name from the office: who, whom, why, when. Append-only; written by
    `audit.look_up_student` alone (database/guards.sql), so a name cannot be read without it."""

    viewer_id = models.BigIntegerField()
    student_id = models.BigIntegerField()
    purpose = models.TextField()
    looked_at = models.DateTimeField(db_default=Now(), editable=False)
