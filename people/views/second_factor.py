"""The second factor's pages: django-allauth's own, which answer a refused form with its status, and under our looks."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.views import reauthenticate
from allauth.mfa.base.views import authenticate, index
from allauth.mfa.base.views import reauthenticate as reauthenticate_by_code
from allauth.mfa.recovery_codes.views import generate_recovery_codes, view_recovery_codes
from allauth.mfa.totp.views import ActivateTOTPView, deactivate_totp
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from people.sign_in.second_factor import SETTLED, is_required_of


def refused_says_so(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A form that comes back as a page was refused: 422."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        given = view(request, *args, **kwargs)
        if request.method == "POST" and given.status_code == 200:
            given.status_code = 422
        return given

    return answer


def with_whether_it_must_be(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The page is told whether the person must have a second factor."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        given: Any = view(request, *args, **kwargs)
        if getattr(given, "context_data", None) is not None:
            given.context_data["second_factor_is_required"] = is_required_of(request.user)
        return given

    return answer


def nothing_there_is_no_error(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Without a second factor there is nothing to show or to take away: back to where it is set up."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            return redirect("mfa_index")

    return answer


class SetUp(ActivateTOTPView):
    """Who has just set a second factor up has shown that it works, and is not asked for it again in this session."""

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        self.request.session[SETTLED] = self.request.user.pk
        return answer


your_sign_in = with_whether_it_must_be(index)
give_code = refused_says_so(authenticate)
again_by_password = refused_says_so(reauthenticate)
again_by_code = refused_says_so(reauthenticate_by_code)
set_up = with_whether_it_must_be(refused_says_so(SetUp.as_view()))
take_away = nothing_there_is_no_error(with_whether_it_must_be(refused_says_so(deactivate_totp)))
recovery_codes = nothing_there_is_no_error(view_recovery_codes)
new_recovery_codes = refused_says_so(generate_recovery_codes)
