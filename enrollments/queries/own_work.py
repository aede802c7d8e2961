"""What a student has completed of what is required, enrollment by enrollment and module by module."""

import datetime
from collections.abc import Collection
from typing import Any

from django.db import connection

# A void carries the opposite sign of the row that it voids. Carried-over work is done work here.
_WORK = """
    SELECT e.id, e.student_id, c.title AS course, p.name AS provider, e.enrolled_on, e.withdrawn_on,
           m.title AS module, count(a.id) AS required, coalesce(sum(w.done), 0)::int AS completed
    FROM enrollments_enrollment e
    JOIN enrollments_offering o ON o.id = e.offering_id
    JOIN enrollments_course c ON c.id = o.course_id
    JOIN people_organization p ON p.id = o.provider_id
    LEFT JOIN enrollments_assignment a ON a.offering_id = o.id AND a.stakes = 'low' AND a.required
    LEFT JOIN enrollments_module m ON m.id = a.module_id
    LEFT JOIN LATERAL (SELECT sum(1 - 2 * (f.sequence %% 2)) AS done FROM enrollments_completion f
                       WHERE f.enrollment_id = e.id AND f.assignment_id = a.id AND f.completed_on <= %(day)s) w ON true
    WHERE e.student_id = ANY(%(students)s)
    GROUP BY e.id, c.title, p.name, o.starts_on, m.id
    ORDER BY o.starts_on DESC, e.id, m.code
"""


def own_work(*, student_ids: Collection[int], day: datetime.date) -> dict[int, list[dict[str, Any]]]:
    """{student id: enrollments}, newest first, each with `modules` (title, completed, required) as of `day`.

    No mark and no amount: that work was completed, and how much there is of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WORK, {"students": list(student_ids), "day": day})
        found = cursor.fetchall()
    enrollments: dict[int, dict[str, Any]] = {}
    by_student: dict[int, list[dict[str, Any]]] = {student: [] for student in student_ids}
    for pk, student, course, provider, enrolled_on, withdrawn_on, module, required, completed in found:
        if pk not in enrollments:
            enrollments[pk] = {
                "course": course,
                "provider": provider,
                "enrolled_on": enrolled_on,
                "withdrawn_on": withdrawn_on,
                "modules": [],
            }
            by_student[student].append(enrollments[pk])
        if module is not None:
            enrollments[pk]["modules"].append({"title": module, "required": required, "completed": completed})
    return by_student
