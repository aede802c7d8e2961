"""What changed from one version of a policy to the next, in sentences that a reader of the law can check."""

from collections.abc import Iterator, Mapping
from typing import Any

from funding.calc.engine.document import Document, Flow
from funding.calc.engine.figures import INVENTED, Dated, Figure
from funding.calc.engine.lines import Line
from funding.calc.engine.program import Program, Source
from funding.calc.engine.words import shown
from rulebook.load import Citation

_HEAD = {
    "policy": "the policy's name in the books",
    "name": "the name",
    "about": "what it says it is",
    "leaves_out": "what it leaves out",
    "currency": "the currency",
    "in_force_from": "the first day in force",
    "governed_by": "the date on which figures are looked up",
    "stakes": "the stakes",
    "basis": "the basis in law",
    "rounding": "the rounding",
    "rounding_of": "what is rounded",
}
_PROGRAM = {
    "code": "the program",
    "catalogue": "the catalogue that it pays for",
    "fiscal_year_starts_month": "the month in which the fiscal year starts",
    "unit": "what is priced by itself",
    "on_timetable": "whether its nights run by themselves",
    "demonstration": "whether it is a demonstration",
}


def differences(old: Document, new: Document) -> list[str]:
    """One sentence a difference, from the head to the payments; none where both say the same."""
    return [
        *_changed(_HEAD, old, new),
        *_program(old.program, new.program),
        *_named("fact", old.facts, new.facts, lambda fact: f"{fact.label} ({fact.kind}, {fact.measure})"),
        *_figures(old.figures, new.figures),
        *_named("line", old.lines, new.lines, _line),
        *_flows("pays", old.pays, new.pays),
        *_flows("charges", old.charges, new.charges),
    ]


def _program(old: Program | None, new: Program | None) -> Iterator[str]:
    if old is None or new is None:
        if new is not None:
            yield f"It now governs the program {new.code}, which pays for the catalogue {new.catalogue}."
        if old is not None:
            yield f"It no longer governs the program {old.code}."
        return
    yield from _changed(_PROGRAM, old, new)
    for fact in [*old.reads, *(fact for fact in new.reads if fact not in old.reads)]:
        before, after = (_place(program.reads.get(fact)) for program in (old, new))
        if before != after:
            yield f"The fact {fact} was read from {before} and is now read from {after}."


def _place(source: Source | None) -> str:
    if source is None:
        return "where the record has it by its name"
    told = f"{source.of} {source.word}".strip()
    if source.at_most:
        told += f", at most {source.at_most}"
    if source.by_code:
        told += " (" + ", ".join(f"{code}: {shown(value)}" for code, value in source.by_code) + ")"
    return told if source.otherwise is None else f"{told}, otherwise {shown(source.otherwise)}"


def _changed(words_of: Mapping[str, str], old: object, new: object) -> Iterator[str]:
    for name, words in words_of.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield f"{words[0].upper()}{words[1:]} changes from {_plain(before)} to {_plain(after)}."


def _plain(value: Any) -> str:
    if hasattr(value, "step"):
        return f"{shown(value.step)} {value.mode}"
    if isinstance(value, tuple):
        return "; ".join(value) or "nothing"
    return f"{value.title}, {value.section}" if hasattr(value, "section") else shown(value) or "nothing"


def _named(what: str, old: Mapping[str, Any], new: Mapping[str, Any], words: Any) -> Iterator[str]:
    for name in [*old, *(name for name in new if name not in old)]:
        if name not in new:
            yield f"The {what} {name} is gone: {words(old[name])}."
        elif name not in old:
            yield f"The {what} {name} is new: {words(new[name])}."
        elif words(old[name]) != words(new[name]) or (what == "fact" and old[name] != new[name]):
            yield f"The {what} {name} changes from {words(old[name])} to {words(new[name])}."


def _line(line: Line) -> str:
    arguments = ", ".join(f"{name} {_written(written)}" for name, written in line.arguments.items())
    rounding = f", rounded {line.rounding.mode} to {shown(line.rounding.step)}" if line.rounding else ""
    return f'"{line.says}" {line.rule}: {arguments}{rounding}'


def _written(written: Any) -> str:
    if isinstance(written, str):
        return written
    if isinstance(written, Mapping):
        return "(" + ", ".join(f"{word}: {name.word}" for word, name in written.items()) + ")"
    return "(" + ", ".join(name.word for name in written) + ")" if isinstance(written, tuple) else str(written.word)


def _figures(old: Mapping[str, Figure], new: Mapping[str, Figure]) -> Iterator[str]:
    yield from _named("figure", old, new, lambda figure: f"{figure.label}, {figure.unit}")
    for name in [*old, *(name for name in new if name not in old)]:
        before, after = ({dated.from_on: dated for dated in one[name].values} if name in one else {} for one in (old, new))
        for day in sorted(before.keys() | after.keys()):
            yield from _dated((new.get(name) or old[name]).label, before.get(day), after.get(day))


def _dated(label: str, before: Dated | None, after: Dated | None) -> Iterator[str]:
    if before is None and after is not None:
        yield f"From {after.from_on} the {label} is {shown(after.value)}{_by(after.citation)}: that is new."
    elif after is None and before is not None:
        yield f"From {before.from_on} the {label} was {shown(before.value)}: that is gone."
    elif before is not None and after is not None and before != after:
        if before.value != after.value:
            values = f"from {shown(before.value)} to {shown(after.value)}"
            yield f"From {after.from_on} the {label} changes {values}{_by(after.citation)}."
        if before.until_on != after.until_on:
            ends = [dated.until_on or "the next" for dated in (before, after)]
            yield f"The {label} from {after.from_on} held until {ends[0]} and now holds until {ends[1]}."
        if before.citation != after.citation and before.value == after.value:
            origin = after.citation
            now = f"is {INVENTED.lower()}: {origin.note}" if origin.title == INVENTED else f"cites {origin.title}, {origin.section}"
            yield f"The {label} from {after.from_on} keeps its value and now {now}."


def _by(origin: Citation) -> str:
    return f" ({INVENTED.lower()}: {origin.note})" if origin.title == INVENTED else f", by {origin.title}"


def _flows(what: str, old: tuple[Flow, ...], new: tuple[Flow, ...]) -> Iterator[str]:
    for flow in old:
        if flow not in new:
            yield f"It no longer {what} {flow.line} to {flow.to} from {flow.source}."
    for flow in new:
        if flow not in old:
            yield f"It now {what} {flow.line} to {flow.to} from {flow.source}."
