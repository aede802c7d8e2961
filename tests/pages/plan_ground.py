"""A small school for the tests of plans' pages: a student in a class with a course, something mastered, begun and to come."""

from dataclasses import dataclass
from fractions import Fraction

from competencies.models import Competency
from enrollments.models import Course, Module
from pathways.actions.award_credit import award_credit
from pathways.actions.set_criteria import set_criteria
from pathways.actions.set_goal import set_goal
from pathways.actions.set_requirement import set_requirement
from pathways.models import CourseCompetency
from people.models import User
from tests import build_learning as build
from tests.pathways.plans import choose, precedes


@dataclass
class School:
    student: User
    teacher: User
    guardian: User
    counsellor: User
    administrator: User
    stranger: User
    # Mastered, begun below proficient and in focus, then three to come.
    competencies: list[Competency]

    def path(self, rest="plan/", student=None):
        return f"/students/{(student or self.student).uuid}/{rest}"

    def cell(self, number, rest=""):
        return self.path(f"plan/{self.competencies[number].uuid}/{rest}")


STATEMENTS = (
    "Add and subtract fractions with unlike denominators",
    "Divide fractions by fractions, and say what the quotient means",
    "Find a percent of a quantity as a rate per 100",
    "Solve problems with proportional relationships",
    "Tell a function from a relation that is none",
)


def set_up():
    """The school, with credit of the first module awarded, a requirement, and a goal."""
    teacher, student = build.teacher(name="Rosalind Okafor"), build.student(name="Quillon Zabriskie")
    course = Course.objects.create(catalogue="school", code="MATH8", title="Mathematics 8")
    build.section([student], teacher, course=course)
    framework, _ = build.framework(0)
    competencies = [
        build.competency(framework, position=place, code=f"MA.{place}", statement=said, lowest_grade=8, highest_grade=8)
        for place, said in enumerate(STATEMENTS, 1)
    ]
    precedes(competencies[2], competencies[3])
    for place, one in enumerate(competencies):
        CourseCompetency.objects.create(course=course, competency=one, position=place)
    build.judge(teacher, student, competencies[0], 2, on=3)
    build.judge(teacher, student, competencies[0], 3, on=10, reason="Every step is explained.")
    build.judge(teacher, student, competencies[1], 2, on=12)
    choose(student, focus=[competencies[1]])
    modules = [
        Module.objects.create(course=course, code=f"M{place}", title=f"Unit {place}", credit_numerator=1, credit_denominator=2)
        for place in (1, 2)
    ]
    for module, one in zip(modules, competencies, strict=False):
        tree = {"all": [{"competency": str(one.uuid), "level": "proficient"}]}
        set_criteria(course_id=course.pk, module_id=module.pk, tree=tree, decided_by=teacher.pk, at=build.noon(1))
    award = {"student_id": student.pk, "course_id": course.pk, "awarded_by": teacher.pk, "at": build.noon(11)}
    assert award_credit(module_id=modules[0].pk, occasion="regular", **award).numerator == Fraction(1)
    set_requirement(
        kind="graduation",
        code="maths",
        title="Mathematics for graduation",
        tree={"all": [{"credit": "2"}, {"competency": str(competencies[1].uuid), "level": "proficient"}]},
        decided_by=teacher.pk,
        at=build.noon(1),
    )
    set_goal(student_id=student.pk, set_by=student.pk, at=build.noon(1), title="Become a surveyor")
    return School(
        student=student,
        teacher=teacher,
        guardian=build.guardian(student),
        counsellor=build.counsellor(student),
        administrator=build.administrator(build.school()),
        stranger=build.class_of(1, school_code="S2", course=course)[0],
        competencies=competencies,
    )
