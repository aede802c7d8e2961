"""`{% once %}` in a form that writes: the key by which people/once.py knows a second click on it."""

import secrets

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from people.once import FIELD

register = template.Library()


@register.simple_tag
def once() -> SafeString:
    """A key that no other form bears. A browser that keeps fields over a reload must not keep this one."""
    return format_html('<input type="hidden" name="{}" value="{}" autocomplete="off">', FIELD, secrets.token_urlsafe(16))
