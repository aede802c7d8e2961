"""The second factor: who must have one, how its secret is kept, and what a session opens before it is there.

CREDENCE_SECOND_FACTOR says `required` (whoever holds any role but student or guardian sets it up at the next sign-in) or
`offered` (who wants one has one). Who has one is asked for it at every sign-in, by either setting.
"""

import base64
import hashlib
from collections.abc import Callable

from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from qrcode.main import QRCode

from people.models import User
from people.roles import GUARDIAN, STUDENT, roles_of, roles_on

# In the session: the user for whom the question is settled, and that an own password has to be chosen first.
SETTLED = "second_factor_settled"
CHOOSE_PASSWORD = "choose_password"  # noqa: S105 - the name of a mark, no secret
WHILE_CHOOSING = frozenset({"choose_password", "sign_out"})
WHILE_SETTING_UP = WHILE_CHOOSING | {"mfa_activate_totp", "mfa_view_recovery_codes", "account_reauthenticate"}


def is_required_of(user: User | AnonymousUser) -> bool:
    """Whether the user must have a second factor: any role today but student or guardian, where the setting asks for it."""
    asked = settings.SECOND_FACTOR == "required"
    return asked and bool(roles_on(user_id=int(user.pk or 0), day=timezone.localdate()).kinds - {STUDENT, GUARDIAN})


class SecondFactorAdapter(DefaultMFAAdapter):
    """allauth's, with its secrets under a key of ours and a picture that a strict page may show."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return "Credence"

    def build_totp_svg(self, url: str) -> str:
        """The code as one path without a style of its own; a quiet zone of two modules around it."""
        code = QRCode(border=2)
        code.add_data(url)
        rows = code.get_matrix()
        path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
        box = f"0 0 {len(rows)} {len(rows)}"
        return f'<svg class="credence-qr" viewBox="{box}" aria-hidden="true" focusable="false"><path d="{path}"/></svg>'

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not is_required_of(authenticator.user)


def _cipher() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(settings.SECOND_FACTOR_KEY.encode()).digest()))


class BeforeAnythingElse:
    """Middleware: a session opens nothing until the own password is chosen and, where it must be, the second factor is there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return None
        here = request.resolver_match.url_name if request.resolver_match else None
        if request.session.get(CHOOSE_PASSWORD):
            return None if here in WHILE_CHOOSING else _sent_to(request, "choose_password")
        if settings.SECOND_FACTOR != "required" or here in WHILE_CHOOSING or not _is_open(request):
            return None
        if Authenticator.objects.filter(user_id=request.user.pk, type=Authenticator.Type.TOTP).exists():
            # A session from before it, or by another door: it is given at the sign-in.
            logout(request)
            return _sent_to(request, "sign_in")
        return None if here in WHILE_SETTING_UP else _sent_to(request, "mfa_activate_totp")


def _is_open(request: HttpRequest) -> bool:
    """Whether a second factor must be there and has not been shown in this session."""
    user = request.user
    if request.session.get(SETTLED) == user.pk:
        return False
    shown = any(one["method"] == "mfa" for one in get_authentication_records(request, user))
    if shown or not roles_of(request).kinds - {STUDENT, GUARDIAN}:
        request.session[SETTLED] = user.pk
        return False
    return True


def _sent_to(request: HttpRequest, name: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        problem = {"type": "about:blank", "title": "Forbidden", "status": 403, "detail": "Finish your sign-in on the site first."}
        return JsonResponse(problem, status=403, content_type="application/problem+json")
    return redirect(name)
