"""Use a one-time secret: it opens the account this once, and the former password no more."""

from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.db import transaction

from people.models import OneTimeSecret, User


def use_one_time_secret(*, username: str, secret: str, at: datetime) -> User | None:
    """Whose secret it is, now without a password; None where it is nobody's, used, past its end or not the latest. Runs as the
    login, since people of the office use it at their site too."""
    person = User.objects.filter(username=username, is_active=True).first()
    latest = OneTimeSecret.objects.filter(user=person).order_by("-pk").first() if person else None
    if person is None or latest is None or latest.used_at is not None or latest.expires_at <= at:
        return None
    if not check_password(secret.strip().lower(), latest.secret_hash):
        return None
    with transaction.atomic():
        if OneTimeSecret.objects.filter(pk=latest.pk, used_at__isnull=True).update(used_at=at) == 0:
            return None
        person.set_unusable_password()
        person.save(update_fields=["password"])
    return person
