"""Signing in with a one-time secret in place of a password: it leads to the choice of an own one, and to nothing else."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils import timezone

from people.actions.use_one_time_secret import use_one_time_secret
from people.models import User
from people.sign_in.second_factor import CHOOSE_PASSWORD


class OneTimeSecretBackend(ModelBackend):
    """Asked after the password was found wrong."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if request is None or not username or not password:
            return None
        person = use_one_time_secret(username=username, secret=password, at=timezone.now())
        if person is not None:
            request.session[CHOOSE_PASSWORD] = True
        return person
