"""The six questions that a policy is held against, answered from its own lines and from nothing that anybody says of it."""

from collections.abc import Mapping

from funding.calc.engine.document import Document
from funding.calc.engine.recorded import needed
from rulebook.sentence import Sentence, sentence

_DIVIDING = {"drain_in_order", "account", "waterfall"}
_BY_MONTH = {"instalments", "month_ends", "learning_at_month_ends", "spread_over_year"}
_BY_THRESHOLD = {"above_threshold", "compare", "milestones"}


def questions(document: Document) -> Mapping[Sentence, Sentence]:
    """The answer by question, in the order of the policy papers."""
    return {
        sentence("Do the rules support enrolling outside the school's walls?"): _outside(document),
        sentence("Do they support moving at a flexible pace?"): _pace(document),
        sentence("Do they reward enrolment, or demonstrated learning?"): _reward(document),
        sentence("Do they account for what different students need?"): _needs(document),
        sentence("Do they move teachers to care for every student's achievement?"): _every_student(document),
        sentence("Do they support many good providers?"): _providers(document),
    }


def _measures(document: Document) -> set[str]:
    return {document.facts[name].measure for name in needed(document)[0] if name in document.facts}


def _rules(document: Document) -> set[str]:
    return {document.lines[name].rule for name in needed(document)[2]}


def _outside(document: Document) -> Sentence:
    receivers = ", ".join(sorted({flow.to for flow in document.pays}))
    if _rules(document) & _DIVIDING:
        return sentence("Money goes to %(receivers)s, and is divided among several.", receivers=receivers)
    return sentence("Money goes to %(receivers)s; the policy itself divides nothing among several.", receivers=receivers)


def _pace(document: Document) -> Sentence:
    if _rules(document) & _BY_MONTH:
        return sentence("Months in learning earn; finishing early releases the rest.")
    days = [name for name in needed(document)[0] if name in document.facts and document.facts[name].kind.base == "date"]
    if set(days) - {document.governed_by}:
        return sentence("Days count.")
    return sentence("No line counts days or months: the pace changes nothing.")


def _reward(document: Document) -> Sentence:
    measures = _measures(document)
    if "attested_milestone" in measures:
        return sentence("An attested outcome pays: high stakes.")
    if "completion" in measures:
        return sentence("Completed low-stakes work pays.")
    return sentence("Enrolment or an office's count pays, whatever is learned.")


def _needs(document: Document) -> Sentence:
    by = _measures(document)
    if "need" in by and "prior_learning" in by:
        return sentence("By categories of need and prior learning.")
    if "need" in by:
        return sentence("By categories of need.")
    return sentence("By prior learning.") if "prior_learning" in by else sentence("No: every student counts alike.")


def _every_student(document: Document) -> Sentence:
    if document.stakes == "high" or _rules(document) & _BY_THRESHOLD:
        return sentence("There is a threshold: who cannot reach it, or has reached it, brings nothing more.")
    return sentence("Every further completion of every student brings the same share.")


def _providers(document: Document) -> Sentence:
    if any("provider" in name for name in needed(document)[0]):
        return sentence("Providers are paid by their class.")
    return sentence("Every provider is paid by the same rule; who may provide is decided apart.")
