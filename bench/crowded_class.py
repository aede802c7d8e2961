"""A class of 500 students with a school year of judgements, and everyone who opens its pages: invented, the same for the same seed.

Everything enters by the product's own actions. Sixty competencies, six a month, each judged twice; three works a student.
"""

import datetime
import random
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction

from bench.report import progress
from competencies.actions.open_scale import default_scale
from competencies.actions.record_evidence import record_evidence
from competencies.actions.record_judgments import MOST_AT_ONCE, NewJudgment, record_judgments
from competencies.models import Competency, Framework
from enrollments.models import Course, SchoolEnrollment, SchoolYear, Section, SectionEducator, SectionStudent, Term
from pathways.actions.ask_for_assessment import ask_for_assessment
from pathways.actions.cover_competencies import cover_competencies
from pathways.actions.open_plan import open_plans
from people.models import Guardianship, Organization, Role, StudentCase, User

SEED = 20260701
STUDENTS, COMPETENCIES, MONTHS, WORKS, ASK = 500, 60, 10, 3, 120
TEACHERS, LEARNERS, GUARDIANS, COUNSELLORS = 14, 20, 4, 2
TODAY = datetime.datetime.now(datetime.UTC)
STARTS = TODAY.date() - datetime.timedelta(days=300)


@dataclass(frozen=True)
class Visitor:
    """Who opens pages: the role, the account, the key of a session that is signed in, and whom or what it is about."""

    role: str
    user_id: int
    session: str
    # A teacher's own columns; nobody else judges in them, so each edit is known by whose it is.
    columns: tuple[uuid.UUID, ...]
    students: tuple[uuid.UUID, ...]


@dataclass(frozen=True)
class CrowdedClass:
    section: uuid.UUID
    visitors: list[Visitor]


def grow() -> CrowdedClass:
    """The class in an empty, migrated database, and a session for each of the visitors."""
    chance = random.Random(SEED)
    with transaction.atomic():
        people = _people()
        columns = _columns()
        section = _class(people, columns)
        open_plans(school_id=section.school_id, at=_at(STARTS))
        _year(people, columns, chance)
    return CrowdedClass(section.uuid, _visitors(people, columns, chance))


def _at(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(12), tzinfo=datetime.UTC)


def _made(kind: str, count: int) -> list[User]:
    names = (f"{kind.title()} {number:03}" for number in range(1, count + 1))
    made = User.objects.bulk_create(User(username=name.lower().replace(" ", "-"), full_name=name, password="!") for name in names)
    Role.objects.bulk_create(Role(user=one, kind=kind, starts_on=STARTS) for one in made)
    return made


def _people() -> dict[str, list[User]]:
    counts = {"student": STUDENTS, "teacher": TEACHERS, "guardian": GUARDIANS, "counsellor": COUNSELLORS}
    people = {kind: _made(kind, count) for kind, count in counts.items()}
    for one, ward in zip(people["guardian"], people["student"], strict=False):
        Guardianship.objects.create(guardian=one, student=ward, starts_on=STARTS)
    StudentCase.objects.bulk_create(
        StudentCase(counsellor=people["counsellor"][number % COUNSELLORS], student=one, starts_on=STARTS)
        for number, one in enumerate(people["student"])
    )
    return people


def _columns() -> list[Competency]:
    scale = default_scale(at=_at(STARTS))
    framework = Framework.objects.create(uuid=uuid.uuid4(), title="Mathematics of the bench", scale=scale)
    return Competency.objects.bulk_create(
        Competency(
            framework=framework, uuid=uuid.uuid4(), position=number, code=f"M.{number}", content_sha256=f"{number:064}",
            statement=f"Can solve problems of kind {number}, and says in words why the way taken leads to the solution.",
        )
        for number in range(1, COMPETENCIES + 1)
    )  # fmt: skip


def _class(people: dict[str, list[User]], columns: list[Competency]) -> Section:
    district = Organization.objects.create(kind="district", code="D", name="District of the bench")
    school = Organization.objects.create(kind="school", code="S", name="School of the bench", district=district)
    ends = STARTS + datetime.timedelta(days=400)
    year = SchoolYear.objects.create(code="bench", starts_on=STARTS, ends_on=ends)
    term = Term.objects.create(school_year=year, code="year", starts_on=STARTS, ends_on=ends)
    course = Course.objects.create(catalogue="bench", code="M", title="Mathematics")
    section = Section.objects.create(
        school=school, course=course, term=term, code="M-1", title="Mathematics, everybody", sign_in_code="bench", sign_in_salt="bench"
    )
    SectionEducator.objects.bulk_create(
        SectionEducator(section=section, educator=one, kind="teacher", starts_on=STARTS) for one in people["teacher"]
    )
    SectionStudent.objects.bulk_create(SectionStudent(section=section, student=one, starts_on=STARTS) for one in people["student"])
    SchoolEnrollment.objects.bulk_create(
        SchoolEnrollment(student=one, school=school, grade=8, starts_on=STARTS) for one in people["student"]
    )
    cover_competencies(course_id=course.pk, competency_ids=[one.pk for one in columns])
    return section


def _year(people: dict[str, list[User]], columns: list[Competency], chance: random.Random) -> None:
    students = people["student"]
    a_month = COMPETENCIES // MONTHS
    for month in range(MONTHS):
        progress(f"month {month + 1} of {MONTHS}")
        taught = columns[a_month * month : a_month * (month + 1)]
        for days, ranks in ((10, (1, 2, 2, 3)), (24, (2, 3, 3, 4))):
            day = STARTS + datetime.timedelta(days=29 * month + days)
            judged = [NewJudgment(one.pk, column.pk, chance.choice(ranks), day) for one in students for column in taught]
            for start in range(0, len(judged), MOST_AT_ONCE):
                record_judgments(
                    judged_by=chance.choice(people["teacher"]).pk, at=_at(day), judgments=judged[start : start + MOST_AT_ONCE]
                )
    progress("works and requests")
    for number, one in enumerate(students):
        for work in range(WORKS):
            day = TODAY.date() - datetime.timedelta(days=1 + work * 5 + number % 5)
            record_evidence(
                student_id=one.pk, recorded_by=one.pk, kind="note", title=f"Work {work + 1}", text="What I did, and what I changed.",
                worked_on=day, at=_at(day), competency_ids=[columns[(number + work) % COMPETENCIES].pk],
            )  # fmt: skip
        if number < ASK:
            asked = columns[number % COMPETENCIES]
            ask_for_assessment(student_id=one.pk, competency_id=asked.pk, asked_by=one.pk, at=TODAY, message="I can show it now.")


def _visitors(people: dict[str, list[User]], columns: list[Competency], chance: random.Random) -> list[Visitor]:
    uuids = tuple(one.uuid for one in columns)
    everybody = tuple(one.uuid for one in people["student"])
    found = []
    for place, one in enumerate(people["teacher"]):
        found.append(Visitor("teacher", one.pk, _session(one), uuids[place::TEACHERS], everybody))
    for one in people["student"][:: STUDENTS // LEARNERS][:LEARNERS]:
        found.append(Visitor("student", one.pk, _session(one), uuids, (one.uuid,)))
    for one, ward in zip(people["guardian"], everybody, strict=False):
        found.append(Visitor("guardian", one.pk, _session(one), uuids, (ward,)))
    for place, one in enumerate(people["counsellor"]):
        found.append(Visitor("counsellor", one.pk, _session(one), uuids, everybody[place::COUNSELLORS]))
    chance.shuffle(found)
    return found


def _session(user: User) -> str:
    """A session that is signed in: the password's hash is slow on purpose, and no part of what is measured."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)
