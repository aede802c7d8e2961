"""Sentences that a calculation says: English texts that still know their places, so that a page can say them in its reader's
language. Pure: the translation happens where a page is written (people/templatetags/wording.py).

A Sentence is a `str`, its English; the API, the record and the commands take it as it is.
"""

import datetime
from collections.abc import Mapping
from fractions import Fraction

Value = str | int | Fraction | datetime.date


class Sentence(str):
    """`one` with its places %(name)s filled from `values`; `many` in its stead where `number` is given and is not 1."""

    __slots__ = ("many", "number", "one", "values")
    one: str
    many: str
    number: int | None
    values: Mapping[str, Value]

    def __new__(cls, one: str, many: str, number: int | None, values: Mapping[str, Value]) -> "Sentence":
        said = super().__new__(cls, (one if number in (None, 1) else many) % values)
        said.one, said.many, said.number, said.values = one, many, number, values
        return said


def sentence(text: str, **values: Value) -> Sentence:
    """One sentence; the texts of these calls are collected for translation (tools/messages.py)."""
    return Sentence(text, "", None, values)


def sentences(one: str, many: str, count: int, **values: Value) -> Sentence:
    """A sentence that differs by a number, which is its place %(count)s."""
    return Sentence(one, many, count, {"count": count, **values})
