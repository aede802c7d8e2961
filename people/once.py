"""The second click does no harm: a form that carries `{% once %}` writes once, however often it is sent.

The first sending is answered by its view; where that leads on (a redirect: the write is done), the answer is kept in the
transaction of the write, and the same form again is answered alike and writes nothing. Two at once wait for each other. A
form that was refused may come again, and so may one whose fields were changed since: that is another thing to write.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from database.areas import acting_as
from people.actions.keep_answer import KeptAnswer, keep_answer, kept_answer

FIELD = "once"
KEY_CHARACTERS = 64
# Neither says what is written: the one is new on every page, the other is the key itself.
ASIDE = frozenset({FIELD, "csrfmiddlewaretoken"})


class Once:
    """Middleware of the learning site's pages. The API has its own header for this: api/idempotency.py."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """The view's answer, or the kept one; None (Django goes on by itself) where nobody signed in sends a key."""
        if request.method != "POST" or getattr(view, "csrf_exempt", False) or not request.user.is_authenticated:
            return None
        key = request.POST.get(FIELD, "")
        if not key or len(key) > KEY_CHARACTERS:
            return None
        return _answered(request, int(request.user.pk), lambda: view(request, *args, **kwargs))


def _answered(request: HttpRequest, user_id: int, write: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """One transaction around all; the view's own part in it runs with the rights that it would have without."""
    asked = _sha256(request)
    key = f"page {asked}"
    with transaction.atomic():
        with acting_as("area_learning"):
            kept = kept_answer(user_id=user_id, key=key)
        if kept is not None:
            # Read first, so that what the first answer left for the next page does not stand there twice.
            list(messages.get_messages(request))
            for level, text, tags in kept.body["messages"]:
                messages.add_message(request, level, text, tags)
            return HttpResponseRedirect(kept.body["location"])
        answer = write()
        if isinstance(answer, HttpResponse) and 300 <= answer.status_code < 400:
            body = {"location": answer["Location"], "messages": _told(request)}
            with acting_as("area_learning"):
                keep_answer(user_id=user_id, key=key, answer=KeptAnswer(asked, answer.status_code, body))
    return answer


def _told(request: HttpRequest) -> list[tuple[int, str, str]]:
    """What the next page will say. Reading takes the messages away, so they are put back."""
    told = [(one.level, str(one.message), one.extra_tags) for one in messages.get_messages(request)]
    for level, text, tags in told:
        messages.add_message(request, level, text, tags)
    return told


def _sha256(request: HttpRequest) -> str:
    """What is asked: where, under which key, with which fields and which files."""
    fields = sorted((name, values) for name, values in request.POST.lists() if name not in ASIDE)
    files = [(name, [_digest(one) for one in sent]) for name, sent in sorted(request.FILES.lists())]
    said = json.dumps([request.path, request.POST[FIELD], fields, files])
    return hashlib.sha256(said.encode()).hexdigest()


def _digest(file: UploadedFile) -> list[str]:
    content = hashlib.sha256()
    for chunk in file.chunks():
        content.update(chunk)
    file.seek(0)
    return [file.name or "", content.hexdigest()]
