"""Keeping what the API answered to a write, in the transaction of the write, so that the same request again is answered with it."""

from dataclasses import dataclass
from typing import Any

from database.locks import hold_answer
from people.models import IdempotentAnswer


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """`request_sha256` tells whether it was the same request; `body` is the JSON that was answered."""

    request_sha256: str
    status: int
    body: Any


def kept_answer(*, user_id: int, key: str) -> KeptAnswer | None:
    """What was answered under this key. Holds the key to the end of the caller's transaction: a second request with it waits
    here until the first has ended, and then meets its answer. Expects to run under area_learning."""
    hold_answer(user_id=user_id, key=key)
    found = IdempotentAnswer.objects.filter(user_id=user_id, key=key).first()
    return KeptAnswer(found.request_sha256, found.status, found.body) if found else None


def keep_answer(*, user_id: int, key: str, answer: KeptAnswer) -> None:
    """Expects to run under area_learning, in the transaction of the write."""
    IdempotentAnswer.objects.create(
        user_id=user_id, key=key, request_sha256=answer.request_sha256, status=answer.status, body=answer.body
    )
