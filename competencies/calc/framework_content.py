"""A framework as it arrived, whatever file it came in, and how two states of one object differ."""

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

# What a sender writes anew without changing anything: when it last touched the object, and addresses of the whole.
INCIDENTAL = frozenset({"lastChangeDateTime", "CFDocumentURI", "CFPackageURI"})
Source = dict[str, Any]


class PackageRefused(ValueError):
    """A framework file of which nothing can be taken; the message says what is wrong and the way out."""


@dataclass(frozen=True, slots=True)
class Item:
    """A competency as it arrived. Grades as in calc/grade_range.py; `ended_on` is its publisher's own end; `source` the
    object as it was sent."""

    identifier: UUID
    code: str
    statement: str
    label: str
    item_type: str
    enumeration: str
    lowest_grade: int | None
    highest_grade: int | None
    ended_on: datetime.date | None
    source: Source


@dataclass(frozen=True, slots=True)
class Statement:
    """An association as it arrived; an end is None where the sender's identifier is no uuid."""

    identifier: UUID
    kind: str
    origin: UUID | None
    destination: UUID | None
    sequence: int | None
    source: Source


@dataclass(frozen=True, slots=True)
class RubricStep:
    """One level of a rubric's criterion; `rank` from 1, the lowest."""

    identifier: UUID
    rank: int
    quality: str
    description: str


@dataclass(frozen=True, slots=True)
class RubricLine:
    """One criterion of a rubric; `item` is the competency that it is about, where it names one."""

    identifier: UUID
    item: UUID | None
    description: str
    position: int
    steps: tuple[RubricStep, ...]


@dataclass(frozen=True, slots=True)
class RubricSheet:
    """A rubric as it arrived."""

    identifier: UUID
    title: str
    description: str
    lines: tuple[RubricLine, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class RowRefused:
    """A part of a file that was not taken; `where` is its place as its writer would look for it."""

    where: str
    detail: str


@dataclass(slots=True)
class Arrived:
    """A whole framework as a file states it. `order` is its tree from top to bottom: identifier and depth."""

    identifier: UUID
    title: str
    creator: str
    version: str
    adoption_status: str
    licence: str
    document: Source
    definitions: Source
    items: list[Item]
    statements: list[Statement]
    rubrics: list[RubricSheet]
    order: list[tuple[UUID, int]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    refused: list[RowRefused] = field(default_factory=list)


def content_sha256(source: Mapping[str, Any]) -> str:
    """The hash of what an object says: the order of its keys, explicit nulls and INCIDENTAL keys do not count."""
    text = json.dumps(_said(source), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """(key, old, new) for every key in which two states of an object differ, None for what is not said."""
    before, after = _said(old), _said(new)
    keys = sorted(before.keys() | after.keys())
    return [(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)]


def _said(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _said(member) for key, member in value.items() if member is not None and key not in INCIDENTAL}
    if isinstance(value, list | tuple):
        return [_said(member) for member in value]
    return value
