"""One policy in a simulation: each distinct case is priced once, and what the policy does not ask makes no difference."""

import json
from dataclasses import dataclass, replace
from fractions import Fraction

from funding.calc.engine.document import Document
from funding.calc.engine.evaluate import price
from funding.calc.engine.facts import read_facts
from funding.calc.engine.program import ENROLLMENT
from funding.calc.engine.recorded import Learning, Reads, needed, pay, reads
from funding.calc.primitives.kinds import ZERO

# Facts told by a file: (name, value as JSON text) of each that is told.
Told = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Enrolled:
    """An enrollment as recorded, or a module of it alone: the learning of each module. Not `begun`: learning has not started,
    or ended before it did."""

    modules: tuple[Learning, ...]
    begun: bool = True

    def whole(self) -> Learning:
        """The modules as one learning; what is not a sum is alike in all of them."""
        return replace(
            self.modules[0],
            credit=sum((one.credit for one in self.modules), ZERO),
            assigned=sum(one.assigned for one in self.modules),
            completed=sum(one.completed for one in self.modules),
            modules=len(self.modules),
            modules_completed=sum(one.modules_completed for one in self.modules),
        )


class OverRecord:
    """What a policy pays for learning as the record holds it, as the night would. Raises NotRecorded, and on a call NotPriced."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.asked: Reads = reads(document)
        self.whole = document.program is not None and document.program.unit == ENROLLMENT
        self.priced: dict[Learning, Fraction] = {}

    def __call__(self, enrolled: Enrolled) -> Fraction:
        if not enrolled.begun and not self.asked.only_for_work:
            return ZERO
        return sum(map(self._of, (enrolled.whole(),) if self.whole else enrolled.modules), ZERO)

    def _of(self, learning: Learning) -> Fraction:
        case = self.asked.of(learning)
        if case not in self.priced:
            self.priced[case] = pay(self._document, case, self.asked).total
        return self.priced[case]


class OverFacts:
    """What a policy pays on facts that a file tells. A call raises FactRefused and NotPriced."""

    def __init__(self, document: Document) -> None:
        self._document = document
        names = needed(document)[0] | {document.governed_by}
        self._asked = names | {name.split(".")[0] for name in names}
        self.priced: dict[Told, Fraction] = {}

    def __call__(self, told: Told) -> Fraction:
        case = frozenset(one for one in told if one[0] in self._asked)
        if case not in self.priced:
            facts = {name: json.loads(value) for name, value in case}
            self.priced[case] = price(self._document, read_facts(self._document.facts, facts)).total
        return self.priced[case]
