"""What the books need to know of a policy's text to put it in force: the one place that says how such a text is read."""

import datetime
from dataclasses import dataclass
from fractions import Fraction

from funding.calc.engine.differences import differences
from funding.calc.engine.document import Document, read_document
from funding.calc.engine.recorded import NotRecorded, Reads, needed, reads
from rulebook.load import RuleError

CENT = Fraction(1, 100)


@dataclass(frozen=True)
class Releasable:
    """The head of a policy that can be released. `governed_by` is the grandfathering key: whose day decides under which version
    somebody is paid. `sources` are those that pay; `milestones` the attested outcomes on which it
    pays; `sha256` is of the text that was read, byte for byte."""

    program: str
    name: str
    catalogue: str
    currency: str
    fiscal_year_starts_month: int
    unit: str
    on_timetable: bool
    demonstration: bool
    high_stakes: bool
    in_force_from: datetime.date
    governed_by: str
    sources: tuple[str, ...]
    milestones: tuple[str, ...]
    sha256: str


def read_releasable(content: str, name: str) -> Releasable:
    """Raises rulebook.load.RuleError naming `name` and, where there is one, the line."""
    document = read_document(content, name)
    if document.program is None:
        raise RuleError(f"{name}:1: a policy that pays by night says whose; add a `program` section (docs/policy-guide.md)")
    asked = _asked(document)
    for flow in document.pays:
        if flow.to != "provider":
            raise flow.node.error(f"the night pays the provider of an enrollment; {flow.line} goes to {flow.to}: write `to: provider`")
    if document.rounding_of != "marked_lines" and document.rounding.step % CENT:
        raise document.rounding.node.error('payments are whole cents; let `rounding` go to a step of "0.01" or a multiple of it')
    return Releasable(
        program=document.program.code,
        name=document.name,
        catalogue=document.program.catalogue,
        currency=document.currency,
        fiscal_year_starts_month=document.program.fiscal_year_starts_month,
        unit=document.program.unit,
        on_timetable=document.program.on_timetable,
        demonstration=document.program.demonstration,
        high_stakes=document.stakes == "high",
        in_force_from=document.in_force_from,
        governed_by=document.governed_by,
        sources=tuple(sorted({flow.source for flow in document.pays})),
        milestones=asked.milestones,
        sha256=document.sha256,
    )


def changes(old: str, new: str, name: str) -> list[str]:
    """What changed from one text to the next, a sentence a difference."""
    return differences(read_document(old, name), read_document(new, name))


def _asked(document: Document) -> Reads:
    """Also refuses figures that have no value on the policy's first day."""
    try:
        asked = reads(document)
    except NotRecorded as problem:
        raise RuleError(str(problem)) from None
    for name in sorted(needed(document)[1]):
        figure = document.figures[name]
        if figure.in_force_on(document.in_force_from) is None:
            first = document.in_force_from
            raise figure.node.error(f"{figure.label} has no value on {first}, the policy's first day; add one")
    return asked
