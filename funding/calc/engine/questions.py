"""The six questions that a policy is held against, answered from its own lines and from nothing that anybody says of it."""

from collections.abc import Mapping

from funding.calc.engine.document import Document
from funding.calc.engine.lines import Line, Name, Written
from funding.calc.engine.recorded import needed
from funding.calc.primitives.kinds import ZERO
from rulebook.sentence import Sentence, sentence

_DIVIDING = {"drain_in_order", "account"}
_BY_MONTH = {"instalments", "month_ends", "learning_at_month_ends", "spread_over_year"}
_OF_TIME = ("day", "month", "hours")
OUTCOME, WORK = "attested_milestone", "completion"


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


def _receivers(document: Document) -> str:
    return ", ".join(sorted({flow.to.replace("_", " ") for flow in document.pays}))


def _pays_providers(document: Document) -> bool:
    return any("provider" in flow.to for flow in document.pays)


def _outside(document: Document) -> Sentence:
    receivers = _receivers(document)
    if any(line.rule in _DIVIDING for line in document.lines.values()):
        return sentence("Money goes to %(receivers)s, and one balance is divided among several.", receivers=receivers)
    if _pays_providers(document) and document.charges:
        return sentence("A provider is paid for a student, wherever the school is; the home district is charged.")
    if _pays_providers(document):
        return sentence("A provider is paid for a student, wherever the school is; the policy itself divides nothing among several.")
    return sentence("Money goes to %(receivers)s; the policy itself pays no provider outside.", receivers=receivers)


def _pace(document: Document) -> Sentence:
    if _rules(document) & _BY_MONTH:
        return sentence("Months in learning earn; finishing early releases the rest.")
    counted = [document.facts[name] for name in sorted(needed(document)[0]) if name in document.facts]
    labels = [fact.label for fact in counted if fact.kind.base == "number" and any(word in fact.name for word in _OF_TIME)]
    labels += [fact.label for fact in counted if fact.kind.base == "date" and fact.name != document.governed_by]
    if labels:
        return sentence("Time counts: %(facts)s.", facts=", ".join(labels))
    if _measures(document) & {OUTCOME, WORK}:
        return sentence("No line counts days or months: what is done pays the same, fast or slow.")
    return sentence("No line counts days or months, but neither does progress: a count pays.")


def _reward(document: Document) -> Sentence:
    measures = _measures(document)
    if OUTCOME in measures:
        if _pays_without(document, {OUTCOME}):
            return sentence("An attested outcome pays a part: high stakes. The rest comes without it.")
        return sentence("An attested outcome alone pays: high stakes.")
    if WORK in measures:
        if _pays_without(document, {WORK}):
            return sentence("Completed low-stakes work pays a part. The rest comes without it.")
        return sentence("Completed low-stakes work alone pays.")
    return sentence("Enrolment or an office's count pays, whatever is learned.")


def _needs(document: Document) -> Sentence:
    by = _measures(document)
    if "need" in by and "prior_learning" in by:
        return sentence("By categories of need and prior learning.")
    if "need" in by:
        return sentence("By categories of need.")
    return sentence("By prior learning.") if "prior_learning" in by else sentence("No: every student counts alike.")


def _every_student(document: Document) -> Sentence:
    measures = _measures(document)
    if not measures & {OUTCOME, WORK}:
        return sentence("No: what pays does not hang on what a student achieves.")
    if OUTCOME in measures or _rules(document) & {"above_threshold", "compare"}:
        return sentence("There is a threshold: who cannot reach it, or has reached it, brings nothing more.")
    if measures & {"need", "prior_learning"}:
        return sentence("Every further completion of every student brings a share, a larger one where need or the road ahead weighs.")
    return sentence("Every further completion of every student brings the same share.")


def _providers(document: Document) -> Sentence:
    if any("provider" in name for name in needed(document)[0]):
        return sentence("Providers are paid by their class.")
    if _pays_providers(document):
        return sentence("Every provider is paid by the same rule; who may provide is decided apart.")
    return sentence(
        "The policy pays %(receivers)s alone; which providers there are is decided elsewhere.", receivers=_receivers(document)
    )


def _pays_without(document: Document, measures: set[str]) -> bool:
    """Whether something can be paid although nothing of these measures is told or true, by the form of the lines: 0 times, a
    part of 0, a milestone not reached. A form that is not known here counts as one that can pay."""

    def nothing(name: Name) -> bool:
        if name.number is not None:
            return name.number == 0
        whole, _, part = name.word.partition(".")
        if whole in document.lines:
            return line_is_nothing(document.lines[whole], part)
        fact = document.facts.get(name.word) or document.facts.get(whole)
        return fact is not None and fact.measure in measures

    def line_is_nothing(line: Line, part: str) -> bool:
        given = line.arguments
        several = [name for written in given.values() if isinstance(written, tuple) for name in written]
        if line.rule in ("product", "smallest", "every"):
            return any(map(nothing, several))
        if line.rule in ("sum", "largest", "some"):
            return all(map(nothing, several))
        if line.rule == "milestones" and isinstance(reached := given["reached"], Mapping):
            return nothing(reached[part]) if part in reached else all(map(nothing, reached.values()))
        if line.rule == "when":
            return is_nothing(given["flag"]) and is_nothing(given.get("otherwise", Name("0", ZERO)))
        if line.rule == "choose":
            return is_nothing(given["by"])
        if line.rule == "difference":
            # What was paid or raised before only takes away.
            return is_nothing(given["of"])
        first = given.get("due" if line.rule == "waterfall" else "of")
        return line.rule in ("quotient", "rounded", "split", "waterfall", "total", "excess") and is_nothing(first)

    def is_nothing(written: Written | None) -> bool:
        return isinstance(written, Name) and nothing(written)

    return not all(nothing(Name(flow.line)) for flow in document.pays if flow.line not in _settled(document))


def _settled(document: Document) -> set[str]:
    """Lines paid ahead that another payment takes off again: together they come to what that one is taken from."""
    paid = {flow.line for flow in document.pays}
    settling = [document.lines[name] for name in paid if name in document.lines and document.lines[name].rule == "difference"]
    return {written.word for line in settling if isinstance(written := line.arguments["less"], Name)} & paid
