"""What a well-formed row of attested milestones, needs or prior learning is. Pure; one row at a time."""

import re
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from enrollments.calc.completion_rows import Refusal, RowProblem, boolean_of, code_of, day_of

NAME_CHARACTERS = 60
CATEGORIES = ("low_income", "special_education", "language")

_AMOUNT = re.compile(r"-?[0-9]{1,9}(/[0-9]{1,9}|\.[0-9]{1,6})?")
_MEASURE = re.compile(r"[a-z][a-z0-9_]{0,59}")


class AttestedRow(NamedTuple):
    """One statement about an enrollment: `name` is the milestone, the category of need or the measure of prior learning.

    `from_on` is a need's first day. `content` is what else is stated, in words: the day attained or a need's last day as
    YYYY-MM-DD, or an amount as a fraction in lowest terms ("5/2", "3/1"). `void` withdraws what is on file.
    """

    row: int
    enrollment: str
    name: str
    from_on: date | None
    content: str | None
    void: bool


def milestone_row(row: int, enrollment: str, milestone: str, attained_on: str, void: str) -> AttestedRow | Refusal:
    """The cells of a line: which milestone was attained on which day. A void needs no day."""

    def read() -> AttestedRow:
        voids = _void(void)
        day = day_of(attained_on, "attained_on").isoformat() if attained_on or not voids else None
        name = code_of(milestone, "milestone", NAME_CHARACTERS)
        return AttestedRow(row, code_of(enrollment, "enrollment"), name, None, None if voids else day, voids)

    return _taken(row, read)


def need_row(row: int, enrollment: str, category: str, from_on: str, to_on: str, void: str) -> AttestedRow | Refusal:
    """The cells of a line: a category of need from a day (empty: of old) until its last day (empty: none is known)."""

    def read() -> AttestedRow:
        voids = _void(void)
        if category not in CATEGORIES:
            raise RowProblem("category", "not_allowed", f"It must be one of {', '.join(CATEGORIES)}.")
        first = day_of(from_on, "from_on") if from_on else None
        last = day_of(to_on, "to_on") if to_on else None
        if first and last and last < first:
            raise RowProblem("to_on", "ends_before_start")
        content = last.isoformat() if last and not voids else None
        return AttestedRow(row, code_of(enrollment, "enrollment"), category, first, content, voids)

    return _taken(row, read)


def prior_learning_row(row: int, enrollment: str, measure: str, amount: str, void: str) -> AttestedRow | Refusal:
    """The cells of a line: how much of which measure was attested at entry, exactly. A void needs no amount."""

    def read() -> AttestedRow:
        voids = _void(void)
        exact = _fraction(amount) if amount or not voids else None
        if not _MEASURE.fullmatch(measure):
            raise RowProblem("measure", "not_allowed" if measure else "missing", "Write small letters, digits and _, at most 60.")
        return AttestedRow(row, code_of(enrollment, "enrollment"), measure, None, None if voids else exact, voids)

    return _taken(row, read)


def _void(cell: str) -> bool:
    return boolean_of(cell or False, "void")


def _fraction(cell: str) -> str:
    if not cell:
        raise RowProblem("amount", "missing")
    if not _AMOUNT.fullmatch(cell):
        raise RowProblem("amount", "not_a_fraction")
    try:
        exact = Fraction(cell)
    except ZeroDivisionError:
        raise RowProblem("amount", "not_a_fraction", "Nothing is divided by zero.") from None
    return f"{exact.numerator}/{exact.denominator}"


def _taken(row: int, read: Callable[[], AttestedRow]) -> AttestedRow | Refusal:
    try:
        return read()
    except RowProblem as problem:
        return problem.refusal(row)
