"""A policy file as a whole: its head, facts, figures and lines, checked against each other before any fact is seen."""

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from funding.calc.engine.facts import Fact, read_declarations
from funding.calc.engine.figures import Figure, read_figure
from funding.calc.engine.lines import Line, Name, Rounding, kind_of, read_line, rounding_of
from funding.calc.engine.program import Program, read_program
from funding.calc.engine.vocabulary import PRIMITIVES, Kind
from rulebook.load import Citation, Node, read_rules


@dataclass(frozen=True)
class Flow:
    """Money of one line or part of a line: whom it is `to`, and whom it comes `from` (pays) or who bears it (charges).
    `node` is its place in the file."""

    line: str
    to: str
    source: str
    node: Node = field(compare=False, repr=False)


@dataclass(frozen=True)
class Document:
    """One version of a policy. `about` tells a reader what the system is, `leaves_out` what of it the file does not say ("",
    () where nobody wrote it). `governed_by` names the date fact on whose day figures are looked up (the grandfathering
    key). `stakes` high: an attested outcome pays, and its measure is barred from accountability. `program` is None for
    one that is not meant to run by night. `sha256` is of the text read, byte for byte."""

    policy: str
    name: str
    about: str
    leaves_out: tuple[str, ...]
    currency: str
    in_force_from: datetime.date
    governed_by: str
    stakes: str
    basis: Citation
    rounding: Rounding
    rounding_of: str
    facts: Mapping[str, Fact]
    figures: Mapping[str, Figure]
    lines: Mapping[str, Line]
    kinds: Mapping[str, Kind]
    pays: tuple[Flow, ...]
    charges: tuple[Flow, ...]
    program: Program | None
    content: str
    sha256: str
    file: str

    @cached_property
    def repeating(self) -> frozenset[str]:
        """The lines that are worked out again for each entry of a series."""
        return frozenset(name for name, line in self.lines.items() if line.rule in PRIMITIVES and self._meets_a_series(line))

    def _meets_a_series(self, line: Line) -> bool:
        for argument in PRIMITIVES[line.rule].arguments:
            written = line.arguments.get(argument.name)
            if written is None or isinstance(written, str) or not argument.may_repeat:
                continue
            several = written.values() if isinstance(written, Mapping) else written if isinstance(written, tuple) else (written,)
            for name in several:
                kind = self.kinds.get(name.word) if name.number is None else None
                if kind and (kind.many or any(part.many for part in (kind.parts or {}).values())):
                    return True
        return False


_REQUIRED = ("policy", "name", "currency", "in_force_from", "governed_by", "stakes", "basis", "rounding", "facts", "lines", "pays")


@lru_cache(maxsize=64)
def read_document(content: str, file: str) -> Document:
    """The policy that the text says; the same text is read once, as a night asks for it shard by shard.

    Raises rulebook.load.RuleError naming `file`, the line, what is wrong and the way out.
    """
    keys = read_rules(content, file).mapping(_REQUIRED, ("about", "leaves_out", "figures", "charges", "program"))
    rounding = keys["rounding"].mapping(("step", "mode", "of"))
    facts = read_declarations(keys["facts"])
    figures = {name: read_figure(name, node) for name, node in (keys["figures"].words() if "figures" in keys else {}).items()}
    lines = {name: read_line(name, node) for name, node in keys["lines"].words().items()}
    kinds = _Kinds(facts, figures, lines).all()
    governed_by = keys["governed_by"].text()
    if governed_by not in facts or facts[governed_by].kind != Kind("date"):
        raise keys["governed_by"].error(f"{governed_by} is no date fact; name the date on which figures are looked up")
    _check_stakes(keys["stakes"], facts)
    in_force_from = keys["in_force_from"].date()
    document = Document(
        policy=keys["policy"].text(),
        name=keys["name"].text(),
        about=keys["about"].text() if "about" in keys else "",
        leaves_out=tuple(item.text() for item in keys["leaves_out"].items()) if "leaves_out" in keys else (),
        currency=_currency(keys["currency"]),
        in_force_from=in_force_from,
        governed_by=governed_by,
        stakes=keys["stakes"].text(),
        basis=keys["basis"].citation(),
        rounding=rounding_of(rounding),
        rounding_of=rounding["of"].choice("each_payment", "the_total", "marked_lines"),
        facts=facts,
        figures=figures,
        lines=lines,
        kinds=kinds,
        pays=tuple(_flow(item, kinds) for item in keys["pays"].items()),
        charges=tuple(_flow(item, kinds) for item in keys["charges"].items()) if "charges" in keys else (),
        program=read_program(keys["program"], facts) if "program" in keys else None,
        content=content,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        file=file,
    )
    _check_whole(document)
    return document


def _currency(node: Node) -> str:
    word = node.text()
    if len(word) != 3 or not word.isalpha() or not word.isupper():
        raise node.error(f"expected a currency by its three letters, like USD, found {word!r}")
    return word


def _check_stakes(node: Node, facts: Mapping[str, Fact]) -> None:
    stakes = node.choice("low", "high")
    attested = next((fact.name for fact in facts.values() if fact.measure == "attested_milestone"), None)
    if stakes == "low" and attested:
        raise node.error(
            f"{attested} is an attested outcome, so this policy is high-stakes; write `stakes: high` or take the fact out"
        )
    if stakes == "high" and not attested:
        raise node.error("no fact of this policy is an attested_milestone; write `stakes: low`")


def _flow(item: Node, kinds: Mapping[str, Kind]) -> Flow:
    keys = item.mapping(("line", "to", "from"))
    line = keys["line"].text()
    if line not in kinds:
        raise keys["line"].error(f"{line} is no line of this policy; money comes from a line or a part of one, as split.state")
    if kinds[line].base != "number":
        raise keys["line"].error(f"{line} is {kinds[line]}; money comes from numbers, so name one of its parts, as {line}.part")
    return Flow(line, keys["to"].text(), keys["from"].text(), item)


def _check_whole(document: Document) -> None:
    """Shares that a line takes as parts of one whole make up no more than it, at every date."""
    for line in document.lines.values():
        for argument in PRIMITIVES[line.rule].arguments if line.rule in PRIMITIVES else ():
            written = line.arguments.get(argument.name)
            if not argument.whole or not isinstance(written, Name) or written.word not in document.figures:
                continue
            for dated in document.figures[written.word].values:
                assert isinstance(dated.value, Mapping)
                together = sum(dated.value.values())
                if together > 1 or (argument.whole == "exactly" and together != 1):
                    rule = "make up the whole" if argument.whole == "exactly" else "be no more than the whole"
                    shares = f"the shares of {written.word} from {dated.from_on} add up to {together}"
                    raise line.node.error(f"{shares}, but {line.rule} needs them to {rule}; mend the figure")


class _Kinds:
    """The kind of every name, following lines to what they use; a circle is refused at its line."""

    def __init__(self, facts: Mapping[str, Fact], figures: Mapping[str, Figure], lines: Mapping[str, Line]) -> None:
        self._lines, self._open = lines, []  # type: ignore[var-annotated]
        tables = {name.split(".")[0] for name in facts if "." in name}
        self._found: dict[str, Kind] = {}
        for name, fact in facts.items():
            self._add(name, fact.kind)
        for name, figure in figures.items():
            if name in self._found or name in tables:
                raise next(iter(lines.values())).node.error(f"{name} is a fact and a figure; give one of them another name")
            self._add(name, figure.kind)
        for name, line in lines.items():
            if name in self._found or name in tables:
                raise line.node.error(f"{name} is a fact or a figure already; give the line another name")

    def all(self) -> dict[str, Kind]:
        for line in self._lines.values():
            self._of(line, line.name)
        return self._found

    def _add(self, name: str, kind: Kind) -> None:
        self._found[name] = kind
        for word, part in (kind.parts or {}).items():
            self._found[f"{name}.{word}"] = part

    def _of(self, user: Line, name: str) -> Kind:
        whole = name.split(".")[0]
        if name not in self._found and whole in self._lines and whole not in self._found:
            if whole in self._open:
                circle = " -> ".join([*self._open[self._open.index(whole) :], whole])
                raise user.node.error(f"the lines go in a circle: {circle}; let one of them use facts and figures only")
            self._open.append(whole)
            self._add(whole, kind_of(self._lines[whole], self._of))
            self._open.pop()
        if name not in self._found:
            known = {*self._found, *self._lines}
            near = ", ".join(sorted(one for one in known if one.split(".")[0][:3] == name[:3] or one.endswith(f".{name}"))[:5])
            raise user.node.error(f"{name} is no fact, figure or line of this policy" + (f"; near it: {near}" if near else ""))
        return self._found[name]
