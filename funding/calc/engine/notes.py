"""What a policy says that its writer may not have meant: notes beside it, never a refusal."""

from collections.abc import Iterator
from dataclasses import replace

from funding.calc.engine.document import Document
from funding.calc.engine.recorded import needed


def notes(document: Document) -> list[str]:
    """One sentence a note; none where nothing strikes the eye."""
    return [*_late_figures(document), *_parts_paid_twice(document), *_unused(document)]


def _late_figures(document: Document) -> Iterator[str]:
    """Under a program the first day in force is refused without a value; from a file the day that governs may be any."""
    for name in sorted(_used(document)[1]):
        figure = document.figures[name]
        if figure.in_force_on(document.in_force_from) is None:
            yield (
                f"{figure.label} ({name}) has no value on {document.in_force_from}, the first day in force; what is governed by "
                "a day without one is refused."
            )


def _parts_paid_twice(document: Document) -> Iterator[str]:
    paid = [flow.line for flow in document.pays]
    used = {name for line in document.lines.values() for name in line.names()} | {flow.line for flow in document.charges}
    for line in document.lines.values():
        if line.rule != "split":
            continue
        parts = [f"{line.name}.{part}" for part in document.kinds[line.name].parts or {}]
        twice = [part for part in parts if paid.count(part) > 1]
        never = [part for part in parts if part not in paid and part not in used]
        if twice and never:
            yield f"Of the split {line.name} nobody is paid from {', '.join(never)}, and {', '.join(twice)} is paid more than once."


def _unused(document: Document) -> Iterator[str]:
    _facts, figures, lines = _used(document)
    for what, all_of, used in (("figure", document.figures, figures), ("line", document.lines, lines)):
        unused = [name for name in all_of if name not in used]
        if unused:
            yield f"No payment uses the {what}{'s' if len(unused) > 1 else ''} {', '.join(unused)}."


def _used(document: Document) -> tuple[set[str], set[str], set[str]]:
    return needed(replace(document, pays=document.pays + document.charges))
