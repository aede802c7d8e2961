"""What a well-formed completion row is: the checks that every way in shares. Pure; one row at a time.

A row that fails is never dropped silently: it becomes a `Refusal` that names its row, its field, a reason from
REASONS and the way out. `row` is the physical line of a file, or the number of a row in an API batch, from 1.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2199, 12, 31)
ID_CHARACTERS = 100
ASSIGNMENT_CHARACTERS = 60

# reason -> the way out, as it is told to whoever sent the row.
REASONS = {
    "missing": "Give a value.",
    "wrong_type": "Send this field in the documented type.",
    "too_long": "Shorten it to the documented length.",
    "not_utf8": "Save the file as UTF-8.",
    "control_character": "Remove control characters such as NUL, tab or line break.",
    "lone_surrogate": "Send whole Unicode characters; half of a surrogate pair is none.",
    "surrounding_space": "Remove the space at the beginning or end.",
    "formula": "Remove the leading =, +, - or @: a spreadsheet would run this cell.",
    "not_a_date": "Write a real calendar day as YYYY-MM-DD.",
    "date_out_of_range": f"Give a day from {FIRST_DAY} to {LAST_DAY}.",
    "ends_before_start": "Correct one of the two days.",
    "not_a_boolean": "Write true, false, 1 or 0.",
    "not_a_number": "Write a whole number.",
    "not_allowed": "Use one of the documented values.",
    "unknown_field": "Remove this field; see the documented layout.",
    "columns": "Give every column of the header exactly once.",
    "quoting": "Close each quote on its own line, and double a quote inside a quoted field.",
    "not_json": "Send one JSON object.",
    "not_finite": "Send a finite number; JSON has no NaN and no Infinity.",
    "huge_number": "Send a number of at most 18 characters.",
    "too_deep": "Send a flat object.",
    "duplicate_key": "Name each field once.",
    "duplicate_id": "Send each source id once in a batch.",
    "unknown_enrolment": "Correct the enrollment's code, or send the enrollment first; then send the row again.",
    "unknown_assignment": "Correct the assignment's code, or add it to the offering; then send the row again.",
    "unknown_offering": "Add the offering to the list of courses first.",
    "unknown_source_id": "Nothing was recorded under this id, so there is nothing to void.",
    "high_stakes": "High-stakes work is no completion; leave it out.",
    "future_date": "Correct the day, or send the row again once the day has come.",
    "changed": "Import with --apply-changes to take it; through the API, void the row, then state it anew.",
    "needs_a_date": "Such a fact changes from a day on, which this file does not name; it stays as it is.",
    "fixed_once": "This stays as it was first recorded.",
    "stated_under_another_id": "Void the other statement first, or keep its id.",
    "not_a_fraction": "Write a whole number, a decimal such as 2.5, or a fraction such as 5/2.",
    "unknown_milestone": "Correct its code, or declare it first: manage.py declare_milestone.",
    "before_enrolment": "Correct the day: the enrollment began later.",
    "nothing_to_void": "Nothing of this is on file, so there is nothing to void.",
    "repeated": "State it once in a file; what comes after it goes into a further one.",
}


class CompletionRow(NamedTuple):
    """One statement that work was completed; with `void`, that the statement of `source_id` is withdrawn."""

    row: int
    source_id: str
    enrollment: str | None
    assignment: str | None
    completed_on: date | None
    carried_over: bool
    void: bool = False


class Refusal(NamedTuple):
    """A row that cannot be taken: where (`row`, `field`), why (`reason`, `detail`)."""

    row: int
    field: str
    reason: str
    detail: str
    source_id: str | None = None


STATUSES = ("created", "exists", "changed", "conflict", "refused")


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row. `status` is one of STATUSES; a conflict's (or a taken change's) `changes` are
    (field, old, new). `void` rows are `created` when they withdrew something."""

    row: int
    source_id: str | None
    status: str
    reason: str
    field: str
    detail: str
    changes: tuple[tuple[str, str, str], ...] = ()


class RowProblem(Exception):
    """What is wrong with one field of a row; the door that reads the row turns it into a `Refusal`."""

    def __init__(self, field: str, reason: str, detail: str = "") -> None:
        super().__init__(field, reason, detail)
        self.field, self.reason = field, reason
        self.detail = f"{detail} {REASONS[reason]}".strip()

    def refusal(self, row: int, source_id: str | None = None) -> Refusal:
        return Refusal(row, self.field, self.reason, self.detail, source_id)


_PLAIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:/#-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def code_of(value: Any, field: str, characters: int = ID_CHARACTERS) -> str:
    """`value` as an identifier of at most `characters`; raises RowProblem."""
    if type(value) is not str:
        raise RowProblem(field, "missing") if value is None else RowProblem(field, "wrong_type", "It must be text.")
    if len(value) > characters:
        raise RowProblem(field, "too_long", f"It has {len(value)} characters of at most {characters}.")
    if _PLAIN.fullmatch(value):
        return value
    if not value.strip():
        raise RowProblem(field, "missing")
    if _CONTROL.search(value):
        raise RowProblem(field, "control_character")
    if _SURROGATE.search(value):
        raise RowProblem(field, "lone_surrogate")
    if value[0] in "=+-@":
        raise RowProblem(field, "formula")
    if value != value.strip():
        raise RowProblem(field, "surrounding_space")
    return value


def day_of(value: Any, field: str) -> date:
    """`value`, text YYYY-MM-DD, as a day that exists, from FIRST_DAY to LAST_DAY; raises RowProblem."""
    if type(value) is not str:
        raise RowProblem(field, "missing") if value is None else RowProblem(field, "wrong_type", "It must be text.")
    if not value:
        raise RowProblem(field, "missing")
    day = _calendar_day(value) if len(value) == 10 else None
    if day is None:
        raise RowProblem(field, "not_a_date")
    return within_range(day, field)


def within_range(day: date, field: str) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise RowProblem(field, "date_out_of_range")
    return day


@lru_cache(maxsize=4096)
def _calendar_day(text: str) -> date | None:
    found = _DAY.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def boolean_of(value: Any, field: str) -> bool:
    """`value` as a boolean: true, false, 1 or 0, as text or as a JSON value; raises RowProblem."""
    if value is True or value is False:
        return value
    if type(value) is int and value in (0, 1):
        return value == 1
    if type(value) is str and value in BOOLEANS:
        return BOOLEANS[value]
    raise RowProblem(field, "not_a_boolean")


STATED = frozenset({"source_id", "enrollment", "assignment", "completed_on", "carried_over"})
VOIDED = frozenset({"source_id", "void"})


def row_from_object(row: int, fields: Mapping[str, Any]) -> CompletionRow | Refusal:
    """A parsed JSON object as a row. `{"source_id": ..., "void": true}` withdraws a statement."""
    source_id = None
    try:
        source_id = code_of(fields.get("source_id"), "source_id")
        void = boolean_of(fields.get("void", False), "void")
        for name in fields:
            if name not in (VOIDED if void else STATED | VOIDED):
                raise RowProblem(printable(name), "unknown_field")
        if void:
            return CompletionRow(row, source_id, None, None, None, False, True)
        return _stated(
            row,
            source_id,
            fields.get("enrollment"),
            fields.get("assignment"),
            fields.get("completed_on"),
            fields.get("carried_over", False),
        )
    except RowProblem as problem:
        return problem.refusal(row, source_id)


def row_from_text(
    row: int, source_id: str, enrollment: str, assignment: str, completed_on: str, carried_over: str
) -> CompletionRow | Refusal:
    """The cells of one line of a file as a row; an empty `carried_over` is false."""
    known = None
    try:
        known = code_of(source_id, "source_id")
        return _stated(row, known, enrollment, assignment, completed_on, carried_over or False)
    except RowProblem as problem:
        return problem.refusal(row, known)


def _stated(row: int, source_id: str, enrollment: Any, assignment: Any, completed_on: Any, carried_over: Any) -> CompletionRow:
    return CompletionRow(
        row,
        source_id,
        code_of(enrollment, "enrollment"),
        code_of(assignment, "assignment", ASSIGNMENT_CHARACTERS),
        day_of(completed_on, "completed_on"),
        boolean_of(carried_over, "carried_over"),
    )


def printable(text: str, characters: int = 60) -> str:
    """What may be shown of a name that somebody sent: short, and nothing that a terminal or a database chokes on."""
    return _SURROGATE.sub("?", _CONTROL.sub("?", text[:characters]))
