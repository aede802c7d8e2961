"""Scales and their versions, as calculation needs them. Every function expects to run under area_learning."""

import datetime
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch

from competencies.calc.level import Scales, ScaleVersion
from competencies.calc.rule import read_rule
from competencies.models import Competency, MasteryScale, MasteryScaleVersion

VERSION_COLUMNS = ("id", "scale_id", "number", "levels", "proficient_rank", "method", "parameters", "carried_from")


def scale_version(row: Iterable[Any]) -> ScaleVersion:
    """The version of a row of VERSION_COLUMNS."""
    pk, scale, number, levels, proficient, method, parameters, carried = row
    return ScaleVersion(
        id=pk,
        scale_id=scale,
        number=number,
        labels=tuple(level["label"] for level in levels),
        proficient_rank=proficient,
        rule=read_rule(method, parameters),
        carried_from={int(before): now for before, now in carried.items()},
    )


def scale_version_of(row: str) -> ScaleVersion:
    """The version of a row of the table that came as the text of a JSON object."""
    read = json.loads(row)
    return scale_version(read[name] for name in VERSION_COLUMNS)


def scales_of_versions(version_ids: Collection[int]) -> Scales:
    """Every version of the scales that the versions belong to."""
    scale_ids = MasteryScaleVersion.objects.filter(id__in=version_ids).values("scale_id")
    return Scales(
        scale_version(row) for row in MasteryScaleVersion.objects.filter(scale_id__in=scale_ids).values_list(*VERSION_COLUMNS)
    )


@dataclass(frozen=True, slots=True)
class NewestVersion:
    """The newest version of the scale of a competency's framework; and since when the competency is retired, None for not at
    all. `levels` are {"label", "description"}, rank 1 first."""

    id: int
    levels: list[dict[str, str]]
    proficient_rank: int
    retired_on: datetime.date | None

    @property
    def labels(self) -> list[str]:
        return [level["label"] for level in self.levels]

    @property
    def highest_rank(self) -> int:
        return len(self.levels)


def newest_versions(competency_ids: Collection[int]) -> dict[int, NewestVersion]:
    """{competency id: the newest version of its framework's scale}; ids that are no competency's are left out. One query."""
    found = (
        Competency.objects.filter(id__in=competency_ids)
        .order_by("id", "-framework__scale__versions__number")
        .distinct("id")
        .values_list(
            "id",
            "framework__scale__versions",
            *(f"framework__scale__versions__{name}" for name in ("levels", "proficient_rank")),
            "retired_on",
        )
    )
    return {
        competency: NewestVersion(version, levels, proficient, retired_on)
        for competency, version, levels, proficient, retired_on in found
        if version is not None
    }


def newest_of_scales(scale_ids: Collection[int]) -> dict[int, MasteryScaleVersion]:
    """{scale id: its newest version}. One query."""
    found = MasteryScaleVersion.objects.filter(scale_id__in=scale_ids).order_by("scale_id", "-number").distinct("scale_id")
    return {version.scale_id: version for version in found}


def listed_scales(scale_id: int | None = None) -> list[dict[str, Any]]:
    """The scales (or one), by code, each with its versions, oldest first, as the API tells them. Two queries."""
    scales = MasteryScale.objects.order_by("code").prefetch_related(
        Prefetch("versions", MasteryScaleVersion.objects.order_by("number"))
    )
    return [
        {
            "uuid": scale.uuid,
            "code": scale.code,
            "title": scale.title,
            "versions": [
                {
                    "number": version.number,
                    "levels": version.levels,
                    "proficient": version.proficient_rank,
                    "method": version.method,
                    "parameters": version.parameters,
                    "carried_from": version.carried_from,
                    "reason": version.reason,
                    "released_at": version.released_at,
                }
                for version in scale.versions.all()
            ],
        }
        for scale in (scales if scale_id is None else scales.filter(pk=scale_id))
    ]
