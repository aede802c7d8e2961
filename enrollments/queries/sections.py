"""Classes and who is in them on a day."""

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F, Func, Q, QuerySet, TextField, Value

from enrollments.models import ClassSecret, Section, SectionEducator, SectionStudent
from people.models import User


@dataclass(frozen=True, slots=True)
class InClass:
    """A person of a class; `kind` is "student" or a kind of SectionEducator; `ends_on` is the first day without the class."""

    id: int
    uuid: uuid.UUID
    name: str
    kind: str
    starts_on: datetime.date
    ends_on: datetime.date | None


def students_of(*, section_id: int, day: datetime.date) -> list[InClass]:
    """By name."""
    living = SectionStudent.objects.filter(lives(day), section_id=section_id).select_related("student")
    found = [_in_class(one.student, "student", one.starts_on, one.ends_on) for one in living]
    return sorted(found, key=lambda one: (one.name, one.id))


def educators_of(*, section_id: int, day: datetime.date) -> list[InClass]:
    """By name."""
    living = SectionEducator.objects.filter(lives(day), section_id=section_id).select_related("educator")
    found = [_in_class(one.educator, one.kind, one.starts_on, one.ends_on) for one in living]
    return sorted(found, key=lambda one: (one.name, one.id))


def sections_of(*, person_id: int, school_ids: Collection[int], day: datetime.date) -> QuerySet[Section]:
    """The classes that a person teaches or is taught in on `day`, and those of the schools and the districts `school_ids`."""
    taught = SectionEducator.objects.filter(lives(day), educator_id=person_id).values("section_id")
    attended = SectionStudent.objects.filter(lives(day), student_id=person_id).values("section_id")
    administered = Q(school_id__in=school_ids) | Q(school__district_id__in=school_ids)
    found = Section.objects.filter(Q(pk__in=taught) | Q(pk__in=attended) | administered)
    return found.select_related("school", "course", "term__school_year")


def student_of_secret(*, section: Section, secret_hash: str, day: datetime.date) -> User | None:
    """Whose secret this is, where it is the latest of a student who is in the class on `day`."""
    found = ClassSecret.objects.filter(section=section, secret_hash=secret_hash).select_related("student").first()
    if found is None or not found.student.is_active or found.student.works_in_office:
        return None
    later = ClassSecret.objects.filter(section=section, student=found.student, pk__gt=found.pk).exists()
    attends = SectionStudent.objects.filter(lives(day), section=section, student=found.student).exists()
    return found.student if attends and not later else None


def lives(day: datetime.date) -> Q:
    return Q(starts_on__lte=day) & (Q(ends_on__isnull=True) | Q(ends_on__gt=day))


def natural(field: str) -> Func:
    """To order by a text with its numbers as numbers, Class 2 before Class 10: each is led by zeros to ten digits."""
    led = Func(F(field), Value(r"(\d+)"), Value(r"000000000\1"), Value("g"), function="regexp_replace", output_field=TextField())
    return Func(led, Value(r"\d*(\d{10})"), Value(r"\1"), Value("g"), function="regexp_replace", output_field=TextField())


def _in_class(person: User, kind: str, starts_on: datetime.date, ends_on: datetime.date | None) -> InClass:
    return InClass(person.pk, person.uuid, person.full_name or person.username, kind, starts_on, ends_on)
