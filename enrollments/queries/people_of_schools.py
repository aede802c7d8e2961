"""The people of schools: who is appointed, taught, teaching, a guardian or a counsellor there, now or from a day on."""

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import connection

# Whoever belongs to one of the places, with the role in which; a relation that is past belongs nowhere. Parameters: places (ids
# of schools and districts), day.
BELONGS = """
    SELECT user_id, kind, organization_id AS place FROM learning.people_role
    WHERE organization_id = ANY (%(places)s) AND (ends_on IS NULL OR ends_on > %(day)s)
    UNION SELECT student_id, 'student', school_id FROM learning.enrollments_schoolenrollment
    WHERE school_id = ANY (%(places)s) AND (ends_on IS NULL OR ends_on > %(day)s)
    UNION SELECT e.educator_id, 'teacher', s.school_id FROM learning.enrollments_sectioneducator e
    JOIN learning.enrollments_section s ON s.id = e.section_id
    WHERE s.school_id = ANY (%(places)s) AND (e.ends_on IS NULL OR e.ends_on > %(day)s)
    UNION SELECT g.guardian_id, 'guardian', s.school_id FROM learning.people_guardianship g
    JOIN learning.enrollments_schoolenrollment s USING (student_id)
    WHERE s.school_id = ANY (%(places)s) AND (s.ends_on IS NULL OR s.ends_on > %(day)s) AND (g.ends_on IS NULL OR g.ends_on > %(day)s)
    UNION SELECT c.counsellor_id, 'counsellor', s.school_id FROM learning.people_studentcase c
    JOIN learning.enrollments_schoolenrollment s USING (student_id)
    WHERE s.school_id = ANY (%(places)s) AND (s.ends_on IS NULL OR s.ends_on > %(day)s) AND (c.ends_on IS NULL OR c.ends_on > %(day)s)
"""
PAGE = 50


@dataclass(frozen=True, slots=True)
class Person:
    """`kinds` are Role.Kind values in which the person belongs to the places asked about."""

    id: int
    uuid: uuid.UUID
    name: str
    username: str
    kinds: list[str]


@dataclass(frozen=True, slots=True)
class PageOfPeople:
    """`count` is of all that match; pages are numbered from 1."""

    people: list[Person] = field(default_factory=list)
    count: int = 0


def people_of(
    *, places: Collection[int], day: datetime.date, kind: str = "", words: str = "", page: int = 1, person: uuid.UUID | None = None
) -> PageOfPeople:
    """By name, PAGE at a time: those in a role on request, those whose name or username holds `words`, or one person. Expects to
    run under area_learning."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT u.id, u.uuid, coalesce(nullif(u.full_name, ''), u.username), u.username, array_agg(DISTINCT b.kind::text), "
            f"count(*) OVER () FROM ({BELONGS}) b JOIN learning.people_user u ON u.id = b.user_id "
            "WHERE (%(person)s::uuid IS NULL OR u.uuid = %(person)s) "
            "AND (%(words)s = '' OR strpos(lower(u.full_name || ' ' || u.username), %(words)s) > 0) "
            "GROUP BY u.id HAVING %(kind)s = '' OR %(kind)s = ANY (array_agg(b.kind::text)) "
            "ORDER BY 3, u.id LIMIT %(limit)s OFFSET %(offset)s",
            {
                "places": list(places),
                "day": day,
                "person": person,
                "kind": kind,
                "words": words.strip().lower(),
                "limit": PAGE,
                "offset": (max(page, 1) - 1) * PAGE,
            },
        )
        found = cursor.fetchall()
    return PageOfPeople([Person(*row[:5]) for row in found], found[0][5] if found else 0)


@dataclass(frozen=True, slots=True)
class Held:
    """One thing that a person holds or that is held for them. `what` is a key of people.actions.end_relation.RELATIONS; `name` is
    the place, or the other person; `other` leads to them while the relation lives, by which they are in reach."""

    what: str
    key: int
    kind: str
    name: str
    other: uuid.UUID | None
    starts_on: datetime.date
    ends_on: datetime.date | None


HELD = """
    SELECT 'role', r.id, r.kind, coalesce(o.name, ''), NULL::uuid, r.starts_on, r.ends_on
    FROM learning.people_role r LEFT JOIN learning.people_organization o ON o.id = r.organization_id
    WHERE r.user_id = %(person)s AND (r.organization_id IS NULL OR r.organization_id = ANY (%(places)s))
    UNION ALL SELECT 'guardianship', g.id, CASE WHEN g.student_id = %(person)s THEN 'guardian' ELSE 'ward' END,
           coalesce(nullif(u.full_name, ''), u.username), CASE WHEN g.ends_on <= %(day)s THEN NULL ELSE u.uuid END,
           g.starts_on, g.ends_on
    FROM learning.people_guardianship g
    JOIN learning.people_user u ON u.id = CASE WHEN g.student_id = %(person)s THEN g.guardian_id ELSE g.student_id END
    WHERE (g.student_id = %(person)s OR g.guardian_id = %(person)s) AND g.student_id IN (SELECT student_id FROM own)
    UNION ALL SELECT 'case', c.id, CASE WHEN c.student_id = %(person)s THEN 'counsellor' ELSE 'case' END,
           coalesce(nullif(u.full_name, ''), u.username), CASE WHEN c.ends_on <= %(day)s THEN NULL ELSE u.uuid END,
           c.starts_on, c.ends_on
    FROM learning.people_studentcase c
    JOIN learning.people_user u ON u.id = CASE WHEN c.student_id = %(person)s THEN c.counsellor_id ELSE c.student_id END
    WHERE (c.student_id = %(person)s OR c.counsellor_id = %(person)s) AND c.student_id IN (SELECT student_id FROM own)
"""


def held_by(*, person_id: int, places: Collection[int], day: datetime.date) -> list[Held]:
    """What the person holds at these places and towards their students, and what is held for a student; what has ended too, the
    living first. Expects to run under area_learning."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH own AS (SELECT DISTINCT student_id FROM learning.enrollments_schoolenrollment WHERE school_id = ANY (%(places)s) "
            f"AND (ends_on IS NULL OR ends_on > %(day)s)) SELECT * FROM ({HELD}) h ORDER BY 7 IS NOT NULL, 7 DESC NULLS FIRST, 4, 2",
            {"person": person_id, "places": list(places), "day": day},
        )
        return [Held(*row) for row in cursor.fetchall()]


def emails_of(person_id: int) -> str:
    """The address by which a school's own sign-on finds the person; empty where there is none. Expects area_learning."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT email FROM learning.account_emailaddress WHERE user_id = %s ORDER BY id LIMIT 1", [person_id])
        found = cursor.fetchone()
    return found[0] if found else ""
