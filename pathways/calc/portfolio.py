"""A student's portfolio as one value: what is mastered, the credit, the evidence. The form that travels between schools.

docs/formats.md describes the document; version 1 is the only one so far.
"""

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID

# A NUL, or half a character: no database takes them.
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")
FORMAT, VERSION = "credence-portfolio", 1


@dataclass(frozen=True, slots=True)
class Mastered:
    """A competency mastered: code and statement as they stood when it was last judged; `level` is the label, `rank` counts
    from 1 to `highest_rank` in the scale `scale` (code and version). `judged_on` are the days of the judged work."""

    framework: UUID
    framework_title: str
    competency: UUID
    code: str
    statement: str
    level: str
    rank: int
    highest_rank: int
    scale: str
    judged_on: tuple[datetime.date, ...]


@dataclass(frozen=True, slots=True)
class Credit:
    """Credit that stands. `module` is empty for what a course gave as a whole."""

    course: str
    course_title: str
    module: str
    credit: Fraction
    occasion: str
    attained_on: datetime.date


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence in its latest version. `path` is where its file lies in the bundle, empty where it has none;
    `note` says why a file stayed behind."""

    uuid: UUID
    kind: str
    setting: str
    title: str
    worked_on: datetime.date
    competencies: tuple[UUID, ...]
    text: str
    address: str
    path: str
    file_name: str
    media_type: str
    sha256: str
    note: str


@dataclass(frozen=True, slots=True)
class Portfolio:
    """`as_of` is the day of the last record in it, None where nothing is; so the same state is the same document."""

    issuer: str
    student: str
    as_of: datetime.date | None
    mastered: Sequence[Mastered]
    credits: Sequence[Credit]
    evidence: Sequence[Piece]


def as_document(portfolio: Portfolio) -> dict[str, Any]:
    """The portfolio as JSON says it: days as YYYY-MM-DD, credit as an exact fraction in a text."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "issuer": portfolio.issuer,
        "student": portfolio.student,
        "as_of": _plain(portfolio.as_of),
        "mastered": [_members(one) for one in portfolio.mastered],
        "credits": [_members(one) for one in portfolio.credits],
        "evidence": [_members(one) for one in portfolio.evidence],
    }


def _members(one: Mastered | Credit | Piece) -> dict[str, Any]:
    return {name: _plain(getattr(one, name)) for name in one.__slots__}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return str(value) if isinstance(value, UUID | datetime.date | Fraction) else value


class DocumentRefused(ValueError):
    """A document that is no portfolio of this form: its text begins with the path of the place."""


def read_document(data: object) -> Portfolio:
    """The portfolio that a parsed JSON document states; unknown members are passed over. Raises DocumentRefused."""
    document = _Place(data, "portfolio.json")
    if document.member("format").value != FORMAT or document.member("version").value != VERSION:
        raise document.refused(f'this is no "{FORMAT}" of version {VERSION}; ask the sender for one')
    as_of = document.member("as_of")
    return Portfolio(
        issuer=document.member("issuer").text(200),
        student=document.member("student").text(200),
        as_of=None if as_of.value is None else as_of.day(),
        mastered=[_read_mastered(place) for place in document.member("mastered").entries(5_000)],
        credits=[_read_credit(place) for place in document.member("credits").entries(1_000)],
        evidence=[_read_piece(place) for place in document.member("evidence").entries(2_000)],
    )


def _read_mastered(place: "_Place") -> Mastered:
    highest = place.member("highest_rank").whole(1, 100)
    days = tuple(day.day() for day in place.member("judged_on").entries(10_000))
    if not days:
        raise place.refused("judged_on names no day; what is mastered was judged")
    return Mastered(
        framework=place.member("framework").key(),
        framework_title=place.member("framework_title").text(2_000),
        competency=place.member("competency").key(),
        code=place.member("code").text(200),
        statement=place.member("statement").text(20_000),
        level=place.member("level").text(200, least=1),
        rank=place.member("rank").whole(1, highest),
        highest_rank=highest,
        scale=place.member("scale").text(100),
        judged_on=days,
    )


def _read_credit(place: "_Place") -> Credit:
    return Credit(
        course=place.member("course").text(60, least=1),
        course_title=place.member("course_title").text(200),
        module=place.member("module").text(60),
        credit=place.member("credit").fraction(),
        occasion=place.member("occasion").text(20),
        attained_on=place.member("attained_on").day(),
    )


def _read_piece(place: "_Place") -> Piece:
    return Piece(
        uuid=place.member("uuid").key(),
        kind=place.member("kind").text(20, least=1),
        setting=place.member("setting").text(20),
        title=place.member("title").text(200, least=1),
        worked_on=place.member("worked_on").day(),
        competencies=tuple(key.key() for key in place.member("competencies").entries(1_000)),
        text=place.member("text").text(200_000),
        address=place.member("address").text(2_000),
        path=place.member("path").text(200),
        file_name=place.member("file_name").text(200),
        media_type=place.member("media_type").text(100),
        sha256=place.member("sha256").text(64),
        note=place.member("note").text(2_000),
    )


class _Place:
    """One place of a document, with its path; its readers return plain values or raise DocumentRefused."""

    def __init__(self, value: object, path: str) -> None:
        self.value, self._path = value, path

    def refused(self, problem: str) -> DocumentRefused:
        return DocumentRefused(f"{self._path}: {problem}.")

    def member(self, name: str) -> "_Place":
        if not isinstance(self.value, Mapping) or name not in self.value:
            raise self.refused(f"expected an object with {name!r}")
        return _Place(self.value[name], f"{self._path}/{name}")

    def entries(self, most: int) -> list["_Place"]:
        if not isinstance(self.value, list) or len(self.value) > most:
            raise self.refused(f"expected a list of at most {most:,}")
        return [_Place(value, f"{self._path}/{number}") for number, value in enumerate(self.value)]

    def text(self, most: int, *, least: int = 0) -> str:
        if not isinstance(self.value, str) or not least <= len(self.value) <= most or _UNWRITABLE.search(self.value):
            raise self.refused(f"expected a text of {least} to {most:,} characters that can be written down")
        return self.value

    def whole(self, least: int, most: int) -> int:
        if type(self.value) is not int or not least <= self.value <= most:
            raise self.refused(f"expected a whole number from {least} to {most}")
        return self.value

    def key(self) -> UUID:
        try:
            return UUID(self.text(36, least=36))
        except ValueError:
            raise self.refused("expected a uuid") from None

    def day(self) -> datetime.date:
        try:
            found = datetime.date.fromisoformat(self.text(10, least=10))
        except ValueError:
            found = datetime.date.min
        if not 1990 <= found.year <= 2199:
            raise self.refused("expected a day as YYYY-MM-DD, from 1990 on")
        return found

    def fraction(self) -> Fraction:
        numerator, _, denominator = self.text(20, least=1).partition("/")
        parts = [numerator, denominator or "1"]
        if not all(part.isascii() and part.isdecimal() and int(part) for part in parts):
            raise self.refused('expected an exact fraction above 0 like "1/2"')
        return Fraction(int(parts[0]), int(parts[1]))
