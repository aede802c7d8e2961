"""What people type about themselves: the code of a second factor."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms
from django.core.cache import cache

# A code of a minute's clock lives for three steps of half a minute.
SECONDS_A_CODE_LIVES = 120


class _OnceOnly(forms.Form):
    """A code that was accepted is not accepted again while its step of the clock may still be read."""

    user: Any

    def clean_code(self) -> str:
        code = str(super().clean_code())  # type: ignore[misc]
        key = f"second-factor-used:{self.user.pk}:{''.join(code.split())}"
        if not cache.add(key, "y", SECONDS_A_CODE_LIVES):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondFactorForm(_OnceOnly, AuthenticateForm):
    """At the sign-in: a code of the app, or a recovery code."""


class SecondFactorAgainForm(_OnceOnly, ReauthenticateForm):
    """Before something about the sign-in is changed."""
