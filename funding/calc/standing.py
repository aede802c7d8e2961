"""How far what policies ask of the record stands there: a need or milestone that is on file for nobody changes no payment."""

from collections.abc import Sequence
from typing import Any

from funding.calc.simulated_policy import Enrolled, OverRecord
from funding.calc.simulation import Alike
from funding.calc.simulation_report import LETTERS

NEED, MILESTONE, PRIOR_LEARNING = "need", "milestone", "prior_learning"


def standing(policies: Sequence[OverRecord], learning: Sequence[Alike[Enrolled]]) -> list[dict[str, Any]]:
    """For each category of need, milestone and measure of prior learning that any policy asks for: the `letters` of those
    policies, `of` (which of the three), its `word`, and for how many enrollment-modules it `stands`."""
    stands: dict[tuple[str, str], int] = {}
    for one in learning:
        recorded = one.case.modules[0]
        words = [(NEED, word) for word in recorded.needs] + [(MILESTONE, word) for word in recorded.milestones]
        for key in words + [(PRIOR_LEARNING, measure) for measure, _amount in recorded.prior_learning]:
            stands[key] = stands.get(key, 0) + one.count * one.units
    asking: dict[tuple[str, str], list[str]] = {}
    for letter, policy in zip(LETTERS, policies, strict=False):
        asked = policy.asked
        for of, named in ((NEED, asked.needs), (MILESTONE, asked.milestones), (PRIOR_LEARNING, asked.prior_learning)):
            for word in named:
                asking.setdefault((of, word), []).append(letter)
    return [
        {"letters": letters, "of": of, "word": word, "stands": stands.get((of, word), 0)} for (of, word), letters in asking.items()
    ]
