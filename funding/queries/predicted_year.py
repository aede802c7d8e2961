"""What learning has earned and could have earned by a program's policies, provider by provider: what a prediction rests on."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from funding.calc.engine.document import read_document
from funding.calc.engine.evaluate import NotPriced
from funding.calc.engine.recorded import Learning, NotRecorded
from funding.calc.money import half_up_to_cents
from funding.calc.simulated_policy import Enrolled, OverRecord
from funding.calc.year_ahead import Anticipated, Learned
from funding.models import PolicyVersion, Program
from funding.queries.recorded_year import recorded_learning


class NotPredicted(ValueError):
    """Why nothing can be predicted, in a sentence for people."""


@dataclass(frozen=True)
class _Version:
    in_force_from: datetime.date
    policy: OverRecord


class _Worth:
    """What the program's released policies pay, each version for learning that starts in its time. Raises NotPredicted."""

    def __init__(self, program: Program) -> None:
        released = PolicyVersion.objects.filter(program=program).order_by("in_force_from")
        try:
            self._versions = [_Version(one.in_force_from, OverRecord(read_document(one.content, program.code))) for one in released]
        except NotRecorded as problem:
            raise NotPredicted(str(problem)) from None
        self.policies = [one.policy for one in self._versions]

    def _governing(self, enrolled: Enrolled) -> OverRecord | None:
        start = enrolled.modules[0].start_of_learning
        return next((one.policy for one in reversed(self._versions) if one.in_force_from <= start), None)

    def cents(self, enrolled: Enrolled) -> int:
        """0 where no policy was in force when it started."""
        policy = self._governing(enrolled)
        try:
            return half_up_to_cents(policy(enrolled)) if policy else 0
        except NotPriced as problem:
            raise NotPredicted(str(problem)) from None

    def whole_cents(self, enrolled: Enrolled) -> int:
        """The same with all of it completed, every milestone attained and as long in learning as counts."""
        policy = self._governing(enrolled)
        if policy is None:
            return 0
        asked = policy.asked
        completed = tuple(
            replace(
                one,
                completed=one.assigned,
                milestones=frozenset(asked.milestones),
                modules_completed=int(one.assigned > 0),
                months_learned=asked.at_most("months_learned"),
                days_learned=asked.at_most("days_learned"),
            )
            for one in enrolled.modules
        )
        return self.cents(Enrolled(completed))


def learned(*, program: Program, first_on: datetime.date, last_on: datetime.date, on: datetime.date) -> dict[str, Learned]:
    """By provider code: learning that started from `first_on` to `last_on`, with what was completed by `on`. Raises NotPredicted."""
    worth = _Worth(program)
    earned: dict[str, int] = defaultdict(int)
    whole: dict[str, int] = defaultdict(int)
    recorded = recorded_learning(catalogue=program.catalogue, first=first_on, last=last_on, as_of=on, policies=worth.policies)
    for one in recorded:
        earned[one.provider] += worth.cents(one.case) * one.count
        whole[one.provider] += worth.whole_cents(one.case) * one.count
    return {provider: Learned(earned[provider], whole[provider]) for provider in sorted(whole)}


def anticipated_cents(*, program: Program, first_on: datetime.date, expected: Iterable[Anticipated]) -> dict[str, int]:
    """By provider code: what full completion of the expected enrollments would earn, had they started on `first_on`."""
    worth = _Worth(program)
    whole: dict[str, int] = defaultdict(int)
    for one in expected:
        enrolled = Enrolled((Learning(first_on, one.credit, 1, 0, provider=one.provider),))
        whole[one.provider] += worth.whole_cents(enrolled) * one.count
    return dict(whole)
