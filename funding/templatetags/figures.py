"""How the office's pages write figures."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from funding.calc.money import in_words
from funding.queries.discrepancies import KINDS

register = template.Library()

OUTCOMES: dict[str, str | Promise] = {"accepted": _("Accepted"), "dismissed": _("Dismissed"), "corrected": _("Corrected")}
# As people.models.ProviderStatus has them.
STANDINGS: dict[str, str | Promise] = {
    "applied": _("applied"),
    "trial": _("on trial"),
    "approved": _("approved"),
    "suspended": _("suspended"),
    "removed": _("removed"),
}


@register.filter
def money(cents: int, currency: str) -> str:
    """12345|money:"USD" -> "123.45 USD"."""
    return in_words(cents, currency)


@register.filter
def kind(value: str) -> str:
    """The words for a kind of discrepancy."""
    return str(KINDS[value])


@register.filter
def outcome(value: str) -> str:
    """The words for the outcome of a discrepancy."""
    return str(OUTCOMES.get(value, value))


@register.filter
def standing(value: str) -> str:
    """The words for a provider's standing."""
    return str(STANDINGS.get(value, value))
