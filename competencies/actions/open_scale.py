"""Open a mastery scale with its first version; and the scale that a framework gets where nobody chose one."""

import datetime
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.db import IntegrityError, transaction

from competencies.calc.rule import RuleProblem
from competencies.calc.scale import ScaleProblem, check_scale
from competencies.models import MasteryScale, MasteryScaleVersion
from database.areas import acting_as

FOUR_LEVELS = "four-levels"


class ScaleRefused(ValueError):
    """Why a scale or a version of one was not released, in a sentence for people; `pointer` names the field, where it is one."""

    def __init__(self, said: str, pointer: str | None = None) -> None:
        super().__init__(said)
        self.pointer = pointer

    @classmethod
    def over(cls, problem: ScaleProblem | RuleProblem) -> "ScaleRefused":
        """What a calculation found wrong."""
        return cls(str(problem), pointer_of(problem))


def pointer_of(problem: ScaleProblem | RuleProblem) -> str:
    """The field that is wrong, as the API calls it."""
    return problem.pointer if isinstance(problem, ScaleProblem) else "/parameters"


def open_scale(
    *,
    code: str,
    title: str,
    levels: Sequence[Mapping[str, Any]],
    proficient_rank: int,
    method: str,
    parameters: Mapping[str, Any] = MappingProxyType({}),
    released_by: int | None = None,
    at: datetime.datetime,
) -> MasteryScaleVersion:
    """Version 1 of a new scale. `levels` are {"label", "description"}, the lowest first; method and parameters as in
    calc/rule.py. Raises ScaleRefused."""
    if not code.strip() or not title.strip():
        raise ScaleRefused("A scale has a code and a title.")
    try:
        check_scale(levels=levels, proficient_rank=proficient_rank, method=method, parameters=parameters)
    except (ScaleProblem, RuleProblem) as problem:
        raise ScaleRefused.over(problem) from None
    with acting_as("area_learning"):
        try:
            with transaction.atomic():
                scale = MasteryScale.objects.create(code=code.strip(), title=title.strip())
        except IntegrityError:
            raise ScaleRefused(f"There is a scale {code!r} already; release a further version of it, or take another code.") from None
        return MasteryScaleVersion.objects.create(
            scale=scale,
            number=1,
            levels=[{"label": level["label"].strip(), "description": level.get("description", "")} for level in levels],
            highest_rank=len(levels),
            proficient_rank=proficient_rank,
            method=method,
            parameters=dict(parameters),
            released_by_id=released_by,
            released_at=at,
        )


def default_scale(*, at: datetime.datetime) -> MasteryScale:
    """The scale "four-levels", made on first use: Beginning, Developing, Proficient, Advanced; the newest judgement counts."""
    with acting_as("area_learning"):
        found = MasteryScale.objects.filter(code=FOUR_LEVELS).first()
        if found is None:
            labels = ("Beginning", "Developing", "Proficient", "Advanced")
            try:
                return open_scale(
                    code=FOUR_LEVELS,
                    title="Four levels",
                    levels=[{"label": label} for label in labels],
                    proficient_rank=3,
                    method="most_recent",
                    at=at,
                ).scale
            except ScaleRefused:  # two at once: the other one made it
                found = MasteryScale.objects.get(code=FOUR_LEVELS)
        return found
