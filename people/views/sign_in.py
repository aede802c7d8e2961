"""Signing in and out: the same on both sites."""

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from people.actions.count_failures import PASSWORD, count_failure, wait_seconds
from people.models import User
from people.navigation import navigation
from people.sign_in.second_factor import CHOOSE_PASSWORD


def too_many(seconds: int) -> str:
    """What to tell whoever has to wait so many seconds before the next try."""
    if seconds < 120:
        return ngettext(
            "Too many tries have failed. Wait %(wait)d second, then try again.",
            "Too many tries have failed. Wait %(wait)d seconds, then try again.",
            seconds,
        ) % {"wait": seconds}
    minutes = -(-seconds // 60)
    return _("Too many tries have failed. Wait %(wait)d minutes, then try again.") % {"wait": minutes}


def browser_of(request: HttpRequest) -> str:
    """What tells this browser from another one, as long as it keeps its cookies."""
    return request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")[:200]


class SignIn(LoginView):
    """Name and password, then what else the account asks for; closed for a while where too many tries failed.

    The site keeps its own name, which Django's view would overwrite by the host's.
    """

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the name of the school's own sign-on, where this site has one."""
        school = settings.SIGN_ON["name"] if settings.SITE == "learning" and settings.SIGN_ON["issuer"] else ""
        return super().get_context_data(**kwargs) | navigation(self.request) | {"school_sign_on": school}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (wait := wait_seconds(door=PASSWORD, **self._who())):
            return super().post(request, *args, **kwargs)
        # The password is not tried: the answer would tell whether it is right.
        form = self.get_form_class()(request, initial={"username": self._who()["name"]})
        answer = self.render_to_response(self.get_context_data(form=form, closed=too_many(wait)), status=429)
        answer["Retry-After"] = str(wait)
        return answer

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        # The password was typed just now: what asks for it anew is content for a while.
        record_authentication(self.request, user, "password", reauthenticated=True)
        return perform_login(self.request, Login(user=user, redirect_url=self.get_success_url()))

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        count_failure(door=PASSWORD, **self._who())
        return super().form_invalid(form)

    def _who(self) -> dict[str, str]:
        return {
            "name": self.request.POST.get("username", "")[:150],
            "address": self.request.META.get("REMOTE_ADDR", ""),
            "browser": browser_of(self.request),
        }


class SignOut(LogoutView):
    """Ends the session, and has the browser forget what pages kept in it: edits that were never sent, of a class's grid."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().post(request, *args, **kwargs)
        answer["Clear-Site-Data"] = '"storage"'
        return answer


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def choose_password(request: HttpRequest) -> HttpResponse:
    """An own password: in place of a one-time secret, or a new one for whoever has shown just now that it is them."""
    if not request.session.get(CHOOSE_PASSWORD):
        raise_if_reauthentication_required(request, app="people")
    assert isinstance(request.user, User)
    form = SetPasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        # The sites' logins may change the password of a row and nothing else of it.
        form.save(commit=False)
        request.user.save(update_fields=["password"])
        update_session_auth_hash(request, request.user)
        request.session.pop(CHOOSE_PASSWORD, None)
        messages.success(request, _("Your new password is set."))
        return redirect("home")
    return render(request, "registration/choose_password.html", {"form": form}, status=422 if form.errors else 200)
