"""The Open University Learning Analytics Dataset's words in ours: how one cell maps to one fact. Pure.

Kuzilek, Hlosta and Zdrahal, Scientific Data 4:170171 (2017). Days in its files count from the presentation's start.
An unknown value is "?" or empty.
"""

import re
from datetime import date, timedelta

from enrollments.calc.completion_rows import RowProblem, code_of, within_range

UNKNOWN = ("", "?")
START_OF = {"B": (2, 1), "J": (10, 1)}
LOW_STAKES, HIGH_STAKES = ("TMA", "CMA"), ("Exam",)
LOW_INCOME_BANDS = ("0-10%", "10-20", "10-20%")
OUTCOMES = {"Distinction": "distinction", "Pass": "pass", "Fail": "fail", "Withdrawn": "withdrawn"}
SUCCESSES = ("distinction", "pass")

_CODE = re.compile(r"[A-Za-z0-9]{1,20}")
_PRESENTATION = re.compile(r"((?:19|20|21)[0-9]{2})([BJ])")
_WHOLE = re.compile(r"-?[0-9]{1,5}")


def module_of(cell: str) -> str:
    return _matching(cell, "code_module", _CODE)


def presentation_of(cell: str) -> tuple[str, date]:
    """The presentation's code and its first day: B on 1 February, J on 1 October."""
    code = _matching(cell, "code_presentation", _PRESENTATION)
    return code, within_range(date(int(code[:4]), *START_OF[code[4]]), "code_presentation")


def number_of(cell: str, field: str) -> str:
    """An id of the dataset: digits, kept as text."""
    if cell in UNKNOWN:
        raise RowProblem(field, "missing")
    if not (cell.isascii() and cell.isdigit() and len(cell) <= 18):
        raise RowProblem(field, "not_a_number")
    return cell


def length_of(cell: str, field: str) -> int:
    days = int(number_of(cell, field))
    if not 1 <= days <= 3660:
        raise RowProblem(field, "not_allowed", "A course lasts from 1 to 3660 days.")
    return days


def day_at(start: date, cell: str, field: str) -> date | None:
    """The day that lies `cell` days after `start`; None where the file does not know it."""
    if cell in UNKNOWN:
        return None
    # The authors' own package writes some whole numbers with a decimal point.
    whole = cell.removesuffix(".0")
    if not _WHOLE.fullmatch(whole):
        raise RowProblem(field, "not_a_number")
    return within_range(start + timedelta(days=int(whole)), field)


def stakes_of(cell: str) -> str:
    if cell in LOW_STAKES:
        return "low"
    if cell in HIGH_STAKES:
        return "high"
    raise RowProblem("assessment_type", "not_allowed", "It must be TMA, CMA or Exam.")


def region_of(cell: str) -> str | None:
    return None if cell in UNKNOWN else code_of(cell, "region", 60)


def has_low_income(cell: str) -> bool:
    return cell in LOW_INCOME_BANDS


def is_disabled(cell: str) -> bool:
    if cell in ("Y", "N", *UNKNOWN):
        return cell == "Y"
    raise RowProblem("disability", "not_allowed", "It must be Y or N.")


def outcome_of(cell: str) -> str | None:
    if cell in UNKNOWN:
        return None
    if cell not in OUTCOMES:
        raise RowProblem("final_result", "not_allowed", f"It must be one of {', '.join(OUTCOMES)}.")
    return OUTCOMES[cell]


def offering_code(module: str, presentation: str) -> str:
    return f"{module} {presentation}"


def enrollment_code(module: str, presentation: str, student: str) -> str:
    return f"{module}-{presentation}-{student}"


def _matching(cell: str, field: str, pattern: re.Pattern[str]) -> str:
    if cell in UNKNOWN:
        raise RowProblem(field, "missing")
    if not pattern.fullmatch(cell):
        raise RowProblem(field, "not_allowed")
    return cell
