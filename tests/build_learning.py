"""Plain builders of the learning record for tests: every keyword has a default, everything is really written.

`student()`, `teacher()` and the like are people with their role; `section(...)` puts them into a class, which is what
relates them. `framework(3)` has three competencies; `judge(...)` goes through the action, as everything that has a rule.
"""

import datetime
import itertools
import uuid

from competencies.actions.open_scale import default_scale, open_scale
from competencies.actions.record_judgments import NewJudgment, record_judgments
from competencies.models import Competency, Framework
from enrollments.models import Course, SchoolEnrollment, SchoolYear, Section, SectionEducator, SectionStudent, Term
from people.models import Guardianship, Organization, Role, StudentCase, User

_numbers = itertools.count(1)

START = datetime.date(2025, 9, 1)
NOON = datetime.datetime(2025, 9, 1, 12, tzinfo=datetime.UTC)


def day(number):
    """Day `number` of the tests' school year; START is day 1."""
    return START + datetime.timedelta(days=number - 1)


def noon(number):
    """Noon UTC of day `number`."""
    return NOON + datetime.timedelta(days=number - 1)


def person(kind=None, organization=None, name="", starts_on=datetime.date(2020, 1, 1), ends_on=None):
    """A user, with the role `kind` where one is given."""
    number = next(_numbers)
    made = User.objects.create(username=f"{kind or 'person'}-{number}", full_name=name or f"{kind or 'Person'} {number}", password="!")
    if kind:
        Role.objects.create(user=made, kind=kind, organization=organization, starts_on=starts_on, ends_on=ends_on)
    return made


def student(school=None, grade=8, **fields):
    made = person("student", **fields)
    if school:
        SchoolEnrollment.objects.create(student=made, school=school, grade=grade, starts_on=datetime.date(2020, 1, 1))
    return made


def teacher(**fields):
    return person("teacher", **fields)


def district(code="D1"):
    return Organization.objects.get_or_create(kind="district", code=code, defaults={"name": f"District {code}"})[0]


def school(code="S1", district_code="D1"):
    wanted = {"name": f"School {code}", "district": district(district_code)}
    return Organization.objects.get_or_create(kind="school", code=code, defaults=wanted)[0]


def administrator(of):
    """A school's or district's administrator, by the kind of `of`."""
    return person(f"{of.kind}_administrator", organization=of)


def guardian(of, starts_on=datetime.date(2020, 1, 1), ends_on=None):
    made = person("guardian")
    Guardianship.objects.create(guardian=made, student=of, starts_on=starts_on, ends_on=ends_on)
    return made


def counsellor(of, starts_on=datetime.date(2020, 1, 1), ends_on=None):
    made = person("counsellor")
    StudentCase.objects.create(counsellor=made, student=of, starts_on=starts_on, ends_on=ends_on)
    return made


def term():
    year, _ = SchoolYear.objects.get_or_create(code="2025-26", defaults={"starts_on": START, "ends_on": datetime.date(2026, 6, 30)})
    return Term.objects.get_or_create(
        school_year=year, code="all", defaults={"starts_on": START, "ends_on": datetime.date(2026, 6, 30)}
    )[0]


def section(students=(), educator=None, school_code="S1", course=None, starts_on=datetime.date(2020, 1, 1), ends_on=None):
    """A class of `students`, who are at its school too, taught by `educator` (a new teacher unless given)."""
    number = next(_numbers)
    course = course or Course.objects.create(catalogue="school", code=f"C{number}", title=f"Course {number}")
    made = Section.objects.create(
        school=school(school_code),
        course=course,
        term=term(),
        code=f"K{number}",
        title=f"Class {number}",
        sign_in_code=f"code-{number}",
        sign_in_salt=f"salt-{number}",
    )
    SectionEducator.objects.create(section=made, educator=educator or teacher(), kind="teacher", starts_on=starts_on, ends_on=ends_on)
    for one in students:
        SectionStudent.objects.create(section=made, student=one, starts_on=starts_on, ends_on=ends_on)
        if not SchoolEnrollment.objects.filter(student=one, school=made.school).exists():
            SchoolEnrollment.objects.create(student=one, school=made.school, grade=8, starts_on=starts_on)
    return made


def class_of(count=1, **fields):
    """(teacher, students, section)."""
    educator, students = teacher(), [student() for _ in range(count)]
    return educator, students, section(students, educator, **fields)


def scale(labels=("Beginning", "Developing", "Proficient", "Advanced"), proficient_rank=3, method="most_recent", **parameters):
    """Version 1 of a new scale."""
    number = next(_numbers)
    return open_scale(
        code=f"scale-{number}",
        title=f"Scale {number}",
        levels=[{"label": label} for label in labels],
        proficient_rank=proficient_rank,
        method=method,
        parameters=parameters,
        at=NOON - datetime.timedelta(days=1000),
    )


def framework(competencies=1, version=None, title="Numbers", **fields):
    """(framework, its competencies in order) on the scale of `version`, else on the default scale."""
    made = Framework.objects.create(
        uuid=uuid.uuid4(), title=title, scale=version.scale if version else default_scale(at=NOON - datetime.timedelta(days=1000))
    )
    rows = [competency(made, position=position, **fields) for position in range(1, competencies + 1)]
    return made, rows


def competency(of, position=1, **fields):
    number = next(_numbers)
    wanted = {"code": f"N.{number}", "statement": f"Can do thing {number}.", "content_sha256": f"{number:064}"}
    return Competency.objects.create(framework=of, uuid=uuid.uuid4(), position=position, **wanted | fields)


def judge(by, student, competency, rank, on=1, recorded=None, **fields):
    """One judgement of work of day `on`, recorded at noon of day `recorded` (the same unless given); its id."""
    new = NewJudgment(student.pk, competency.pk, rank, day(on), **fields)
    return record_judgments(judged_by=by.pk, at=noon(recorded or on), judgments=[new])[0]
