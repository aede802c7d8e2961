"""What each level of a competency looks like, for whoever is about to judge: the scale's words, the rubric's, samples, anchors.

An anchor whose agreed level the rater has not guessed yet gives it away nowhere: its sample is left out of the rubric's level
that it hangs on, and offered to be tried first. Expects to run under area_learning.
"""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field

from competencies.models import AnchorRating, AnchorSample, SampleWork
from competencies.queries.frameworks import rubric_lines_of
from competencies.queries.scales import NewestVersion


@dataclass(frozen=True, slots=True)
class Sample:
    """Sample work, at an address or as text. For an anchor that the rater has tried, `own_label` is the level of their latest
    try and `met` whether that is the agreed one."""

    title: str
    address: str
    text: str
    anchor: bool = False
    own_label: str = ""
    met: bool = False


@dataclass(frozen=True, slots=True)
class LevelShown:
    """A level of the scale with what the rubric says of it, line by line as (criterion, descriptor), and its samples."""

    rank: int
    label: str
    description: str
    rubric: list[tuple[str, str]] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AnchorToTry:
    """An anchor that the rater has not rated: the sample and the levels to choose from, not the agreed one."""

    uuid: uuid.UUID
    title: str
    address: str
    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LevelGuide:
    """The levels from the first up, and the anchors to try first."""

    levels: list[LevelShown]
    to_try: list[AnchorToTry]


def level_guide(*, competency_id: int, version: NewestVersion, rater_id: int) -> LevelGuide:
    """The guide in the words of `version`, the newest of the competency's scale. Five queries."""
    levels = [LevelShown(rank, level["label"], level.get("description") or "") for rank, level in enumerate(version.levels, start=1)]
    rated = AnchorRating.objects.filter(rater_id=rater_id, anchor__competency_id=competency_id).order_by("recorded_at", "id")
    own: dict[int, int] = dict(rated.values_list("anchor_id", "rank"))
    anchors = list(AnchorSample.objects.filter(competency_id=competency_id).select_related("sample", "version").order_by("id"))
    to_try, kept = [], {one.sample_id for one in anchors}
    for one in anchors:
        labels = tuple(level["label"] for level in one.version.levels)
        if one.pk not in own:
            to_try.append(AnchorToTry(one.uuid, one.sample.title, one.sample.address, one.sample.text, labels))
        elif one.version_id == version.id:
            levels[one.agreed_rank - 1].samples.append(_tried(one.sample, labels[own[one.pk] - 1], own[one.pk] == one.agreed_rank))
    plain: dict[int, list[Sample]] = defaultdict(list)
    for line in rubric_lines_of(competency_id):
        for level in line.levels.all():
            if level.rank <= len(levels):
                said = ": ".join(part for part in (level.quality, level.description) if part)
                levels[level.rank - 1].rubric.append((line.description, said))
                plain[level.rank] += [_plain(sample) for sample in level.samples.all() if sample.pk not in kept]
    for rank, samples in plain.items():
        levels[rank - 1].samples.extend(samples)
    return LevelGuide(levels, to_try)


def _tried(sample: SampleWork, own_label: str, met: bool) -> Sample:
    return Sample(sample.title, sample.address, sample.text, anchor=True, own_label=own_label, met=met)


def _plain(sample: SampleWork) -> Sample:
    return Sample(sample.title, sample.address, sample.text)
