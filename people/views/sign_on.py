"""Signing in by a school's own sign-on: at the learning site alone, and where the environment names none, back to the sign-in."""

from allauth.socialaccount.models import SocialApp
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from people.sign_in import sign_on


@login_not_required
@never_cache
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """To the school's own page. Safe by a link: whoever follows it can only come back as themselves."""
    try:
        return sign_on.begin(request)
    except SocialApp.DoesNotExist:
        return redirect("sign_in")


@login_not_required
@never_cache
@require_GET
def come_back(request: HttpRequest) -> HttpResponse:
    """Back from there."""
    try:
        return sign_on.come_back(request)
    except SocialApp.DoesNotExist:
        return redirect("sign_in")
