"""Schools within a person's reach, and what a school's own page reads. Expects to run under area_learning."""

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Q, QuerySet

from enrollments.models import SchoolEnrollment, Section, SectionEducator, SectionStudent
from enrollments.queries.sections import lives, natural
from people.models import Role, User

# A school is in reach of whoever administers it or its district, teaches or attends it, or has a relation to one of its students.
_REACH = """
SELECT o.id, o.uuid, o.code, o.name, d.name, o.id = ANY (%(places)s) OR coalesce(o.district_id = ANY (%(places)s), false)
FROM learning.people_organization o LEFT JOIN learning.people_organization d ON d.id = o.district_id
WHERE o.kind = 'school' AND (
    o.id = ANY (%(places)s) OR o.district_id = ANY (%(places)s)
    OR EXISTS (SELECT FROM learning.enrollments_schoolenrollment e WHERE e.school_id = o.id
               AND e.starts_on <= %(day)s AND (e.ends_on IS NULL OR e.ends_on > %(day)s)
               AND (e.student_id = %(person)s OR e.student_id IN (
                   SELECT r.student_id FROM learning.student_relations r WHERE r.actor_id = %(person)s
                   AND r.starts_on <= %(day)s AND (r.ends_on IS NULL OR r.ends_on > %(day)s))))
    OR EXISTS (SELECT FROM learning.enrollments_sectioneducator t JOIN learning.enrollments_section s ON s.id = t.section_id
               WHERE s.school_id = o.id AND t.educator_id = %(person)s
               AND t.starts_on <= %(day)s AND (t.ends_on IS NULL OR t.ends_on > %(day)s)))
ORDER BY o.name, o.id
"""


@dataclass(frozen=True, slots=True)
class SchoolInReach:
    """A school as one person may see it; `administers`: as an administrator of it or of its district."""

    id: int
    uuid: uuid.UUID
    code: str
    name: str
    district: str
    administers: bool


def schools_reached(*, person_id: int, places: Collection[int], day: datetime.date) -> list[SchoolInReach]:
    """The schools in reach on `day`, by name; `places` are the schools and districts that the person administers. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_REACH, {"person": person_id, "places": list(places), "day": day})
        return [SchoolInReach(pk, key, code, name, district or "", own) for pk, key, code, name, district, own in cursor.fetchall()]


def accounts_elsewhere(*, usernames: Collection[str], school_ids: Collection[int]) -> set[str]:
    """Those on file that neither attend nor attended, teach nor taught at one of these schools, and hold no role at one. Four
    queries, whatever their number."""
    on_file = dict(User.objects.filter(username__in=usernames).values_list("id", "username"))
    here = set(SchoolEnrollment.objects.filter(student__in=on_file, school__in=school_ids).values_list("student_id", flat=True))
    here |= set(
        SectionEducator.objects.filter(educator__in=on_file, section__school__in=school_ids).values_list("educator_id", flat=True)
    )
    here |= set(Role.objects.filter(user__in=on_file, organization__in=school_ids).values_list("user_id", flat=True))
    return {name for person, name in on_file.items() if person not in here}


def classes_of_school(school_id: int, day: datetime.date) -> QuerySet[Section]:
    """Its classes, the latest term first, each with `students_today` and `educators_today`."""
    living = Q(students__starts_on__lte=day) & (Q(students__ends_on__isnull=True) | Q(students__ends_on__gt=day))
    teaching = Q(educators__starts_on__lte=day) & (Q(educators__ends_on__isnull=True) | Q(educators__ends_on__gt=day))
    counted = Section.objects.filter(school_id=school_id).annotate(
        students_today=Count("students__student", filter=living, distinct=True),
        educators_today=Count("educators__educator", filter=teaching, distinct=True),
    )
    return counted.select_related("course", "term__school_year").order_by("-term__starts_on", natural("title"), "id")


@dataclass(frozen=True, slots=True)
class PeopleOfClass:
    """Everybody who was, is or will be in a class, by name; `free` are students of its school who are not in it on the day."""

    students: list[SectionStudent]
    educators: list[SectionEducator]
    free: list[User]


def people_of_class(section: Section, day: datetime.date) -> PeopleOfClass:
    """Three queries, whatever the number of people."""
    students = list(SectionStudent.objects.filter(section=section).select_related("student"))
    educators = list(SectionEducator.objects.filter(section=section).select_related("educator"))
    there = {one.student_id for one in students if one.ends_on is None or one.ends_on > day}
    at_school = SchoolEnrollment.objects.filter(lives(day), school=section.school_id).values("student_id")
    free = User.objects.filter(pk__in=at_school).exclude(pk__in=there)
    return PeopleOfClass(
        students=sorted(students, key=lambda one: (named(one.student), one.starts_on)),
        educators=sorted(educators, key=lambda one: (named(one.educator), one.starts_on)),
        free=sorted(free, key=named),
    )


def named(person: User) -> str:
    """The name by which a person is listed."""
    return person.full_name or person.username
