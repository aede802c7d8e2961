"""How a student came to credit, in words that people read."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pathways.models import CreditAward

register = template.Library()

OCCASIONS: dict[str, str | Promise] = {
    CreditAward.Occasion.REGULAR.value: _("regular work"),
    CreditAward.Occasion.RECOVERY.value: _("recovery of credit"),
    CreditAward.Occasion.ADVANCEMENT.value: _("advancement"),
    CreditAward.Occasion.OUTSIDE.value: _("learning outside school"),
    CreditAward.Occasion.TRANSFER.value: _("transfer"),
}


@register.filter
def occasion_of_credit(occasion: str) -> str:
    """The occasion of an award in the reader's language; one without words as it is kept."""
    return str(OCCASIONS.get(occasion, occasion))
