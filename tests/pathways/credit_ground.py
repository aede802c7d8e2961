"""Builders for the tests of credit: a course with modules and criteria, and a student who has met them."""

import itertools
from fractions import Fraction

from enrollments.models import Course, Module
from pathways.actions.award_credit import award_credit
from pathways.actions.set_criteria import set_criteria
from tests.build_learning import framework, judge, noon, student, teacher

_numbers = itertools.count(1)


def course(*credits, code=None):
    """(course, its modules): a module for each exact fraction of credit, given as text."""
    number = next(_numbers)
    made = Course.objects.create(catalogue="credit", code=code or f"CR{number}", title=f"Course {number}")
    shares = [Fraction(credit) for credit in credits]
    return made, [
        Module.objects.create(
            course=made, code=f"M{at}", title=f"Module {at}", credit_numerator=share.numerator, credit_denominator=share.denominator
        )
        for at, share in enumerate(shares, 1)
    ]


def asks(*competencies, level="proficient"):
    """A tree that asks for all of the competencies."""
    return {"all": [{"competency": str(one.uuid), "level": level} for one in competencies]}


def set_for(course, module, tree, by=None, at=1):
    return set_criteria(
        course_id=course.pk, module_id=module.pk if module else None, tree=tree, decided_by=(by or teacher()).pk, at=noon(at)
    )


def ground(modules=2):
    """(teacher, student, course, modules, competencies): criteria a competency a module, and the course asks for all."""
    by, learner = teacher(), student()
    _, competencies = framework(modules)
    made, parts = course(*[f"1/{modules}"] * modules)
    for part, competency in zip(parts, competencies, strict=True):
        set_for(made, part, asks(competency), by)
    set_for(made, None, asks(*competencies), by)
    return by, learner, made, parts, competencies


def master(by, learner, *competencies, rank=3, on=2):
    return [judge(by, learner, competency, rank, on=on) for competency in competencies]


def award(by, learner, course, module=None, on=3, occasion="regular"):
    return award_credit(
        student_id=learner.pk,
        course_id=course.pk,
        module_id=module.pk if module else None,
        awarded_by=by.pk,
        occasion=occasion,
        at=noon(on),
    )
