"""What a calculation says, in the reader's language."""

import datetime

from django import template
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext

from rulebook.sentence import Sentence, Value

register = template.Library()


@register.filter
def worded(said: str) -> str:
    """A Sentence in the reader's language, with its dates and numbers; any other text as it stands."""
    if not isinstance(said, Sentence):
        return said
    text = gettext(said.one) if said.number is None else ngettext(said.one, said.many, said.number)
    return text % {name: _written(value) for name, value in said.values.items()}


def _written(value: Value) -> str:
    if isinstance(value, datetime.date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, int):
        return number_format(value, use_l10n=True)
    return worded(value) if isinstance(value, str) else str(value)
