"""A policy worked out over facts: every line that is asked for, what it pays to whom, and how each figure came about."""

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from funding.calc.engine.document import Document, Flow
from funding.calc.engine.figures import Dated, Figure
from funding.calc.engine.lines import IN_FORCE, Line, Name, Written
from funding.calc.engine.vocabulary import PRIMITIVES
from funding.calc.engine.words import shown
from funding.calc.primitives.arithmetic import rounded
from funding.calc.primitives.kinds import ZERO, CannotMean
from funding.calc.primitives.pools import by_largest_remainder
from rulebook.load import Citation
from rulebook.trace import Step

# A value longer than this is named in the trace and not spelled out again.
LONGEST = 120


class NotPriced(ValueError):
    """Why a policy could not be worked out over these facts: file, line, what is missing or meaningless."""


@dataclass(frozen=True)
class Money:
    """An amount of one flow; below 0 it goes back."""

    flow: Flow
    amount: Fraction


@dataclass(frozen=True)
class Priced:
    """`values` by line, `paid` and `charged` rounded as the policy says, `rest` what rounding left over (exact minus
    paid), and the steps in the order in which they were worked out, told when they are asked for."""

    values: Mapping[str, Any]
    paid: tuple[Money, ...]
    charged: tuple[Money, ...]
    rest: Fraction
    tell: Callable[[], tuple[Step, ...]]

    @cached_property
    def trace(self) -> tuple[Step, ...]:
        return self.tell()

    @property
    def total(self) -> Fraction:
        return sum((money.amount for money in self.paid), ZERO)


def price(document: Document, facts: Mapping[str, Any]) -> Priced:
    """What the policy pays on `facts` (as facts.read_facts gives them). Raises NotPriced."""
    working = Working(document, facts)
    exact = [Money(flow, _together(working.value_of(flow.line))) for flow in document.pays]
    charged = tuple(Money(flow, _each(document, _together(working.value_of(flow.line)))) for flow in document.charges)
    paid = tuple(Money(money.flow, _each(document, money.amount)) for money in exact)
    if document.rounding_of == "the_total":
        paid = _the_total(document, exact)
    rest = sum((money.amount for money in exact), ZERO) - sum((money.amount for money in paid), ZERO)

    def tell() -> tuple[Step, ...]:
        return (*working.steps(), *(_told(document, before, after) for before, after in zip(exact, paid, strict=True)))

    return Priced(working.values, paid, charged, rest, tell)


def _told(document: Document, exact: Money, paid: Money) -> Step:
    """The last step of a payment: from which source to whom, and how it was rounded."""
    words = f"{exact.flow.line} is paid to {exact.flow.to} from {exact.flow.source}"
    if document.rounding_of != "marked_lines":
        once = " in the total" if document.rounding_of == "the_total" else ""
        words += f", rounded {document.rounding.mode.replace('_', ' ')} to {shown(document.rounding.step)}{once}"
    return Step(f"{words}.", shown(exact.amount), f"{shown(paid.amount)} {document.currency}", document.basis)


def work_out(document: Document, facts: Mapping[str, Any], lines: Iterable[str]) -> dict[str, Any]:
    """The values of these lines or parts of lines, and of nothing that they do not need. Raises NotPriced."""
    working = Working(document, facts)
    return {name: working.value_of(name) for name in lines}


def _together(value: Any) -> Fraction:
    return sum(value, ZERO) if isinstance(value, tuple) else value


def _each(document: Document, amount: Fraction) -> Fraction:
    if document.rounding_of == "marked_lines":
        return amount
    return rounded(amount, document.rounding.step, document.rounding.mode)


def _the_total(document: Document, exact: list[Money]) -> tuple[Money, ...]:
    """The sum rounded once; what single payments lack to it in steps goes to the largest remainders, the larger first."""
    step = document.rounding.step
    total = rounded(sum((money.amount for money in exact), ZERO), step, document.rounding.mode)
    parts = by_largest_remainder([money.amount for money in exact], total, step)
    return tuple(Money(money.flow, amount) for money, amount in zip(exact, parts, strict=True))


class Working:
    """One calculation: values by name as they are asked for, each once."""

    def __init__(self, document: Document, facts: Mapping[str, Any]) -> None:
        self._document, self._facts = document, facts
        self.values: dict[str, Any] = {}
        # What a trace tells: figures and lines in the order in which they were looked up and worked out.
        self._events: list[tuple[Line, Any, Any, Citation | None] | tuple[Figure, Dated, datetime.date]] = []
        self._in_words: dict[str, str] = {}
        self._in_force: dict[tuple[str, datetime.date], Dated] = {}

    def value_of(self, name: str) -> Any:
        """A line's value, or that of a part. Raises NotPriced, also for a name that the policy does not have."""
        whole, _, part = name.partition(".")
        if whole in self._document.lines:
            return self._part(self._line(self._document.lines[whole]), part)
        raise NotPriced(f"{name!r} is no line of {self._document.policy}; it has {', '.join(self._document.lines)}")

    def _line(self, line: Line) -> Any:
        if line.name not in self.values:
            try:
                value, cited = self._apply(line)
            except CannotMean as problem:
                raise NotPriced(str(line.node.error(f"line {line.name}: {problem}"))) from None
            exact = value
            if rounding := line.rounding:
                value = _through(lambda one: rounded(one, rounding.step, rounding.mode), value)
            self.values[line.name] = value
            self._events.append((line, exact, value, cited))
        return self.values[line.name]

    def _apply(self, line: Line) -> tuple[Any, Citation | None]:
        if line.rule == IN_FORCE:
            figure, on = line.arguments["figure"], line.arguments["on"]
            assert isinstance(figure, Name)
            assert isinstance(on, Name)
            days = self._named(line, on)
            if isinstance(days, tuple):
                found = [self._figure(line, figure.word, day) for day in days]
                return _rows_to_columns([value for value, _ in found]), None
            return self._figure(line, figure.word, days)
        return self._primitive(line)

    def _primitive(self, line: Line) -> tuple[Any, Citation | None]:
        primitive = PRIMITIVES[line.rule]
        whole = {name: self._argument(line, written) for name, written in line.arguments.items()}
        if line.name not in self._document.repeating:
            return primitive.function(**whole), None
        repeated = {argument.name for argument in primitive.arguments if argument.may_repeat and argument.name in whole}
        lengths = {
            len(one)
            for argument in primitive.arguments
            if argument.name in repeated
            for one in _entries(whole[argument.name], argument.written)
            if isinstance(one, tuple)
        }
        if len(lengths) > 1:
            told = " and of ".join(map(str, sorted(lengths)))
            raise CannotMean(f"series of {told} entries meet; they must be of the same rows")
        rows = [
            primitive.function(**{name: _at(value, place) if name in repeated else value for name, value in whole.items()})
            for place in range(lengths.pop())
        ]
        return _rows_to_columns(rows), None

    def _argument(self, line: Line, written: Written) -> Any:
        if isinstance(written, str):
            return written
        if isinstance(written, Name):
            return self._named(line, written)
        if isinstance(written, Mapping):
            return {word: self._named(line, name) for word, name in written.items()}
        return [self._named(line, name) for name in written]

    def _named(self, line: Line, name: Name) -> Any:
        if name.number is not None:
            return name.number
        whole, _, part = name.word.partition(".")
        if whole in self._document.lines:
            return self._part(self._line(self._document.lines[whole]), part)
        if whole in self._document.figures:
            day = self._fact(line, self._document.governed_by)
            return self._part(self._figure(line, whole, day)[0], part)
        if name.word in self._facts:
            return self._facts[name.word]
        return self._part(self._fact(line, whole), part)

    def _fact(self, line: Line, name: str) -> Any:
        if name not in self._facts:
            fact = self._document.facts.get(name)
            label = f" ({fact.label})" if fact else ""
            raise NotPriced(str(line.node.error(f"line {line.name} needs the fact {name!r}{label}; add it to the facts")))
        return self._facts[name]

    def _figure(self, line: Line, name: str, day: datetime.date) -> tuple[Any, Citation]:
        dated = self._in_force.get((name, day))
        if dated is None:
            figure = self._document.figures[name]
            dated = figure.in_force_on(day)
            if dated is None:
                raise CannotMean(f"{figure.label} has no value in force on {day}; the first is from {figure.values[0].from_on}")
            self._in_force[name, day] = dated
            self._events.append((figure, dated, day))
        return dated.value, dated.citation

    def _part(self, value: Any, part: str) -> Any:
        if not part:
            return value
        return value[part] if isinstance(value, Mapping) else getattr(value, part)

    def steps(self) -> list[Step]:
        """All that was looked up and worked out, in words, with its arithmetic."""
        return [self._figure_step(*event) if len(event) == 3 else self._line_step(*event) for event in self._events]

    def _figure_step(self, figure: Figure, dated: Dated, day: datetime.date) -> Step:
        words = f"The {figure.label} in force on {day}."
        return Step(words, f"from {dated.from_on}, {figure.unit}", dated.in_words, dated.citation)

    def _line_step(self, line: Line, exact: Any, value: Any, cited: Citation | None) -> Step:
        names = ", ".join(f"{word} {self._shown(line, written)}" for word, written in line.arguments.items())
        arithmetic = f"{line.rule}: {names}"
        if line.rounding:
            arithmetic += f" = {shown(exact)}, rounded {line.rounding.mode.replace('_', ' ')} to {shown(line.rounding.step)}"
        return Step(line.says, arithmetic, shown(value), line.citation or cited or self._document.basis)

    def _shown(self, line: Line, written: Written) -> str:
        """The argument by name with its value, or by name alone where that would be a table."""
        if isinstance(written, str):
            return written
        if isinstance(written, Mapping):
            return "{" + ", ".join(f"{word}: {self._shown(line, name)}" for word, name in written.items()) + "}"
        if isinstance(written, tuple):
            return "[" + ", ".join(self._shown(line, name) for name in written) + "]"
        if written.number is not None or line.rule == IN_FORCE:
            return written.word
        value = self._in_words.get(written.word)
        if value is None:
            value = self._in_words[written.word] = shown(self._named(line, written))
        return f"{written.word} {value}" if len(value) <= LONGEST else written.word


def _entries(value: Any, written: str) -> list[Any]:
    if written == "list":
        return list(value)
    if written == "words" and isinstance(value, Mapping):
        return list(value.values())
    return [value]


def _at(value: Any, place: int) -> Any:
    """The row `place` of an argument that may hold series: itself, in its list, or by word."""
    if isinstance(value, tuple):
        return value[place]
    if isinstance(value, list):
        return tuple(_at(one, place) for one in value)
    if isinstance(value, Mapping):
        return {word: _at(one, place) for word, one in value.items()}
    return value


def _rows_to_columns(rows: list[Any]) -> Any:
    """Results of the entries as one series; of results by word or part, a series for each."""
    if rows and isinstance(rows[0], Mapping):
        return {word: tuple(row[word] for row in rows) for word in rows[0]}
    if rows and hasattr(rows[0], "_fields"):
        return type(rows[0])(*(tuple(part) for part in zip(*rows, strict=True)))
    return tuple(rows)


def _through(change: Any, value: Any) -> Any:
    """The value with every number in it changed; truths and texts stay."""
    if isinstance(value, Fraction):
        return change(value)
    if isinstance(value, Mapping):
        return {word: _through(change, one) for word, one in value.items()}
    if hasattr(value, "_fields"):
        return type(value)(*(_through(change, one) for one in value))
    return tuple(_through(change, one) for one in value) if isinstance(value, tuple) else value
