"""`make packs`: a page of docs for each pack of real funding rules, written from the pack and its worked cases alone.

`--check` writes nothing and exits with 1 where a page is not what its pack says.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from funding.calc.engine.cases import Case, read_cases  # noqa: E402 - the path above comes first
from funding.calc.engine.document import Document, Flow, read_document  # noqa: E402
from funding.calc.engine.facts import MEASURES, Fact  # noqa: E402
from funding.calc.engine.lines import Line, Name  # noqa: E402
from funding.calc.engine.questions import questions  # noqa: E402
from funding.calc.engine.words import shown  # noqa: E402
from rulebook.load import Citation  # noqa: E402

PACKS, PAGES = ROOT / "funding" / "packs", ROOT / "docs" / "packs"
STAKES = {
    "low": "**Low stakes**: nothing that pays is an attested outcome, so outcomes are free to judge.",
    "high": "**High stakes**: an attested outcome pays. Whoever runs it says so wherever it is shown, and the outcome that "
    "pays is barred from judging providers.",
}
ROUNDED = {"each_payment": "each payment", "the_total": "the sum of the payments, once", "marked_lines": "only the lines that say so"}
BETWEEN = {"sum": " + ", "product": " × ", "smallest": ", ", "largest": ", ", "every": " and ", "some": " or "}
BEFORE = {"smallest": "the least of ", "largest": "the greatest of "}
INTRODUCTION = """# Packs

Real funding systems, and shapes of rules from policy papers, each as one policy file in `funding/packs/` with worked cases beside
it. These pages are written from the files by `make packs`; the [policy guide](../policy-guide.md) explains the rules that
their lines name.

| pack | what it pays on | stakes | figures | worked cases |
|---|---|---|---|---|
"""


def pages() -> dict[Path, str]:
    """Every page's text by its path."""
    found, rows = {}, []
    for path in sorted(one for one in PACKS.glob("*.yaml") if not one.name.endswith(".cases.yaml")):
        document = read_document(path.read_text(encoding="utf-8"), path.name)
        beside = path.with_suffix(".cases.yaml")
        cases = read_cases(beside.read_text(encoding="utf-8"), beside.name).cases
        found[PAGES / f"{path.stem}.md"] = "\n".join(_page(document, cases)).rstrip() + "\n"
        cells = (f"[{_cell(document.name)}]({path.stem}.md)", _paid_on(document), document.stakes, _origins(document), str(len(cases)))
        rows.append(f"| {' | '.join(cells)} |")
    found[PAGES / "README.md"] = INTRODUCTION + "\n".join(rows) + "\n"
    return found


def _paid_on(document: Document) -> str:
    measures = {fact.measure for fact in document.facts.values()}
    words = {
        "attested_milestone": "attested outcomes",
        "completion": "completed low-stakes work",
        "need": "need",
        "prior_learning": "prior learning",
    }
    return ", ".join(word for measure, word in words.items() if measure in measures) or "enrolment and counts"


def _origins(document: Document) -> str:
    invented = [dated.citation.title == "Invented" for figure in document.figures.values() for dated in figure.values]
    if not invented:
        return "told as facts"
    figures = "invented" if all(invented) else "partly invented" if any(invented) else "cited"
    return f"{figures}; the rule's shape is invented" if document.basis.note.startswith("invented") else figures


def _page(document: Document, cases: Sequence[Case]) -> Iterator[str]:
    yield f"# {document.name}\n"
    yield f"{document.about}\n"
    yield f"{STAKES[document.stakes]}\n"
    yield f"By {_source(document.basis)}\n"
    invented = [figure.label for figure in document.figures.values() if any(one.citation.title == "Invented" for one in figure.values)]
    if invented:
        yield f"**Invented figures**, which no source publishes: {'; '.join(invented)}.\n"
    step = f"{shown(document.rounding.step)} {document.currency}, {document.rounding.mode.replace('_', ' ')}"
    yield (
        f"In force from {document.in_force_from}. Figures are looked up on: {document.facts[document.governed_by].label}. "
        f"Rounded to {step}: {ROUNDED[document.rounding_of]}.\n"
    )
    yield "## Who pays whom\n"
    yield "| what | line | to | from |\n|---|---|---|---|"
    yield from (_flow(document, flow) for flow in document.pays)
    if document.charges:
        yield "\nAnd who bears it, where that is somebody else:\n\n| what | line | charged to | for |\n|---|---|---|---|"
        yield from (_flow(document, flow) for flow in document.charges)
    yield "\n## Six questions\n\nThose that every policy is held against, answered from its own lines.\n"
    yield from (f"- {question} **{answer}**" for question, answer in questions(document).items())
    yield "\n## Line by line\n\nEach line names facts, figures and other lines.\n"
    yield "| line | in words | worked out as |\n|---|---|---|"
    yield from (f"| `{line.name}` | {_cell(line.says)} | {_cell(_rule(line))} |" for line in document.lines.values())
    yield from _figures(document)
    yield "\n## What it has to be told\n\n| fact | what it is | counts |\n|---|---|---|"
    yield from (_fact(fact) for fact in document.facts.values())
    yield f"\n## Worked cases\n\n`manage.py worked_cases funding/packs/{Path(document.file).stem}.cases.yaml` runs them.\n"
    for case in cases:
        yield from _case(document, case)
    yield "## What it leaves out\n"
    yield from (f"- {text}" for text in document.leaves_out)


def _flow(document: Document, flow: Flow) -> str:
    says = document.lines[flow.line.split(".")[0]].says
    return f"| {_cell(says)} | `{flow.line}` | {flow.to.replace('_', ' ')} | {flow.source.replace('_', ' ')} |"


def _rule(line: Line) -> str:
    """The rule over its names as arithmetic where that is usual, else by the rule's name, which the guide explains."""
    arguments = line.arguments
    if line.rule in BETWEEN and len(arguments) == 1 and isinstance(only := next(iter(arguments.values())), tuple):
        text = BEFORE.get(line.rule, "") + BETWEEN[line.rule].join(f"`{one.word}`" for one in only)
    elif line.rule in ("difference", "quotient"):
        first, second = (_written(arguments[name]) for name in (("of", "less") if line.rule == "difference" else ("of", "by")))
        text = f"{first} {'−' if line.rule == 'difference' else '÷'} {second}"
    else:
        said = ", ".join(f"{name.replace('_', ' ')} {_written(written)}" for name, written in arguments.items())
        text = f"[{line.rule.replace('_', ' ')}](../policy-guide.md#{line.rule}): {said}"
    if line.rounding:
        text += f"; rounded {line.rounding.mode.replace('_', ' ')} to {shown(line.rounding.step)}"
    return text


def _written(written: Any) -> str:
    if isinstance(written, Name):
        return f"`{written.word}`"
    if isinstance(written, Mapping):
        return ", ".join(f"{word.replace('_', ' ')}: {_written(one)}" for word, one in written.items())
    return ", ".join(_written(one) for one in written) if isinstance(written, tuple) else written.replace("_", " ")


def _figures(document: Document) -> Iterator[str]:
    if not document.figures:
        return
    yield "\n## Figures\n\n| figure | from | value | source |\n|---|---|---|---|"
    for name, figure in document.figures.items():
        for dated in figure.values:
            until = f" to {dated.until_on}" if dated.until_on else ""
            yield (
                f"| {_cell(figure.label)} (`{name}`), {_cell(figure.unit)} | {dated.from_on}{until} | {_cell(_value(dated.value))} | "
                f"{_cell(_source(dated.citation))} |"
            )


def _value(value: Any) -> str:
    return ", ".join(map(shown, value)) if isinstance(value, tuple) else shown(value).replace("_", " ")


def _source(citation: Citation) -> str:
    """The citation with its link; a page of ours from where these pages lie."""
    if citation.title == "Invented":
        said = citation.note.removeprefix("invented ")
        return f"**Invented** {said}" if said != citation.note else f"**Invented**: {said}"
    link = f"../{citation.link.removeprefix('docs/')}" if citation.link.startswith("docs/") else citation.link
    return f"[{citation.title}]({link}): {citation.section}." + (
        f" {citation.note[0].upper()}{citation.note[1:]}" if citation.note else ""
    )


def _fact(fact: Fact) -> str:
    otherwise = "" if fact.otherwise is None else f" ({shown(fact.otherwise)} where nobody tells)"
    words = f": {', '.join(word.replace('_', ' ') for word in fact.words)}" if fact.words else ""
    return f"| `{fact.name}` | {_cell(fact.label)}{words}{otherwise} | {MEASURES[fact.measure]} |"


def _case(document: Document, case: Case) -> Iterator[str]:
    yield f"### {case.name}\n\n{case.says}. Source: {case.source}.\n".replace("..", ".")
    yield "Told:\n"
    yield from (f"- {_named(document, name)}: {_told(value)}" for name, value in case.facts.items())
    compared = [f"both to {shown(case.to)}"] * bool(case.to) + [f"within {shown(case.within)}"] * bool(case.within)
    compared += [f"within {shown(case.within_share * 100)} percent"] * bool(case.within_share)
    yield f"\nComes to{f' ({chr(44).join(compared)})' if compared else ''}:\n"
    yield from (f"- {_named(document, name)}: **{_told(value)}**" for name, value in case.expect.items())
    yield ""


def _named(document: Document, name: str) -> str:
    """What a name of a case is, for people: a fact's label or a line's words."""
    whole = name.split(".")[0]
    if name in document.facts:
        return document.facts[name].label
    return f"{document.lines[whole].says.rstrip('.')} (`{name}`)" if whole in document.lines else f"`{name}`"


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{name.replace('_', ' ')} {_told(one)}" for name, one in value.items())
    if isinstance(value, list):
        return " / ".join(_told(one) for one in value)
    return str(value).replace("_", " ")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 where a page is not what its pack says")
    check = parser.parse_args().check
    wanted = pages()
    stale = [path for path in PAGES.glob("*.md") if path not in wanted]
    differing = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if check:
        for path in (*differing, *stale):
            sys.stdout.write(f"{path.relative_to(ROOT)} is not what its pack says; run make packs.\n")
        sys.exit(bool(differing or stale))
    PAGES.mkdir(exist_ok=True)
    for path in stale:
        path.unlink()
    for path in differing:
        path.write_text(wanted[path], encoding="utf-8")
    sys.stdout.write(f"{len(wanted)} pages, {len(differing)} written anew.\n")


if __name__ == "__main__":
    main()
