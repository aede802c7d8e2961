"""From the judgements of a cell (a student and a competency) to its level. Exact, pure; used for today and for any day.

The version that counts is the newest among the counted judgements, so a released edit of a scale changes nothing until
somebody judges under it; ranks given under an older version are carried rank by rank into it. A marked professional
override fixes the level until it is withdrawn; of several the latest in order counts.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from competencies.calc.rule import Rule, rank_by

OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class ScaleVersion:
    """A version of a scale as calculation needs it; ranks count from 1, `labels[0]` is rank 1's.

    `carried_from` maps each rank of the version before to one of this; empty for version 1.
    """

    id: int
    scale_id: int
    number: int
    labels: tuple[str, ...]
    proficient_rank: int
    rule: Rule
    carried_from: Mapping[int, int]

    def label(self, rank: int) -> str:
        return self.labels[rank - 1]


class Scales:
    """Versions by id, with every version of each scale that is named, so that ranks can be carried along."""

    def __init__(self, versions: Iterable[ScaleVersion]) -> None:
        self._by_id = {version.id: version for version in versions}
        self._by_number = {(version.scale_id, version.number): version for version in self._by_id.values()}

    def __getitem__(self, version_id: int) -> ScaleVersion:
        return self._by_id[version_id]

    def of(self, scale_id: int) -> list[ScaleVersion]:
        """The versions of one scale, oldest first."""
        return sorted((one for one in self._by_id.values() if one.scale_id == scale_id), key=lambda version: version.number)

    def newest(self, version_ids: Iterable[int]) -> ScaleVersion:
        return max((self._by_id[one] for one in version_ids), key=lambda version: version.number)

    def carry(self, rank: int, version_id: int, into: ScaleVersion) -> int:
        """What `rank` of a version is in the same scale's later version `into`."""
        version = self._by_id[version_id]
        for number in range(version.number + 1, into.number + 1):
            rank = self._by_number[version.scale_id, number].carried_from[rank]
        return rank


class Entry(NamedTuple):
    """What of a judgement its level hangs on, besides its place in the order."""

    version_id: int
    rank: int
    is_override: bool


@dataclass(frozen=True, slots=True)
class CellLevel:
    """A cell's level; `rank` counts in `version`."""

    version: ScaleVersion
    rank: int
    overridden: bool


def level_of(entries: Sequence[Entry], scales: Scales, version: ScaleVersion | None = None) -> CellLevel:
    """The level of at least one counted judgement, in the order of the cell; under `version` where one is given (not
    older than any of theirs), else under the newest of theirs."""
    counting = version or scales.newest({entry.version_id for entry in entries})
    carried = [scales.carry(entry.rank, entry.version_id, counting) for entry in entries]
    overrides = [rank for rank, entry in zip(carried, entries, strict=True) if entry.is_override]
    if overrides:
        return CellLevel(counting, overrides[-1], True)
    return CellLevel(counting, rank_by(counting.rule, carried), False)


def read_story(story: str) -> list[Entry]:
    """The entries of a cell's story, "7:3 7:2 9:3!": version and rank of each judgement in order, ! for an override."""
    entries = []
    for word in story.split():
        version, _, rank = word.rstrip("!").partition(":")
        entries.append(Entry(int(version), int(rank), word.endswith("!")))
    return entries


@dataclass(frozen=True, slots=True)
class Criterion:
    """The level that counts as mastered for one student, where an individual plan changes it."""

    version_id: int
    proficient_rank: int


def is_mastered(level: CellLevel, scales: Scales, criterion: Criterion | None) -> bool:
    """Whether a level reaches the version's proficient rank, or the individual criterion's; the older of criterion and
    level is carried into the newer one's version."""
    if criterion is None:
        return level.rank >= level.version.proficient_rank
    newest = scales.newest({level.version.id, criterion.version_id})
    reached = scales.carry(level.rank, level.version.id, newest)
    return reached >= scales.carry(criterion.proficient_rank, criterion.version_id, newest)


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement on the record; `withdrawn_on` is the UTC day of its withdrawal, None while it stands."""

    id: int
    entry: Entry
    kind: str
    worked_on: datetime.date
    recorded_at: datetime.datetime
    judged_by_id: int
    reason: str = ""
    withdrawn_on: datetime.date | None = None
    withdrawn_by_id: int | None = None
    withdrawn_for: str = ""


def as_known(judged: Iterable[Judged], day: datetime.date) -> list[Judged]:
    """What was recorded by the end of the UTC day `day`; a later withdrawal was not known then."""
    recorded = [one for one in judged if one.recorded_at.astimezone(datetime.UTC).date() <= day]
    return [
        replace(one, withdrawn_on=None, withdrawn_by_id=None, withdrawn_for="") if one.withdrawn_on and one.withdrawn_on > day else one
        for one in recorded
    ]


def counted(judged: Iterable[Judged], known_on: datetime.date | None = None) -> list[Judged]:
    """The judgements that count, in the order of a cell: today, or as known at the end of the UTC day `known_on`."""
    known = judged if known_on is None else as_known(judged, known_on)
    return sorted((one for one in known if one.withdrawn_on is None), key=lambda one: (one.worked_on, one.recorded_at, one.id))
