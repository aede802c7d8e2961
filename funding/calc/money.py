"""Rounding, once, by name. Amounts are exact fractions of a unit of currency until they become integer cents here."""

from fractions import Fraction

from funding.calc.primitives.arithmetic import rounded

CENT = Fraction(1, 100)


def half_up_to_cents(amount: Fraction) -> int:
    """The nearest whole cent; a half goes away from zero, so that a negative amount is the mirror of a positive one."""
    return int(rounded(amount, CENT) * 100)


def in_words(cents: int, currency: str) -> str:
    """12345 USD -> "123.45 USD", with thousands set apart; for people, never read back."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d} {currency}"
