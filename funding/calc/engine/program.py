"""Where a policy runs: whose money it is, which catalogue it covers, and where the record has each of its facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from funding.calc.engine.facts import Fact, FactRefused, one_value
from rulebook.load import Node

MODULE, ENROLLMENT = "module", "enrollment"
# What the record counts or dates for every enrollment-module, by the name that a policy uses, and its kind.
COUNTED = {
    "start_of_learning": "date", "credit": "number", "assigned": "number", "completed": "number",
    "modules": "number", "modules_completed": "number",
}  # fmt: skip
# What it knows by a name: the category of a need, an attested milestone, a measure of prior learning; each with the kinds of
# fact that it can be (a flag told as a number is 1 or 0) and the measure that the policy's fact declares.
NAMED = {
    "need": (("flag", "number"), "need"),
    "milestone": (("flag", "number"), "attested_milestone"),
    "prior_learning": (("number",), "prior_learning"),
}
# What grows with the calendar, up to a limit: an enrollment is looked at again as long as it grows.
GROWING = {"months_learned": "number", "days_learned": "number"}
CODED = ("by_course", "by_provider")


@dataclass(frozen=True)
class Source:
    """Where the record has a fact. `of` is a name of COUNTED, NAMED, GROWING or CODED; `word` the name asked for;
    `at_most` the limit of what grows; `by_code` the fact's value by course or provider, and for the others `otherwise`."""

    of: str
    word: str = ""
    at_most: int = 0
    by_code: tuple[tuple[str, Any], ...] = ()
    otherwise: Any = None


@dataclass(frozen=True)
class Program:
    """The stream of public money that a policy governs. `unit`: what is priced by itself, a module of an enrollment or the
    whole enrollment. `on_timetable`: its nights run by themselves; else they are asked for."""

    code: str
    catalogue: str
    fiscal_year_starts_month: int
    unit: str
    on_timetable: bool
    demonstration: bool
    reads: Mapping[str, Source]


REQUIRED = ("code", "catalogue", "fiscal_year_starts_month", "unit", "timetable")
OPTIONAL = ("demonstration", "reads")


def read_program(node: Node, facts: Mapping[str, Fact]) -> Program:
    """Keys: code, catalogue, fiscal_year_starts_month, unit, timetable; optional: demonstration, reads. Raises RuleError."""
    keys = node.mapping(REQUIRED, OPTIONAL)
    reads: dict[str, Source] = {}
    for name, item in (keys["reads"].words() if "reads" in keys else {}).items():
        if name not in facts:
            raise item.error(f"{name} is no fact of this policy; the facts are {', '.join(facts)}")
        reads[name] = _source(item, facts[name])
    return Program(
        code=keys["code"].text(),
        catalogue=keys["catalogue"].text(),
        fiscal_year_starts_month=keys["fiscal_year_starts_month"].integer(1, 12),
        unit=keys["unit"].choice(MODULE, ENROLLMENT),
        on_timetable=keys["timetable"].choice("nightly", "by_hand") == "nightly",
        demonstration="demonstration" in keys and keys["demonstration"].choice("true", "false") == "true",
        reads=reads,
    )


def _source(item: Node, fact: Fact) -> Source:
    if not item.has_keys:
        word = item.choice(*COUNTED)
        _must_be(item, fact, (COUNTED[word],), f"{word} of the record")
        return Source(word)
    keys = item.mapping((), (*NAMED, *GROWING, *CODED, "otherwise"))
    given = [word for word in keys if word != "otherwise"]
    if len(given) != 1:
        known = ", ".join((*NAMED, *GROWING, *CODED))
        raise item.error(f"a fact has one place in the record, here are {len(given)}; name one of {known}")
    of = given[0]
    if of in NAMED:
        bases, measure = NAMED[of]
        _must_be(item, fact, bases, f"{of} of the record")
        if fact.measure != measure:
            raise item.error(f"{fact.name} is declared as {fact.measure}, but {of} is {measure}; let the two agree")
        return Source(of, keys[of].text())
    if of in GROWING:
        _must_be(item, fact, (GROWING[of],), f"{of} of the record")
        return Source(of, at_most=keys[of].mapping(("at_most",))["at_most"].integer(1, 3660))
    by_code = tuple((code, _typed(at, fact)) for code, at in keys[of].by_code().items())
    return Source(of, by_code=by_code, otherwise=_typed(keys["otherwise"], fact) if "otherwise" in keys else fact.otherwise)


def _typed(node: Node, fact: Fact) -> Any:
    try:
        return one_value(fact, node.text())
    except FactRefused as problem:
        raise node.error(str(problem)) from None


def _must_be(item: Node, fact: Fact, bases: tuple[str, ...], what: str) -> None:
    if fact.kind.base not in bases or fact.kind.many:
        raise item.error(f"{fact.name} is {fact.kind}, but {what} is a {' or '.join(bases)}; read it from where there is one")


def place_of(fact: Fact) -> Source | None:
    """Where the record has a fact that the program does not place: by its name, if the record has one of that name."""
    if fact.kind.many:
        return None
    if COUNTED.get(fact.name) == fact.kind.base:
        return Source(fact.name)
    for of, (bases, measure) in NAMED.items():
        # By its own name only what is told as it is: a count of milestones is not the milestone.
        if (fact.kind.base, fact.measure) == (bases[0], measure):
            return Source(of, fact.name)
    return None
