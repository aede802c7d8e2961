"""Grades out of a publisher's words: -1 is pre-kindergarten, 0 kindergarten, 1 to 12 the grades."""

import re
from collections.abc import Sequence
from typing import NamedTuple

_WORDS = {"PK": -1, "PREK": -1, "PREKINDERGARTEN": -1, "KG": 0, "K": 0, "KINDERGARTEN": 0}
_RANGE = re.compile(r"\s*(?:-|–|to)\s*", re.IGNORECASE)


class Grades(NamedTuple):
    """Both None where the words name no grade; `others` are the words that name none."""

    lowest: int | None
    highest: int | None
    others: list[str]


def grade_range(levels: Sequence[str]) -> Grades:
    """The range that `levels` span (CASE educationLevel: PK, KG, 01 to 12 and local words; also "9-12")."""
    found: list[int] = []
    others = []
    for level in levels:
        ends = [_grade(part) for part in ([level] if _grade(level) is not None else _RANGE.split(level, maxsplit=1))]
        named = [end for end in ends if end is not None]
        if len(named) == len(ends):
            found += named
        else:
            others.append(level)
    return Grades(min(found, default=None), max(found, default=None), others)


def _grade(word: str) -> int | None:
    short = re.sub(r"[\s.-]", "", word.upper()).removeprefix("GRADE")
    if short in _WORDS:
        return _WORDS[short]
    if re.fullmatch(r"[0-9]{1,2}", short) and 1 <= int(short) <= 12:
        # "9-12" without its dash would read as a number too.
        return int(short) if "-" not in word.strip("-") else None
    return None
