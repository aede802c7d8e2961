"""Exact values in figures that people read, and that lose nothing."""

import datetime
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from funding.calc.primitives.kinds import Tier

PLACES = 12


def shown(value: Any) -> str:
    """A number in decimals where they end within twelve places, else as a fraction; series and words in brackets."""
    if isinstance(value, Fraction):
        return _number(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Tier):
        return (f"below {shown(value.below)}: " if value.below is not None else "from there on: ") + shown(value.value)
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return "; ".join(f"{word} {shown(one)}" for word, one in value.items())
    return "[" + ", ".join(shown(one) for one in value) + "]" if isinstance(value, tuple | list) else str(value)


def _number(number: Fraction) -> str:
    if number.denominator == 1:
        return str(number.numerator)
    scaled, rest = divmod(abs(number.numerator) * 10**PLACES, number.denominator)
    if rest:
        return str(number)
    whole, part = divmod(scaled, 10**PLACES)
    figures = f"{part:0{PLACES}d}".rstrip("0")
    return ("-" if number < 0 else "") + str(whole) + (f".{figures}" if figures else "")


def plain(value: Any) -> Any:
    """The value as JSON holds it: numbers as `shown`, series as lists, words and parts as mappings."""
    if isinstance(value, bool):
        return value
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {word: plain(one) for word, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, tuple | list) else shown(value)
