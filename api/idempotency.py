"""`Idempotency-Key` on a write: the same key with the same request has one effect and one answer, however often it comes.

The answer is kept in the transaction of the write. Only what was done is kept: a request that was refused may come again
under its key. The same key with another request is a conflict.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http.response import HttpResponseBase
from django.utils.datastructures import MultiValueDict
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from api.problems import BadRequest, Conflict
from people.actions.keep_answer import KeptAnswer, keep_answer, kept_answer

HEADER = "Idempotency-Key"
KEY_CHARACTERS = 200


def answered_once(request: Request, user_id: int, write: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """The answer of `write`, or the kept one of the same request before. Expects to run under area_learning, in one transaction."""
    key = request.headers.get(HEADER, "")
    if not key:
        return write()
    if len(key) > KEY_CHARACTERS or not key.isascii() or not key.isprintable():
        raise BadRequest(f"{HEADER} is at most {KEY_CHARACTERS} printable ASCII characters.")
    asked = _sha256(request)
    kept = kept_answer(user_id=user_id, key=key)
    if kept is not None:
        if kept.request_sha256 != asked:
            raise Conflict(f"This {HEADER} was used for another request; give each request its own.")
        return Response(kept.body, status=kept.status)
    answer = write()
    if isinstance(answer, Response):
        body = json.loads(json.dumps(answer.data, cls=JSONEncoder))
        keep_answer(user_id=user_id, key=key, answer=KeptAnswer(asked, answer.status_code, body))
    return answer


def _sha256(request: Request) -> str:
    """What is asked, whatever the order of an object's members or a form's boundary."""
    said = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    said.update(json.dumps(_plain(request.data), sort_keys=True).encode())
    return said.hexdigest()


def _plain(data: Any) -> Any:
    if isinstance(data, MultiValueDict):
        return {name: [_plain(value) for value in values] for name, values in data.lists()}
    if isinstance(data, UploadedFile):
        content = hashlib.sha256()
        for chunk in data.chunks():
            content.update(chunk)
        data.seek(0)
        return [data.name, content.hexdigest()]
    if isinstance(data, Mapping):
        return {name: _plain(value) for name, value in data.items()}
    return data
