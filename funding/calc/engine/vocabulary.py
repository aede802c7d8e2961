"""The rules that a policy's line can name: each a primitive, its arguments read from the function's own signature."""

import datetime
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from funding.calc.primitives import (
    accounts,
    arithmetic,
    conditions,
    dates,
    instalments,
    kinds,
    milestones,
    pools,
    prices,
    settling,
    sources,
    tables,
    windows,
)


@dataclass(frozen=True)
class Kind:
    """`base`: number, text, date, flag, tiers, named, flags or parts. `many`: a series of them. `parts`: what
    `line.part` names, by part; of `named`, all numbers."""

    base: str
    many: bool = False
    parts: Mapping[str, "Kind"] | None = None

    def __str__(self) -> str:
        if self.base in ("named", "parts"):
            return f"amounts by word ({', '.join(self.parts or ())})"
        if self.base == "tiers":
            return "a table of tiers"
        return f"a series of {self.base}s" if self.many else f"a {self.base}"


NUMBER = Kind("number")
# Annotation -> (base, as a series, how it is written). `one` may be met by a series: the line is then worked out for each entry.
_WANTED: dict[Any, tuple[str, str]] = {
    Fraction: ("number", "one"), str: ("text", "one"), datetime.date: ("date", "one"), bool: ("flag", "one"),
    kinds.Numbers: ("number", "series"), kinds.Texts: ("text", "series"), kinds.Dates: ("date", "series"),
    kinds.Truths: ("flag", "series"), kinds.Terms: ("number", "list"), kinds.FlagTerms: ("flag", "list"),
    kinds.Named: ("number", "words"), kinds.Shares: ("number", "words"), kinds.Whole: ("number", "words"),
    kinds.Flags: ("flag", "words"), kinds.Tiers: ("tiers", "one"),
}  # fmt: skip


@dataclass(frozen=True)
class Argument:
    """`written`: one, series, list, words, choice. `whole`: shares that may not ("most") or must ("exactly") make up 1."""

    name: str
    base: str
    written: str
    required: bool
    choices: tuple[str, ...] = ()
    whole: str = ""

    @property
    def may_repeat(self) -> bool:
        """Whether a series here makes its line be worked out for each entry."""
        return self.written in ("one", "list", "words") and self.base != "tiers"


@dataclass(frozen=True)
class Primitive:
    """A rule by its name in policy files. `gives` is the kind of its result; named parts depend on the line."""

    name: str
    function: Callable[..., Any]
    arguments: tuple[Argument, ...]
    gives: Kind

    @property
    def says(self) -> str:
        return inspect.getdoc(self.function) or ""

    @property
    def bare(self) -> Argument | None:
        """The argument meant where a line gives no keys: of a rule with one required argument, that one."""
        required = [argument for argument in self.arguments if argument.required]
        return required[0] if len(required) == 1 else None


def _argument(name: str, annotation: Any, required: bool) -> Argument:
    plain = next((one for one in get_args(annotation) if one is not NoneType), None) if NoneType in get_args(annotation) else None
    wanted = plain or annotation
    if get_origin(wanted) is Literal:
        return Argument(name, "choice", "choice", required, get_args(wanted))
    base, written = _WANTED[wanted]
    whole = {kinds.Shares: "most", kinds.Whole: "exactly"}.get(wanted, "")
    return Argument(name, base, written, required, (), whole)


def _gives(annotation: Any) -> Kind:
    if annotation == kinds.Named:
        return Kind("named")
    if hasattr(annotation, "_fields"):
        return Kind("parts", parts={name: _gives(hint) for name, hint in get_type_hints(annotation).items()})
    base, written = _WANTED[annotation]
    return Kind(base, many=written == "series")


def _primitive(name: str, function: Callable[..., Any]) -> Primitive:
    hints = get_type_hints(function)
    arguments = tuple(
        _argument(argument, hints[argument], parameter.default is inspect.Parameter.empty)
        for argument, parameter in inspect.signature(function).parameters.items()
    )
    return Primitive(name, function, arguments, _gives(hints["return"]))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "product": arithmetic.product, "sum": arithmetic.sum_of, "difference": arithmetic.difference,
    "quotient": arithmetic.quotient, "smallest": arithmetic.smallest, "largest": arithmetic.largest,
    "excess": arithmetic.excess, "rounded": arithmetic.rounded, "total": arithmetic.total, "entries": arithmetic.entries,
    "mean": arithmetic.mean, "highest": arithmetic.highest, "weighted_total": arithmetic.weighted_total,
    "compare": conditions.compare, "on_or_before": conditions.on_or_before, "every": conditions.every,
    "some": conditions.some, "negation": conditions.negation, "when": conditions.when, "choose": conditions.choose,
    "tier": tables.tier, "brackets": tables.brackets,
    "months_touched": dates.months_touched, "days_between": dates.days_between, "month_ends": dates.month_ends,
    "learning_at_month_ends": dates.learning_at_month_ends,
    "withdrawal_share": windows.withdrawal_share, "qualifies": windows.qualifies,
    "milestones": milestones.milestones, "reached_days": milestones.reached_days,
    "instalments": instalments.instalments, "spread_over_year": instalments.spread_over_year,
    "profile": instalments.profile, "reprofile": instalments.reprofile, "to_successor": instalments.to_successor,
    "reprice": prices.reprice,
    "split": sources.split, "waterfall": sources.waterfall, "drain_in_order": sources.drain_in_order, "refund": sources.refund,
    "prorate": pools.prorate, "equalise": pools.equalise, "rescale": pools.rescale, "cut_with_floor": pools.cut_with_floor,
    "recovery_plan": settling.recovery_plan, "released": settling.released, "scaled_to": settling.scaled_to,
    "held_harmless": settling.held_harmless, "guarantee": settling.guarantee,
    "above_threshold": settling.above_threshold, "gain": settling.gain,
    "account": accounts.account, "unexpired": accounts.unexpired,
}  # fmt: skip
PRIMITIVES: Mapping[str, Primitive] = {name: _primitive(name, function) for name, function in _FUNCTIONS.items()}
