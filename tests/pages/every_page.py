"""Every page of the learning site, who may do what with it, and the grounds on which it is looked at.

A new page gets a line in TABLE. Where its address names something new, `a_ground()` makes one and puts it into `names`; the
walks over every page (`test_every_page.py`, `test_no_amount.py`, `test_every_page_in_a_browser.py`) then cover it by themselves.
"""

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.urls import get_resolver
from django.urls.resolvers import URLPattern
from django.utils import timezone

from competencies.actions.record_judgments import NewJudgment, record_judgments
from competencies.models import Competency
from pathways.actions.ask_for_assessment import ask_for_assessment
from pathways.actions.cover_competencies import cover_competencies
from pathways.actions.share_summary import share_summary
from people.actions.give_case import give_cases
from people.models import User
from tests import build_learning
from tests.api.world import World, a_world

SITE = "config.urls_learning"
API = "api/v1/"
METHODS = ("get", "post")

READERS = "student guardian teacher counsellor school_administrator district_administrator"
LEARNING = f"{READERS} other_teacher nobody_now provider_staff"
EVERYBODY = f"{LEARNING} finance_officer payment_releaser auditor"
STAFF = "teacher other_teacher counsellor school_administrator district_administrator"
WITHDRAWERS = "teacher counsellor school_administrator"
# Whoever comes, signed in or not.
ANYBODY = f"nobody {EVERYBODY}"
PLANNERS = "student teacher counsellor"
ADMINISTRATORS = "school_administrator district_administrator"
KEEPERS = "counsellor school_administrator"
ADMINISTRATORS = "school_administrator district_administrator"
PEOPLE_DEEDS = ("appoint", "end", "guardian", "case", "email", "secret")
PLAN = "students/<uuid:student>/plan/"
CELL = f"{PLAN}<uuid:competency>/"
JUDGING = "inbox/<uuid:student>/<uuid:competency>/"

# {route: {method: the roles that may}}. "nobody" is not signed in; "nobody_now" was the student's guardian until yesterday.
TABLE: dict[str, dict[str, str]] = {
    "": {"get": EVERYBODY},
    "sign-in/": {"get": ANYBODY, "post": ANYBODY},
    "sign-in/class/": {"get": ANYBODY, "post": ANYBODY},
    "sign-in/school/": {"get": ANYBODY},
    "sign-in/school/back/": {"get": ANYBODY},
    "sign-in/code/": {"get": ANYBODY, "post": ANYBODY},
    # For those who have a password or a second factor, which nobody of these grounds has.
    "sign-in/again/": {"get": "", "post": ""},
    "sign-in/again/code/": {"get": "", "post": ""},
    "your-sign-in/": {"get": EVERYBODY},
    "your-sign-in/password/": {"get": EVERYBODY, "post": EVERYBODY},
    "your-sign-in/app/": {"get": EVERYBODY, "post": EVERYBODY},
    "your-sign-in/app/remove/": {"get": EVERYBODY, "post": EVERYBODY},
    "your-sign-in/recovery-codes/": {"get": EVERYBODY},
    "your-sign-in/recovery-codes/new/": {"get": EVERYBODY, "post": EVERYBODY},
    "sign-out/": {"post": EVERYBODY},
    "language/": {"post": ANYBODY},
    "people/": {"get": ADMINISTRATORS, "post": ADMINISTRATORS},
    "people/new/": {"get": ADMINISTRATORS, "post": ADMINISTRATORS},
    "people/<uuid:person>/": {"get": ADMINISTRATORS},
    **{f"people/<uuid:person>/{deed}/": {"post": ADMINISTRATORS} for deed in PEOPLE_DEEDS},
    "classes/<uuid:section>/": {"get": "teacher"},
    "classes/<uuid:section>/judgements/": {"post": "teacher"},
    "classes/<uuid:section>/foreseen/": {"post": "teacher"},
    "classes/<uuid:section>/undone/": {"post": "teacher"},
    "classes/<uuid:section>/competencies/<uuid:competency>/": {"get": "teacher"},
    "classes/<uuid:section>/students/<uuid:student>/": {"get": "teacher"},
    "classes/<uuid:section>/cells/<uuid:student>/<uuid:competency>/": {"get": "teacher"},
    "classes/<uuid:section>/secrets/": {"get": "teacher", "post": "teacher"},
    "inbox/": {"get": "teacher other_teacher"},
    JUDGING: {"get": "teacher", "post": "teacher"},
    f"{JUDGING}anchors/<uuid:anchor>/": {"post": "teacher"},
    "classes/<uuid:section>/flow/": {"get": "teacher"},
    "classes/<uuid:section>/flow/<slug:part>.csv": {"get": "teacher"},
    "search/": {"get": STAFF, "post": STAFF},
    f"{CELL}judgements/<int:number>/withdraw/": {"get": WITHDRAWERS, "post": WITHDRAWERS},
    "stalled/": {"get": "teacher other_teacher"},
    "second-ratings/": {"get": "teacher other_teacher"},
    "second-ratings/<uuid:rating>/": {"get": "other_teacher", "post": "other_teacher"},
    "frameworks/": {"get": LEARNING},
    "frameworks/bring/": {"get": "district_administrator", "post": "district_administrator"},
    "frameworks/<uuid:framework>/": {"get": LEARNING},
    "plan/": {"get": "student"},
    PLAN: {"get": READERS},
    f"{PLAN}summary/": {"get": READERS},
    f"{PLAN}credit/": {"get": READERS},
    "students/<uuid:student>/portfolio/": {"get": "student guardian counsellor school_administrator"},
    f"{PLAN}sharing/": {"get": "student guardian counsellor school_administrator", "post": "guardian"},
    f"{PLAN}sharing/<uuid:shared>/end/": {"post": "student guardian counsellor school_administrator"},
    "shared/<slug:token>/": {"get": ANYBODY},
    f"{PLAN}goals/": {"post": PLANNERS},
    f"{PLAN}goals/<uuid:goal>/end/": {"post": PLANNERS},
    CELL: {"get": READERS},
    f"{CELL}evidence/": {"post": PLANNERS},
    f"{CELL}ask/": {"post": "student"},
    f"{CELL}requests/<uuid:asked>/take-back/": {"post": "student"},
    f"{CELL}place/": {"post": PLANNERS},
    "schools/": {"get": ADMINISTRATORS},
    "schools/roster/": {"get": ADMINISTRATORS, "post": ADMINISTRATORS},
    "schools/<uuid:school>/": {"get": ADMINISTRATORS},
    "schools/<uuid:school>/waivers/": {"get": ADMINISTRATORS, "post": "district_administrator"},
    "classes/<uuid:section>/people/": {"get": ADMINISTRATORS},
    "classes/<uuid:section>/people/join/": {"post": ADMINISTRATORS},
    "classes/<uuid:section>/people/leave/": {"post": ADMINISTRATORS},
    "students/": {"get": KEEPERS, "post": KEEPERS},
    "students/table/": {"get": KEEPERS},
    "students/plans/": {"post": KEEPERS},
    "credit/due/": {"get": f"teacher other_teacher {KEEPERS}", "post": f"teacher other_teacher {KEEPERS}"},
    "students/<uuid:student>/credit/": {"get": KEEPERS},
    "students/<uuid:student>/credit/<uuid:award>/revoke/": {"post": KEEPERS},
    "students/<uuid:student>/placement/": {"get": KEEPERS},
    "students/<uuid:student>/placement/bring/": {"post": KEEPERS},
    "students/<uuid:student>/placement/decide/": {"post": KEEPERS},
}
# Parts of another page that a script fetches, and tables to download: never a document of their own.
PARTS = {
    "classes/<uuid:section>/cells/<uuid:student>/<uuid:competency>/",
    "classes/<uuid:section>/flow/<slug:part>.csv",
    "students/table/",
}
MANY = 60


@dataclass
class Ground:
    """`people` by role; `names` fills the parts of a route; `sent` by route is what is posted there where a page reads it
    before it asks who may: the keywords of the test client's `post`."""

    people: dict[str, User]
    names: dict[str, Any]
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    # What the API's tests have of the same student.
    world: World | None = None
    # The code of the course of the student's class.
    course: str = ""
    # The addresses outside this site to which its people themselves have linked.
    elsewhere: set[str] = field(default_factory=set)

    def filled(self, route: str) -> str | None:
        """The address of a route; None where this ground lacks something that it names."""
        for part, value in self.names.items():
            route = route.replace(part, str(value))
        return None if "<" in route else f"/{route}"


def routes(patterns: Any = None, at: str = "") -> set[str]:
    """Every route of the URL configuration that is none of the API's."""
    found = set()
    for one in get_resolver(SITE).url_patterns if patterns is None else patterns:
        route = at + str(one.pattern)
        if isinstance(one, URLPattern):
            found.add(route)
        else:
            found |= routes(one.url_patterns, route)
    return {route for route in found if not route.startswith(API)}


def a_ground() -> Ground:
    """A student with everyone around, and one of each thing that an address of a page can name."""
    world = a_world()
    section = world.people["teacher"].taught_sections.get().section
    columns = Competency.objects.filter(framework__uuid=world.names["<uuid:framework>"])
    cover_competencies(course_id=section.course_id, competency_ids=[one.pk for one in columns])
    cell = {"student": str(world.names["<uuid:student>"]), "competency": str(world.names["<uuid:competency>"]), "level": 2}
    key = str(uuid.uuid4())
    judged = {"cells": [cell | {"worked_on": build_learning.START.isoformat(), "seen": "", "key": key}], "account": "nobody's"}
    grid = {"judgements": judged, "foreseen": judged, "undone": {"keys": [key], "account": "nobody's"}}
    sent = {f"classes/<uuid:section>/{to}/": {"data": body, "content_type": "application/json"} for to, body in grid.items()}
    named = {"<uuid:person>": world.names["<uuid:student>"], "<int:number>": world.judgment, "<slug:part>": "weeks"}
    return Ground(world.people, world.names | a_shared_link(world) | named, sent, world, section.course.code)


def a_shared_link(world: Any) -> dict[str, Any]:
    """The student's summary, shared by the guardian."""
    student, guardian = world.people["student"].pk, world.people["guardian"].pk
    shared, token = share_summary(student_id=student, made_by=guardian, shown_name="Q", days=30, at=timezone.now())
    return {"<uuid:shared>": shared.uuid, "<slug:token>": token}


def an_empty_ground() -> Ground:
    """Everybody on the first day: nobody has a class, a case or a ward, and a student has no record; only the class, which
    has nobody in it, is there to be opened."""
    school = build_learning.school("EMPTY", "EMPTY")
    student, teacher = build_learning.student(school), build_learning.teacher()
    people = {
        "student": student,
        "teacher": teacher,
        "other_teacher": build_learning.teacher(),
        **{kind: build_learning.person(kind) for kind in ("guardian", "counsellor")},
        "school_administrator": build_learning.administrator(build_learning.school("EMPTY-2", "EMPTY-2")),
        "district_administrator": build_learning.administrator(school.district),
    }
    section = build_learning.section([], teacher, school_code="EMPTY")
    return Ground(people, {"<uuid:student>": student.uuid, "<uuid:person>": teacher.uuid, "<uuid:section>": section.uuid})


def a_large_ground() -> Ground:
    """More students than a page shows, in one class, one counsellor's cases and one school; each with something on record."""
    build_learning.school("LARGE", "LARGE")
    teacher, students, section = build_learning.class_of(MANY, school_code="LARGE")
    _, columns = build_learning.framework(12, title="Many numbers")
    cover_competencies(course_id=section.course_id, competency_ids=[one.pk for one in columns])
    judged = [NewJudgment(one.pk, columns[0].pk, 1 + one.pk % 4, build_learning.day(3)) for one in students]
    record_judgments(judged_by=teacher.pk, at=build_learning.noon(4), judgments=judged)
    for one in students:
        ask_for_assessment(student_id=one.pk, competency_id=columns[1].pk, asked_by=one.pk, at=build_learning.noon(5))
    counsellor = build_learning.counsellor(students[0])
    give_cases(counsellor_id=counsellor.pk, student_ids=[one.pk for one in students[1:]], starts_on=build_learning.START)
    people = {
        "student": students[0],
        "teacher": teacher,
        "counsellor": counsellor,
        "school_administrator": build_learning.administrator(section.school),
        "district_administrator": build_learning.administrator(section.school.district),
    }
    names = {
        "<uuid:student>": students[0].uuid,
        "<uuid:person>": students[0].uuid,
        "<uuid:section>": section.uuid,
        "<uuid:competency>": columns[0].uuid,
        "<uuid:school>": section.school.uuid,
        "<uuid:framework>": columns[0].framework.uuid,
    }
    return Ground(people, names)
