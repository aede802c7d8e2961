"""Say which competencies a course is about, module by module: the columns of its grid."""

from collections.abc import Sequence

from database.areas import acting_as
from enrollments.models import Module
from pathways.models import CourseCompetency


class CoverageRefused(ValueError):
    """Why nothing was put on the course, in a sentence for people."""


def cover_competencies(*, course_id: int, competency_ids: Sequence[int], module_id: int | None = None) -> int:
    """Put the competencies at the end of the course's list, in order, under the module where one is given; those that stand
    there stay as they are. Returns how many were added. Raises CoverageRefused."""
    with acting_as("area_learning"):
        if module_id is not None and not Module.objects.filter(pk=module_id, course_id=course_id).exists():
            raise CoverageRefused("This module is of another course; name one of this course, or none.")
        listed = set(CourseCompetency.objects.filter(course_id=course_id).values_list("competency_id", flat=True))
        new = [pk for pk in dict.fromkeys(competency_ids) if pk not in listed]
        CourseCompetency.objects.bulk_create(
            CourseCompetency(course_id=course_id, module_id=module_id, competency_id=pk, position=len(listed) + number)
            for number, pk in enumerate(new, start=1)
        )
        return len(new)
