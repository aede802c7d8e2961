"""Courses and their modules as callers name them, by catalogue and codes. Expects to run under area_learning."""

from enrollments.models import Course, Module


def course_by_code(catalogue: str, code: str) -> Course | None:
    """The course of that code in its catalogue."""
    return Course.objects.filter(catalogue=catalogue, code=code).first()


def module_by_code(course: Course, code: str) -> Module | None:
    """The module of that code in the course."""
    return Module.objects.filter(course=course, code=code).first()
