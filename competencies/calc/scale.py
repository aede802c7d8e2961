"""What a scale version must be before it is released. Pure; the words name the field and the way out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from competencies.calc.rule import read_rule

MOST_LEVELS = 20


class ScaleProblem(ValueError):
    """Why a scale cannot be so; `pointer` names the field as the API calls it."""

    def __init__(self, said: str, pointer: str) -> None:
        super().__init__(said)
        self.pointer = pointer


def check_scale(*, levels: Sequence[Mapping[str, Any]], proficient_rank: int, method: str, parameters: Mapping[str, Any]) -> None:
    """Raise ScaleProblem or RuleProblem unless levels, proficient rank and rule make a scale. `levels` are
    {"label", "description"}, the lowest first."""
    if not 2 <= len(levels) <= MOST_LEVELS:
        raise ScaleProblem(f"A scale has 2 to {MOST_LEVELS} levels, the lowest first; this has {len(levels)}.", "/levels")
    for number, level in enumerate(levels, start=1):
        if set(level) - {"label", "description"} or not isinstance(level.get("label"), str) or not level["label"].strip():
            raise ScaleProblem(f'Level {number} is {{"label": words, "description": words}} with a label.', f"/levels/{number - 1}")
        if not isinstance(level.get("description", ""), str):
            raise ScaleProblem(f"The description of level {number} must be words.", f"/levels/{number - 1}/description")
    labels = [level["label"].strip().casefold() for level in levels]
    if len(set(labels)) < len(labels):
        raise ScaleProblem("Two levels have the same label; give each its own.", "/levels")
    if type(proficient_rank) is not int or not 1 <= proficient_rank <= len(levels):
        raise ScaleProblem(f"The proficient level is {proficient_rank!r}; it is a level's number, 1 to {len(levels)}.", "/proficient")
    read_rule(method, parameters)


def check_carry(*, carried_from: Mapping[int, int], before: int, now: int) -> None:
    """Raise ScaleProblem unless each of the `before` ranks goes to one of the `now` ranks, in order: a higher level never
    becomes a lower one than a level below it."""
    if sorted(carried_from) != list(range(1, before + 1)):
        raise ScaleProblem(f"carried_from says of each level of the version before, 1 to {before}, which it is now.", "/carried_from")
    carried = [carried_from[rank] for rank in range(1, before + 1)]
    if any(type(rank) is not int or not 1 <= rank <= now for rank in carried):
        raise ScaleProblem(f"carried_from leads to levels 1 to {now} of the new version.", "/carried_from")
    if carried != sorted(carried):
        raise ScaleProblem("carried_from turns the order of levels about: a higher level may not become a lower one.", "/carried_from")


@dataclass(frozen=True)
class Draft:
    """A scale version that is not released yet: levels {"label", "description"}, the lowest first; the rest as in
    MasteryScaleVersion. `carried_from` is left out where the levels stay as many as they were."""

    levels: Sequence[Mapping[str, Any]]
    proficient_rank: int
    method: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    carried_from: Mapping[int, int] | None = None

    def carries(self, before: int) -> dict[int, int]:
        """Where each of the `before` ranks goes, checked; raises ScaleProblem or RuleProblem for whatever is wrong."""
        check_scale(levels=self.levels, proficient_rank=self.proficient_rank, method=self.method, parameters=self.parameters)
        if self.carried_from is None and before != len(self.levels):
            raise ScaleProblem(
                f"The version before has {before} levels and this has {len(self.levels)}; say in carried_from which becomes which.",
                "/carried_from",
            )
        carried = {rank: rank for rank in range(1, before + 1)} if self.carried_from is None else dict(self.carried_from)
        check_carry(carried_from=carried, before=before, now=len(self.levels))
        return carried
