"""django-allauth's account as this house has it: nobody signs up, and who handles money signs in at the office alone."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from people.actions.count_failures import PASSWORD, count_failure, wait_seconds
from people.models import User
from people.roles import MONEY, roles_on


class AccountAdapter(DefaultAccountAdapter):
    """Mails nothing and creates nobody. Its failures are counted with those of the sign-in page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: the page that follows says what was done."""

    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse | None:
        """A page of refusal, or None where the sign-in goes on. Second factors of those who handle money are closed to the
        learning site by the database, so there they could not be asked for one."""
        if settings.SITE == "learning" and roles_on(user_id=user.pk, day=timezone.localdate()).kinds & MONEY:
            return render(request, "registration/office_only.html", status=403)
        refused: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return refused

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        return render(request, "registration/closed.html", status=403)

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Whether it is the password of whoever is signed in; refused untried where too many tries failed."""
        assert isinstance(user, User)
        who = {"name": user.username, "address": self.request.META.get("REMOTE_ADDR", "")}
        if wait_seconds(door=PASSWORD, **who):
            return False
        if user.check_password(password):
            return True
        count_failure(door=PASSWORD, **who)
        return False
