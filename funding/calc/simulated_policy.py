"""One policy in a simulation: each distinct case is priced once, and what the policy does not ask makes no difference."""

import json
from fractions import Fraction

from funding.calc.engine.document import Document
from funding.calc.engine.evaluate import price
from funding.calc.engine.facts import read_facts
from funding.calc.engine.recorded import Learning, Reads, needed, pay, reads

# Facts told by a file: (name, value as JSON text) of each that is told.
Told = frozenset[tuple[str, str]]


class OverRecord:
    """What a policy pays for learning as the record holds it. Raises NotRecorded, and on a call NotPriced."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._asked: Reads = reads(document)
        self.priced: dict[Learning, Fraction] = {}

    def __call__(self, learning: Learning) -> Fraction:
        case = self._asked.of(learning)
        if case not in self.priced:
            self.priced[case] = pay(self._document, case, self._asked).total
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
