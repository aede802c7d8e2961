"""What a well-formed line of a roster is. Pure; one line at a time; reasons and identifiers as in completion_rows."""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from enrollments.calc.completion_rows import Refusal, RowProblem, code_of, day_of

COLUMNS = ("school_code", "section_code", "course_code", "school_year", "term", "role", "username")
OPTIONAL = ("section_title", "full_name", "grade", "starts_on", "ends_on")
STUDENT = "student"
ROLES = (STUDENT, "teacher", "co_teacher", "substitute")
NAMED_GRADES = {"PK": -1, "K": 0}
CHARACTERS = {"school_year": 20, "term": 20, "username": 150}
CODE_CHARACTERS, WORDS_CHARACTERS = 60, 200
_GRADE = re.compile(r"-1|[0-9]|1[0-2]")


class RosterRow(NamedTuple):
    """A person in a class from a day until a day (`ends_on`: the first day without it); None: the term's own days.

    `grade` is -1 (PK), 0 (K) to 12, of students only; "" for a title or a name means that the file does not say.
    """

    line: int
    school: str
    section: str
    course: str
    school_year: str
    term: str
    role: str
    username: str
    title: str
    full_name: str
    grade: int | None
    starts_on: date | None
    ends_on: date | None


def row_from_cells(line: int, cells: Sequence[str]) -> RosterRow | Refusal:
    """The cells of COLUMNS and OPTIONAL as a row. A refusal's `source_id` is the username, where it can be made out."""
    given = dict(zip((*COLUMNS, *OPTIONAL), cells, strict=True))
    username = None
    try:
        username = code_of(given["username"], "username", CHARACTERS["username"])
        school, section, course, year, term, role, username = (
            code_of(given[name], name, CHARACTERS.get(name, CODE_CHARACTERS)) for name in COLUMNS
        )
        if role not in ROLES:
            raise RowProblem("role", "not_allowed", f"It must be one of {', '.join(ROLES)}.")
        title, full_name = (
            code_of(given[name], name, WORDS_CHARACTERS) if given[name] else "" for name in ("section_title", "full_name")
        )
        starts_on, ends_on = (day_of(given[name], name) if given[name] else None for name in ("starts_on", "ends_on"))
        if role == "substitute" and ends_on is None:
            raise RowProblem("ends_on", "missing", "A substitute's days always end.")
        if starts_on and ends_on and starts_on >= ends_on:
            raise RowProblem("ends_on", "ends_before_start", "It is the first day without the class, so it lies after starts_on.")
        return RosterRow(
            line,
            school,
            section,
            course,
            year,
            term,
            role,
            username,
            title,
            full_name,
            _grade(given["grade"], role),
            starts_on,
            ends_on,
        )
    except RowProblem as problem:
        return problem.refusal(line, username)


def _grade(text: str, role: str) -> int | None:
    if not text:
        return None
    if role != STUDENT:
        raise RowProblem("grade", "unknown_field", "Only a student has a grade.")
    if text in NAMED_GRADES:
        return NAMED_GRADES[text]
    if not _GRADE.fullmatch(text):
        raise RowProblem("grade", "not_allowed", "It must be PK, K or 1 to 12.")
    return int(text)
