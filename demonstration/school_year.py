"""The learning side of the demonstration: schools, classes, a year of judgements, plans and credit, grown from a fixed seed.

Everything enters by the actions that a school would use. All of it is invented, the frameworks too.
"""

import datetime
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from django.db import transaction

from competencies.actions.import_framework import import_package
from competencies.actions.record_evidence import record_evidence
from competencies.actions.record_judgments import NewJudgment, record_judgments
from competencies.models import Competency, EvidenceVersion
from competencies.queries.levels import levels_now
from database.areas import acting_as
from demonstration.state import CATALOGUE, YEAR_STARTS
from enrollments.models import Assignment, Course, Module, SchoolEnrollment, SchoolYear, Section, SectionEducator, SectionStudent, Term
from pathways.actions.ask_for_assessment import ask_for_assessment
from pathways.actions.award_credit import award_credit
from pathways.actions.choose_plan_items import PlanChoice, choose_plan_items
from pathways.actions.cover_competencies import cover_competencies
from pathways.actions.link_resources import NewResource, link_resources, practise
from pathways.actions.open_plan import open_plans
from pathways.actions.run_diagnostic import DiagnosticResult, run_diagnostic
from pathways.actions.set_criteria import set_criteria
from pathways.actions.set_goal import set_goal
from pathways.actions.set_requirement import set_requirement
from pathways.actions.waive_seat_time import waive_seat_time
from pathways.queries.credit import due_awards
from people.actions.appoint import appoint
from people.actions.found_school import found_school
from people.models import Organization, User

SEED = 20260702
FRAMEWORKS = Path(__file__).parent / "frameworks"
TITLES = {"mathematics": "Mathematics, grades 5 to 9", "english": "English, grade 9", "lifelong": "Lifelong learning"}
# code: (name, district)
SCHOOLS = {
    "RIVER": ("River Bend School", "D-NORTH"),
    "LAKE": ("Lakeside School", "D-LAKES"),
    "HILL": ("Hilltop School", "D-HILLS"),
}
# {course: {module: its competencies}}; a class works through them in this order.
COVERED = {
    "ALG1": {
        "M1": ("8.NS.1", "8.EE.1", "8.EE.2", "8.EE.3"),
        "M2": ("8.FN.1", "8.FN.2", "9.LF.1", "9.LF.2", "9.LF.3"),
        "M3": ("9.QF.1", "9.QF.2", "9.QF.3"),
        "M4": ("9.EX.1", "9.EX.2", "9.ST.1", "9.ST.2"),
    },
    "ENG9": {"M1": ("R.1", "R.2", "R.3"), "M2": ("R.4",), "M3": ("W.1", "W.2", "W.3"), "M4": ("W.4", "S.1", "S.2")},
}
LIFELONG = ("LL.1", "LL.2", "LL.3", "LL.4", "LL.5", "LL.6")
EARLIER = ("5.FR.1", "5.FR.2", "6.RP.1", "6.RP.2", "7.RP.1", "7.EE.2")
IN_A_CLASS, CLASSES_A_TEACHER = 30, 5
MONTHS = 10
YEAR_ENDS = datetime.date(2026, 6, 30)
WORK = ("Problem set", "Project", "Exit ticket", "Presentation", "Notebook page", "Lab report")


@dataclass(frozen=True)
class ClassGroup:
    """Thirty students who share two classes, and who teaches each: {course code: user id}."""

    number: int
    school: Organization
    student_ids: tuple[int, ...]
    teachers: dict[str, int]


@dataclass(frozen=True)
class Grown:
    judgments: int
    classes: int


def grow(*, teacher_id: int, progress: Callable[[int, int], None]) -> Grown:
    """The school year of every student of the demonstration state; `teacher_id` teaches algebra to its first classes.

    Grown before, nothing is added. `progress` is told how many groups of how many are done.
    """
    with acting_as("area_learning"):
        if Section.objects.exists():
            return Grown(0, Section.objects.count())
    chance = random.Random(SEED)  # noqa: S311 - a repeatable demonstration, not a secret
    with transaction.atomic():
        competencies = _frameworks()
        _courses(competencies)
        groups = _groups(teacher_id)
        _plans(groups)
        judgments = 0
        done = 0
        for _, together in groupby(groups, key=lambda group: tuple(group.teachers.values())):
            block = list(together)
            judgments += _year_of(block, competencies, chance)
            done += len(block)
            progress(done, len(groups))
        for group in groups[:: max(1, len(groups) // len(SCHOOLS))][: len(SCHOOLS)]:
            _care_for(group, competencies, chance)
        _rules_of_the_schools(competencies)
        _award(groups[0], at=_at(YEAR_ENDS, 12))
    return Grown(judgments, 2 * len(groups))


def _at(day: datetime.date, hour: int = 15) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(hour), tzinfo=datetime.UTC)


def _month(number: int) -> datetime.date:
    """The 20th of the school year's month `number`, from 0."""
    return datetime.date(YEAR_STARTS.year + (YEAR_STARTS.month + number > 12), (YEAR_STARTS.month + number - 1) % 12 + 1, 20)


def _frameworks() -> dict[str, int]:
    """{code: competency id} of the three frameworks."""
    for name, title in TITLES.items():
        import_package(
            content=(FRAMEWORKS / f"{name}.csv").read_bytes(),
            title=title,
            brought_by=None,
            at=_at(YEAR_STARTS, 8),
            kind="lifelong" if name == "lifelong" else "academic",
        )
    with acting_as("area_learning"):
        return dict(Competency.objects.filter(framework__title__in=TITLES.values()).values_list("code", "id"))


def _courses(competencies: dict[str, int]) -> None:
    """What the courses cover, with a playlist and open assignments for each competency."""
    with acting_as("area_learning"):
        courses = {course.code: course for course in Course.objects.filter(catalogue=CATALOGUE, code__in=COVERED)}
        for code, modules in COVERED.items():
            for module, covered in modules.items():
                row = Module.objects.get(course=courses[code], code=module)
                ids = [competencies[name] for name in covered]
                cover_competencies(course_id=courses[code].pk, module_id=row.pk, competency_ids=ids)
                for number, name in enumerate(covered, start=1):
                    link_resources(competency_id=competencies[name], resources=_playlist(name))
                    work = Assignment.objects.filter(module=row, code=f"{module}-{number}").values_list("id", flat=True)
                    practise(competency_id=competencies[name], assignment_ids=list(work))


def _playlist(code: str) -> list[NewResource]:
    kinds = (("Introduction", "CC BY 4.0"), ("Worked examples", "CC BY-SA 4.0"), ("Practice", "CC0 1.0"))
    return [
        NewResource(f"{kind} to {code}", f"https://resources.example.org/{code}/{number}", licence)
        for number, (kind, licence) in enumerate(kinds, start=1)
    ]


def _groups(teacher_id: int) -> list[ClassGroup]:
    """The demonstration's students in groups of thirty, school by school, each with its two classes."""
    schools = [found_school(code=code, name=name, district_code=district) for code, (name, district) in SCHOOLS.items()]
    with acting_as("area_learning"):
        year, _ = SchoolYear.objects.get_or_create(code="2025-26", defaults={"starts_on": YEAR_STARTS, "ends_on": YEAR_ENDS})
        term, _ = Term.objects.get_or_create(school_year=year, code="year", defaults={"starts_on": YEAR_STARTS, "ends_on": YEAR_ENDS})
        courses = {course.code: course for course in Course.objects.filter(catalogue=CATALOGUE, code__in=COVERED)}
        students = list(User.objects.filter(username__startswith="student-").order_by("username").values_list("id", flat=True))
        parts = [tuple(students[start : start + IN_A_CLASS]) for start in range(0, len(students), IN_A_CLASS)]
        groups = []
        for index, part in enumerate(parts):
            school = schools[index * len(schools) // len(parts)]
            group = ClassGroup(index + 1, school, part, {code: _teacher(code, school, index, teacher_id) for code in COVERED})
            SchoolEnrollment.objects.bulk_create(
                SchoolEnrollment(student_id=pk, school=school, grade=9, starts_on=YEAR_STARTS) for pk in part
            )
            for course in courses.values():
                _class(group, course, term)
            groups.append(group)
        return groups


def _teacher(course: str, school: Organization, index: int, first: int) -> int:
    block = index // CLASSES_A_TEACHER
    if block == 0 and course == "ALG1":
        return first
    username = f"teacher-{course.lower()}-{school.code.lower()}-{block + 1:03d}"
    return appoint(username=username, full_name=f"Teacher {block + 1} of {course}", kind="teacher", starts_on=YEAR_STARTS).pk


def _class(group: ClassGroup, course: Course, term: Term) -> None:
    section = Section.objects.create(
        school=group.school,
        course=course,
        term=term,
        code=f"{course.code}-{group.number:03d}",
        title=f"{course.title}, class {group.number}",
        sign_in_code=f"{course.code}{group.number:04d}".lower(),
        sign_in_salt=f"demonstration-{course.code}-{group.number}",
    )
    SectionEducator.objects.create(section=section, educator_id=group.teachers[course.code], kind="teacher", starts_on=YEAR_STARTS)
    SectionStudent.objects.bulk_create(
        SectionStudent(section=section, student_id=pk, starts_on=YEAR_STARTS) for pk in group.student_ids
    )


def _plans(groups: list[ClassGroup]) -> None:
    for school in {group.school.pk for group in groups}:
        open_plans(school_id=school, at=_at(YEAR_STARTS))


def _year_of(groups: list[ClassGroup], competencies: dict[str, int], chance: random.Random) -> int:
    """A year of judgements of groups that share their teachers, a month at a time; answers how many."""
    students = [student for group in groups for student in group.student_ids]
    ability = {student: chance.gauss(2.7, 0.6) for student in students}
    recorded = 0
    for course, modules in COVERED.items():
        order = [competencies[code] for covered in modules.values() for code in covered]
        again: list[tuple[int, int, int]] = []
        for month in range(MONTHS):
            first, last = month * len(order) // MONTHS, (month + 1) * len(order) // MONTHS
            new = list(_judged(ability, order[first:last], month, chance)) + list(_once_more(again, month, chance))
            if course == "ALG1" and month in (4, 9):
                lifelong = [competencies[code] for code in LIFELONG[:: 1 if month == 9 else 2]]
                new += list(_judged(ability, lifelong, month, chance))
            at = _at(_month(month) + datetime.timedelta(days=6))
            recorded += len(record_judgments(judged_by=groups[0].teachers[course], at=at, judgments=new))
            again = [(one.student_id, one.competency_id, one.rank) for one in new if one.rank < 3]
    return recorded


def _judged(ability: dict[int, float], order: list[int], month: int, chance: random.Random) -> Iterator[NewJudgment]:
    for student, able in ability.items():
        for competency in order:
            if chance.random() < 0.92:
                rank = min(4, max(1, round(chance.gauss(able, 0.7))))
                yield NewJudgment(student, competency, rank, _month(month) - datetime.timedelta(days=chance.randrange(15)))


def _once_more(again: list[tuple[int, int, int]], month: int, chance: random.Random) -> Iterator[NewJudgment]:
    """Work that was not there yet is handed in again; most of it comes further."""
    for student, competency, rank in again:
        if chance.random() < 0.8:
            further = min(4, rank + chance.choice((0, 1, 1, 1, 2)))
            yield NewJudgment(student, competency, further, _month(month) - datetime.timedelta(days=chance.randrange(15)))


def _care_for(group: ClassGroup, competencies: dict[str, int], chance: random.Random) -> None:
    """What takes a person's time, for one group a school: diagnostics, evidence, plans, requests."""
    teacher, last_day = group.teachers["ALG1"], YEAR_ENDS
    algebra = [competencies[code] for covered in COVERED["ALG1"].values() for code in covered]
    levels = _mastered(group, algebra)
    for number, student in enumerate(group.student_ids):
        set_goal(
            student_id=student,
            set_by=student,
            at=_at(YEAR_STARTS),
            title="Be ready for Algebra II",
            competency_id=competencies["9.QF.2"],
            target_on=YEAR_ENDS,
        )
        if number % 3 == 0:
            results = [DiagnosticResult(competencies[code], chance.choice((2, 3, 3)), YEAR_STARTS) for code in EARLIER]
            run_diagnostic(student_id=student, judged_by=teacher, at=_at(YEAR_STARTS, 16), results=results, finish_by=YEAR_ENDS)
        for month in (2, 5, 8):
            _hand_in(student, teacher, chance.choice(algebra), month, chance)
        open_ones = [pk for pk in algebra if not levels.get((student, pk), False)]
        if open_ones:
            choices = [
                PlanChoice(pk, "focus", target_on=last_day + datetime.timedelta(days=60 * n)) for n, pk in enumerate(open_ones[:2])
            ]
            choose_plan_items(student_id=student, decided_by=teacher, at=_at(last_day, 10), choices=choices)
            if number % 4 == 0:
                ask_for_assessment(
                    student_id=student,
                    competency_id=open_ones[0],
                    asked_by=student,
                    at=_at(last_day, 11),
                    message="I have worked through the practice and would like to show it.",
                )


def _mastered(group: ClassGroup, competency_ids: list[int]) -> dict[tuple[int, int], bool]:
    """{(student, competency): mastered?} of a group today."""
    with acting_as("area_learning"):
        return {cell: level.mastered for cell, level in levels_now(group.student_ids, competency_ids).items()}


def _hand_in(student: int, teacher: int, competency: int, month: int, chance: random.Random) -> None:
    day, title = _month(month), chance.choice(WORK)
    evidence = record_evidence(
        student_id=student,
        recorded_by=student,
        kind="note",
        title=title,
        text=f"{title}: what I did, where I got stuck, and what I changed after the feedback.",
        worked_on=day,
        at=_at(day),
        competency_ids=[competency],
        setting=chance.choice(("school", "school", "after_school", "community")),
    )
    with acting_as("area_learning"):
        version = EvidenceVersion.objects.get(evidence=evidence, number=1).pk
    judged = NewJudgment(student, competency, chance.choice((2, 3, 3, 4)), day, evidence_versions=(version,))
    record_judgments(judged_by=teacher, at=_at(day + datetime.timedelta(days=2)), judgments=[judged])


def _rules_of_the_schools(competencies: dict[str, int]) -> None:
    """Criteria for every module's credit, a diploma, a waiver of seat time."""
    administrator = appoint(
        username="rules", full_name="Director of curriculum", kind="district_administrator", starts_on=YEAR_STARTS,
        organization=Organization.objects.get(kind="district", code="D-NORTH"),
    )  # fmt: skip
    at = _at(YEAR_STARTS, 9)
    with acting_as("area_learning"):
        uuids = dict(Competency.objects.filter(pk__in=competencies.values()).values_list("code", "uuid"))
        courses = {course.code: course for course in Course.objects.filter(catalogue=CATALOGUE, code__in=COVERED)}
        modules = {(module.course_id, module.code): module.pk for module in Module.objects.filter(course__in=courses.values())}
    for course, by_module in COVERED.items():
        for module, covered in by_module.items():
            tree = {"all": [{"competency": str(uuids[code]), "level": "proficient"} for code in covered]}
            place = courses[course].pk
            set_criteria(course_id=place, module_id=modules[place, module], tree=tree, decided_by=administrator.pk, at=at)
    leaves = [{"competency": str(uuids[code]), "level": "proficient"} for code in LIFELONG]
    diploma = {"all": [{"credit": "1", "courses": ["ALG1"]}, {"credit": "1", "courses": ["ENG9"]}, {"any": leaves, "at_least": 3}]}
    set_requirement(
        kind="graduation", code="DIPLOMA", title="Diploma of the demonstration", tree=diploma, decided_by=administrator.pk, at=at
    )
    river = Organization.objects.get(kind="school", code="RIVER")
    waive_seat_time(
        school_id=river.pk,
        starts_on=YEAR_STARTS,
        ends_on=datetime.date(2028, 9, 1),
        authority="Board decision of the demonstration, section 4",
        decided_by=administrator.pk,
        at=at,
    )


def _award(group: ClassGroup, at: datetime.datetime) -> None:
    """Credit for whoever has met its criteria in the group; for all others it shows as due."""
    with acting_as("area_learning"):
        due = due_awards(group.student_ids, day=at.date())
    for one in due:
        award_credit(
            student_id=one.student_id, course_id=one.course_id, module_id=one.module_id, awarded_by=group.teachers[one.course], at=at
        )


def first_class_of(school_code: str) -> tuple[Organization, list[int]]:
    """The school, with its district, and the ids of the students in its first class."""
    with acting_as("area_learning"):
        school = Organization.objects.select_related("district").get(kind="school", code=school_code)
        first = Section.objects.filter(school=school).order_by("code").first()
        return school, list(SectionStudent.objects.filter(section=first).values_list("student_id", flat=True))
