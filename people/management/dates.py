"""What the commands about relations share: their days, and how an end is put in words."""

import datetime
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from people.actions.end_relation import EndRefused, end_relation


def add_days(parser: ArgumentParser) -> None:
    """--from and --until of something new; --end of what there is."""
    parser.add_argument("--from", dest="starts_on", type=datetime.date.fromisoformat, help="its first day; default today")
    parser.add_argument("--until", type=datetime.date.fromisoformat, help="the first day without it; default: no end yet")
    parser.add_argument(
        "--end", type=datetime.date.fromisoformat, metavar="DAY", help="end what there is instead, DAY the first without it"
    )


def days_of(options: dict[str, Any]) -> tuple[datetime.date, datetime.date | None]:
    """CommandError where it would end before it starts."""
    starts_on, until = options["starts_on"] or timezone.localdate(), options["until"]
    if until is not None and until <= starts_on:
        raise CommandError("--until is the first day without it, so it lies after --from.")
    return starts_on, until


def ended(kind: str, keys: list[int], ends_on: datetime.date) -> int:
    """How many of them were ended; CommandError where there is none, or one that cannot end then."""
    if not keys:
        raise CommandError("There is nothing of the kind that has no end yet.")
    try:
        return sum(end_relation(kind=kind, key=key, ends_on=ends_on) for key in keys)
    except EndRefused as refused:
        raise CommandError(str(refused)) from None
