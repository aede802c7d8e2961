"""The six questions that a policy is held against, answered from its own lines and from nothing that anybody says of it."""

from collections.abc import Mapping

from funding.calc.engine.document import Document
from funding.calc.engine.recorded import needed

_DIVIDING = {"drain_in_order", "account", "waterfall"}
_BY_MONTH = {"instalments", "month_ends", "learning_at_month_ends", "spread_over_year"}
_BY_THRESHOLD = {"above_threshold", "compare", "milestones"}
_NEEDS = {"need": "categories of need", "prior_learning": "prior learning"}


def questions(document: Document) -> Mapping[str, str]:
    """The answer by question, in the order of the policy papers."""
    return {
        "Do the rules support enrolling outside the school's walls?": _outside(document),
        "Do they support moving at a flexible pace?": _pace(document),
        "Do they reward enrolment, or demonstrated learning?": _reward(document),
        "Do they account for what different students need?": _needs(document),
        "Do they move teachers to care for every student's achievement?": _every_student(document),
        "Do they support many good providers?": _providers(document),
    }


def _measures(document: Document) -> set[str]:
    return {document.facts[name].measure for name in needed(document)[0] if name in document.facts}


def _rules(document: Document) -> set[str]:
    return {document.lines[name].rule for name in needed(document)[2]}


def _outside(document: Document) -> str:
    receivers = ", ".join(sorted({flow.to for flow in document.pays}))
    if _rules(document) & _DIVIDING:
        return f"Money goes to {receivers}, and is divided among several."
    return f"Money goes to {receivers}; the policy itself divides nothing among several."


def _pace(document: Document) -> str:
    if _rules(document) & _BY_MONTH:
        return "Months in learning earn; finishing early releases the rest."
    days = [name for name in needed(document)[0] if name in document.facts and document.facts[name].kind.base == "date"]
    if set(days) - {document.governed_by}:
        return "Days count."
    return "No line counts days or months: the pace changes nothing."


def _reward(document: Document) -> str:
    measures = _measures(document)
    if "attested_milestone" in measures:
        return "An attested outcome pays: high stakes."
    if "completion" in measures:
        return "Completed low-stakes work pays."
    return "Enrolment or an office's count pays, whatever is learned."


def _needs(document: Document) -> str:
    by = [words for measure, words in _NEEDS.items() if measure in _measures(document)]
    return f"By {' and '.join(by)}." if by else "No: every student counts alike."


def _every_student(document: Document) -> str:
    if document.stakes == "high" or _rules(document) & _BY_THRESHOLD:
        return "There is a threshold: who cannot reach it, or has reached it, brings nothing more."
    return "Every further completion of every student brings the same share."


def _providers(document: Document) -> str:
    if any("provider" in name for name in needed(document)[0]):
        return "Providers are paid by their class."
    return "Every provider is paid by the same rule; who may provide is decided apart."
