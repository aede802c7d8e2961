"""What a policy has to be told: facts declared in its file, and facts read, strictly, for one calculation."""

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from funding.calc.engine.vocabulary import Kind
from rulebook.load import Node

MEASURES = {
    "completion": "low-stakes work completed",
    "enrollment": "who learns what, where and from when to when",
    "attested_milestone": "an outcome attested for payment; makes the policy high-stakes",
    "need": "a category of need, or a count of students by it",
    "prior_learning": "prior learning or growth required, as attested at entry",
    "count": "a count that an office makes: pupils, members, attendance",
    "money": "an amount: a price, a balance, what was paid, a property value",
    "day": "a day of the calendar",
}
_KINDS = {
    "number": Kind("number"), "numbers": Kind("number", many=True), "text": Kind("text"), "texts": Kind("text", many=True),
    "date": Kind("date"), "dates": Kind("date", many=True), "flag": Kind("flag"), "flags": Kind("flag", many=True),
}  # fmt: skip
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,12})?|-?(0|[1-9][0-9]{0,8})/[1-9][0-9]{0,8}")


class FactRefused(ValueError):
    """A fact that is missing, unknown or of another kind, in a sentence that names it and the way out."""


@dataclass(frozen=True)
class Fact:
    """`measure` says what it counts in the world. `otherwise` holds where it is not given. `below_zero`: it may be."""

    name: str
    kind: Kind
    measure: str
    label: str
    otherwise: Any = None
    below_zero: bool = False
    words: tuple[str, ...] = ()


def read_declarations(node: Node) -> dict[str, Fact]:
    """Facts by the name that lines use; a column of rows is `table.column`."""
    facts: dict[str, Fact] = {}
    for name, declared in node.words().items():
        if declared.has_key("rows"):
            for column, inner in declared.mapping(("rows",))["rows"].words().items():
                one = _declaration(f"{name}.{column}", inner, in_rows=True)
                facts[one.name] = one
        else:
            facts[name] = _declaration(name, declared, in_rows=False)
    return facts


def _declaration(name: str, node: Node, *, in_rows: bool) -> Fact:
    keys = node.mapping(("is", "measure", "label"), ("otherwise", "below_zero", "words"))
    word = keys["is"].choice(*(("number", "text", "date", "flag") if in_rows else (*_KINDS, "named")))
    measure = keys["measure"].text()
    if measure not in MEASURES:
        raise keys["measure"].error(
            f"{measure!r} cannot pay; a policy sees {', '.join(MEASURES)}. Evidence, judgements and mastery never reach money"
        )
    words = tuple(one.text() for one in keys["words"].items()) if "words" in keys else ()
    if word == "named" and not words:
        raise node.error("a fact by word lists its `words`, so that a policy can be checked before any fact is seen")
    kind = Kind("named", parts={one: Kind("number") for one in words}) if word == "named" else _KINDS[word]
    below_zero = "below_zero" in keys and keys["below_zero"].choice("true", "false") == "true"
    fact = Fact(name, Kind(kind.base, many=True) if in_rows else kind, measure, keys["label"].text(), None, below_zero, words)
    if "otherwise" not in keys:
        return fact
    if kind.many or kind.base == "named":
        raise keys["otherwise"].error("only a single value has an `otherwise`")
    try:
        otherwise = _one(kind.base, keys["otherwise"].text(), fact)
    except FactRefused as problem:
        raise keys["otherwise"].error(str(problem)) from None
    return Fact(name, fact.kind, measure, fact.label, otherwise, below_zero, words)


def read_facts(declared: Mapping[str, Fact], given: Mapping[str, Any]) -> dict[str, Any]:
    """The facts in the kinds of the engine. `given` is what JSON or YAML holds: numbers as whole numbers or as text
    ("12.5", "1/3"), dates as "2026-07-01", rows as a list of mappings. Raises FactRefused; floats are refused."""
    if not isinstance(given, Mapping):
        raise FactRefused("facts are given by name, as one mapping")
    tables = {name.split(".")[0] for name in declared if "." in name}
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name in tables:
            found |= _rows(name, declared, value)
        elif name in declared and "." not in name:
            found[name] = _value(declared[name], value)
        else:
            raise FactRefused(f"{name!r} is no fact of this policy; it reads {', '.join(sorted(tables | set(declared)))}")
    for fact in declared.values():
        if fact.otherwise is not None and fact.name not in found and "." not in fact.name:
            found[fact.name] = fact.otherwise
    return found


def _rows(table: str, declared: Mapping[str, Fact], rows: Any) -> dict[str, Any]:
    columns = {name.split(".", 1)[1]: fact for name, fact in declared.items() if name.startswith(f"{table}.")}
    if not isinstance(rows, Sequence) or isinstance(rows, str) or not all(isinstance(row, Mapping) for row in rows):
        raise FactRefused(f"{table!r} is a list of rows, each a mapping with {', '.join(columns)}")
    found: dict[str, list[Any]] = {f"{table}.{column}": [] for column in columns}
    for number, row in enumerate(rows, start=1):
        if unknown := set(row) - set(columns):
            raise FactRefused(f"row {number} of {table!r} has {', '.join(sorted(unknown))}; known are {', '.join(columns)}")
        for column, fact in columns.items():
            if column not in row and fact.otherwise is None:
                raise FactRefused(
                    f"row {number} of {table!r} lacks {column!r} ({fact.label}); give it, or an `otherwise` to the column"
                )
            value = _one(fact.kind.base, row[column], fact) if column in row else fact.otherwise
            found[f"{table}.{column}"].append(value)
    return {name: tuple(values) for name, values in found.items()}


def _value(fact: Fact, value: Any) -> Any:
    if fact.kind.base == "named":
        if not isinstance(value, Mapping) or set(value) != set(fact.words):
            raise FactRefused(f"{fact.name!r} needs a number for each of {', '.join(fact.words)}")
        return {word: _one("number", value[word], fact) for word in value}
    if fact.kind.many:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise FactRefused(f"{fact.name!r} is a list ({fact.label})")
        return tuple(_one(fact.kind.base, one, fact) for one in value)
    return _one(fact.kind.base, value, fact)


def one_value(fact: Fact, value: Any) -> Any:
    """A single value of `fact` in the engine's kind. Raises FactRefused."""
    return _one(fact.kind.base, value, fact)


def _one(base: str, value: Any, fact: Fact) -> Any:
    if base == "flag" and value in (True, False, "true", "false"):
        return value in (True, "true")
    if base == "text" and isinstance(value, str) and value.strip() and (not fact.words or value in fact.words):
        return value
    if base == "date" and isinstance(value, datetime.date):
        return value
    if base == "date" and isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            pass
    if base == "number" and not isinstance(value, bool) and isinstance(value, int | str) and _NUMBER.fullmatch(str(value)):
        number = Fraction(str(value))
        if number >= 0 or fact.below_zero:
            return number
        raise FactRefused(f"{fact.name!r} is {value}, but cannot be below 0 ({fact.label})")
    way = {"number": 'a number like 12, "12.50" or "1/3", never a float', "date": 'a day like "2026-07-01"', "flag": "true or false"}
    allowed = f"one of {', '.join(fact.words)}" if fact.words else "a text"
    raise FactRefused(f"{fact.name!r} is {value!r}; expected {way.get(base, allowed)} ({fact.label})")
