"""Reading single values of a CASE object: tolerant, with a note on everything that is not as the standard has it."""

import datetime
import re
from typing import Any
from uuid import UUID

from competencies.calc.framework_content import Source

SMALLEST, LARGEST = -(2**31), 2**31 - 1
SHOWN = 3
_WHOLE = re.compile(r"-?[0-9]{1,10}")


class Notes:
    """Collects notes; one that occurs often becomes one line with its count and its first places."""

    def __init__(self) -> None:
        self._places: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}

    def add(self, note: str, place: str = "") -> None:
        self._counts[note] = self._counts.get(note, 0) + 1
        places = self._places.setdefault(note, [])
        if place and len(places) < SHOWN:
            places.append(place)

    def lines(self) -> list[str]:
        """Each note once, in the order in which they first came: "NOTE (746 times; first at CFItems[0])"."""
        return [self._line(note) for note in self._counts]

    def _line(self, note: str) -> str:
        count, places = self._counts[note], self._places[note]
        if not places:
            return note
        return f"{note}: {', '.join(places)}" + (f" and {count - len(places):,} more." if count > len(places) else ".")


def lowered(source: Source) -> Source:
    """The object with its identifiers in lower case, its own and those of its links."""
    result = {}
    for key, value in source.items():
        if key in ("identifier", "rubricId", "rubricCriterionId") and uuid_of(value) is not None:
            value = str(uuid_of(value))
        elif isinstance(value, dict) and key != "extensions":
            value = lowered(value)
        elif isinstance(value, list):
            value = [lowered(member) if isinstance(member, dict) else member for member in value]
        result[key] = value
    return result


def uuid_of(value: Any) -> UUID | None:
    """The identifier, in upper or lower case; None for anything but 8-4-4-4-12 hexadecimal digits."""
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        found = UUID(value)
    except ValueError:
        return None
    return found if str(found) == value.lower() else None


def text_of(source: Source, key: str, notes: Notes, where: str) -> str:
    """The text, or "" where there is none; a number is taken as text."""
    value = source.get(key)
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, dict | list | bool):
        notes.add(f"{key} is no text and was passed over", where)
        return ""
    notes.add(f"{key} is a number and was read as text", where)
    return str(value)


def texts_of(source: Source, key: str, notes: Notes, where: str) -> list[str]:
    """A list of texts; a single text counts as a list of one."""
    value = source.get(key)
    if isinstance(value, str):
        return [value]
    if value is None:
        return []
    if not isinstance(value, list):
        notes.add(f"{key} is no list and was passed over", where)
        return []
    return [str(member) for member in value if isinstance(member, str | int) and not isinstance(member, bool) and member != ""]


def whole_of(source: Source, key: str, notes: Notes, where: str) -> int | None:
    """A whole number of 32 bits, or None."""
    value = source.get(key)
    if value is None:
        return None
    written = _WHOLE.fullmatch(value) if isinstance(value, str) else not isinstance(value, bool | dict | list) and value == int(value)
    whole = int(value) if written else None
    if whole is None or not SMALLEST <= whole <= LARGEST:
        notes.add(f"{key} is no whole number and was passed over", where)
        return None
    if not isinstance(value, int):
        notes.add(f"{key} is not written as a whole number", where)
    return whole


def day_of(source: Source, key: str, notes: Notes, where: str) -> datetime.date | None:
    """A day, also out of a date with a time, or None."""
    value = source.get(key)
    if value is None or value == "":
        return None
    try:
        return datetime.date.fromisoformat(value[:10])
    except (TypeError, ValueError):
        notes.add(f"{key} is no date and was passed over", where)
        return None


def is_stamp(value: Any) -> bool:
    """Whether it is a date and time with its zone (ISO 8601)."""
    try:
        return datetime.datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def link_of(source: Source, key: str) -> UUID | None:
    """The identifier of a link object, where it is a uuid."""
    link = source.get(key)
    return uuid_of(link.get("identifier")) if isinstance(link, dict) else None
