"""Share a student's summary by a link for a while, take the link back, and note that it was opened."""

import datetime
import secrets
import uuid

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.http import urlsafe_base64_encode

from database.areas import acting_as
from pathways.models import SharedSummary, SharedSummaryEnd, SharedSummaryOpening
from people.actions.issue_token import digest
from people.models import User

DAYS, OPEN_AT_ONCE, NAME_CHARACTERS = 30, 10, 60


class SharingRefused(ValueError):
    """Why a summary was not shared, in a sentence with the way out; `field` is what it is about, "" for the whole."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


def share_summary(
    *, student_id: int, made_by: int, shown_name: str, days: int, at: datetime.datetime, form_key: str = ""
) -> tuple[SharedSummary, str]:
    """The link's record and its token, which is kept as a hash alone: this is the one time that it can be shown.

    Open for `days` (1 to 30) from `at`. The same `form_key` of the same person makes the same token, so that a form sent
    twice makes one link. Raises SharingRefused.
    """
    shown_name = shown_name.strip()
    if not shown_name or len(shown_name) > NAME_CHARACTERS:
        raise SharingRefused(f"Say in 1 to {NAME_CHARACTERS} characters what the page calls the student.", "shown_name")
    if not 1 <= days <= DAYS:
        raise SharingRefused(f"A link is open for 1 to {DAYS} days.", "days")
    token = _token(made_by, form_key)
    with acting_as("area_learning"):
        # Two at once count each other's links.
        User.objects.select_for_update(no_key=True).get(pk=student_id)
        made = SharedSummary.objects.filter(token_sha256=digest(token), student_id=student_id).first()
        if made is not None:
            return made, token
        if SharedSummary.objects.filter(student_id=student_id, ends_at__gt=at, end__isnull=True).count() >= OPEN_AT_ONCE:
            raise SharingRefused(f"{OPEN_AT_ONCE} links are open already; take one back first.")
        made = SharedSummary.objects.create(
            student_id=student_id,
            made_by_id=made_by,
            shown_name=shown_name,
            token_sha256=digest(token),
            recorded_at=at,
            ends_at=at + datetime.timedelta(days=days),
        )
    return made, token


def _token(made_by: int, form_key: str) -> str:
    """256 bits that nobody can guess: of the system's chance, or of the site's secret and the form's own random key."""
    if not form_key:
        return secrets.token_urlsafe(32)
    return urlsafe_base64_encode(salted_hmac("pathways.shared_summary", f"{made_by} {form_key}", algorithm="sha256").digest())


def end_shared_summary(*, student_id: int, shared: uuid.UUID, ended_by: int, at: datetime.datetime) -> bool:
    """From now on the link opens nothing; False where it was taken back before, or the student has no such link."""
    with acting_as("area_learning"):
        found = SharedSummary.objects.filter(student_id=student_id, uuid=shared, end__isnull=True).first()
        if found is None:
            return False
        try:
            with transaction.atomic():
                SharedSummaryEnd.objects.create(shared=found, ended_by_id=ended_by, recorded_at=at)
        except IntegrityError:
            return False
    return True


def note_opening(*, shared_id: int, at: datetime.datetime) -> None:
    """That a link was opened. By whom is not known, and nothing is kept that would tell."""
    with acting_as("area_learning"):
        SharedSummaryOpening.objects.create(shared_id=shared_id, opened_at=at)
