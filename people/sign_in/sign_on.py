"""A school's own sign-on (OpenID Connect, authorization code with PKCE), by django-allauth, held to this house's rules.

Nobody is created by it. Who comes is found by the subject that the school's provider gave on an earlier day, and by nothing
else; on the first day by an e-mail that the provider calls verified and that somebody of the school recorded here
(docs/decisions/0013). The identity is read from a signed token alone, which must answer the very request that was sent.
"""

import secrets
from typing import Any

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.modelkit import serialize_instance
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from requests import RequestException

from people.actions.bind_subject import bind_subject

PROVIDER = "school"
SIGNED_BY = frozenset({"RS256", "PS256", "ES256"})


def school_app() -> SocialApp:
    """The school's provider as the environment names it; SocialApp.DoesNotExist where it names none."""
    if not settings.SIGN_ON["issuer"]:
        raise SocialApp.DoesNotExist
    return SocialApp(
        provider="openid_connect",
        provider_id=PROVIDER,
        name=settings.SIGN_ON["name"],
        client_id=settings.SIGN_ON["client_id"],
        secret=settings.SIGN_ON["client_secret"],
        settings={"server_url": settings.SIGN_ON["issuer"], "oauth_pkce_enabled": True},
    )


class SignOnAdapter(DefaultSocialAccountAdapter):
    """Whom a sign-on opens an account to, and how it refuses."""

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:
        return [school_app()] if settings.SIGN_ON["issuer"] else []

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Called with whoever bears the subject, if anybody; else the e-mail of the first day is asked."""
        if sociallogin.is_existing:
            return
        verified = [one.email for one in sociallogin.email_addresses if one.verified is True]
        bound = bind_subject(provider=PROVIDER, subject=sociallogin.account.uid, emails=verified)
        if bound is None:
            raise ImmediateHttpResponse(_refused(request, "registration/sign_on_unknown.html", 403))
        sociallogin.user, sociallogin.account = bound.user, bound

    def on_authentication_error(self, request: HttpRequest, *_: Any, **__: Any) -> None:
        raise ImmediateHttpResponse(_refused(request, "registration/sign_on_failed.html", 401))

    def serialize_instance(self, instance: models.Model) -> dict[str, Any]:
        """What waits in the session for a second factor: nobody's password with it, not even as a hash."""
        return {name: value for name, value in serialize_instance(instance).items() if name != "password"}


def _refused(request: HttpRequest, template: str, status: int) -> HttpResponse:
    return render(request, template, {"school": settings.SIGN_ON["name"]}, status=status)


class SchoolProvider(OpenIDConnectProvider):
    """allauth's, with a nonce, and deaf to what an address might ask of it."""

    def get_default_scope(self) -> list[str]:
        return ["openid", "email"]

    def get_oauth2_adapter(self, request: HttpRequest) -> "Exchange":
        return Exchange(request, PROVIDER)

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        asked = super().get_redirect_from_request_kwargs(request)
        nonce = secrets.token_urlsafe(32)
        return {
            "process": AuthProcess.LOGIN,
            "next_url": asked.get("next_url"),
            "scope": self.get_scope(),
            "auth_params": {"nonce": nonce},
            "nonce": nonce,
        }

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Nothing that the provider tells of a person is kept but the subject."""
        return {}


class Exchange(OpenIDConnectOAuth2Adapter):
    """A code for an identity. `nonce` is what the request of this browser carried."""

    nonce: str | None = None

    def get_provider(self) -> SchoolProvider:
        return SchoolProvider(self.request, app=school_app())

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return request.build_absolute_uri(reverse("school_sign_on_callback"))

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> SocialLogin:
        claims = self._claims(app, kwargs["response"].get("id_token"))
        if "email" not in claims:
            told = self._fetch_user_info(token.token)
            if told.get("sub") != claims["sub"]:
                raise OAuth2Error("The provider tells of somebody else than the token.")
            claims |= {name: told[name] for name in ("email", "email_verified") if name in told}
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims})

    def _claims(self, app: SocialApp, id_token: Any) -> dict[str, Any]:
        """What the token says; OAuth2Error unless it is signed by the issuer's key, of now, for us and for this request."""
        if not isinstance(id_token, str) or self.openid_config["issuer"].rstrip("/") != settings.SIGN_ON["issuer"].rstrip("/"):
            raise OAuth2Error("No identity of the school's own provider was told.")
        try:
            if jwt.get_unverified_header(id_token).get("alg") not in SIGNED_BY:
                raise OAuth2Error("The token is not signed as it must be.")
            claims: dict[str, Any] = jwtkit.verify_and_decode(
                credential=id_token,
                keys_url=self.openid_config["jwks_uri"],
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                lookup_kid=jwtkit.lookup_kid_jwk,
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as problem:
            raise OAuth2Error("The token cannot be read.") from problem
        if not self.nonce or not secrets.compare_digest(str(claims.get("nonce", "")).encode(), self.nonce.encode()):
            raise OAuth2Error("The token answers another request.")
        if not claims.get("sub") or "exp" not in claims:
            raise OAuth2Error("The token names nobody or no end.")
        return claims


class Callback(OAuth2CallbackView):
    """allauth's, which tells the exchange the nonce that this browser's request carried."""

    def _get_state(self, request: HttpRequest, provider: Any) -> tuple[Any, Any]:
        state, refused = super()._get_state(request, provider)
        if state:
            self.adapter.nonce = state.get("nonce")
        return state, refused


def begin(request: HttpRequest) -> HttpResponse:
    """To the school's provider. SocialApp.DoesNotExist where there is none."""
    return _answered(request, OAuth2LoginView)


def come_back(request: HttpRequest) -> HttpResponse:
    """From the school's provider, with a code or without. SocialApp.DoesNotExist where there is none."""
    return _answered(request, Callback)


def _answered(request: HttpRequest, view: Any) -> HttpResponse:
    """A provider that is away, or that answers what is no answer, is a refusal and no fault of ours."""
    try:
        answer: HttpResponse = view.adapter_view(Exchange(request, PROVIDER))(request)
    except (RequestException, KeyError, ValueError):
        return _refused(request, "registration/sign_on_failed.html", 401)
    return answer
