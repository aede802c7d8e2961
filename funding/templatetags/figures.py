"""How the office's pages write figures."""

from django import template

from funding.calc.money import in_words
from funding.queries.discrepancies import KINDS

register = template.Library()


@register.filter
def money(cents: int, currency: str) -> str:
    """12345|money:"USD" -> "123.45 USD"."""
    return in_words(cents, currency)


@register.filter
def kind(value: str) -> str:
    """The words for a kind of discrepancy."""
    return KINDS[value]
