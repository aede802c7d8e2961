"""End what a person holds: an appointment, a guardianship or a counsellor's case. What was, stays on file with its dates."""

import datetime

from django.utils.translation import gettext as _

from database.areas import acting_as
from people.models import Guardianship, Role, StudentCase

RELATIONS: dict[str, type[Role] | type[Guardianship] | type[StudentCase]] = {
    "role": Role,
    "guardianship": Guardianship,
    "case": StudentCase,
}


class EndRefused(ValueError):
    """This day cannot be the end; the message says why."""


def end_relation(*, kind: str, key: int, ends_on: datetime.date) -> bool:
    """`ends_on` is the first day without it; `kind` is one of RELATIONS. False where it had that end already; EndRefused where it
    has another, or had not begun by then."""
    with acting_as("area_learning"):
        found = RELATIONS[kind].objects.filter(pk=key)
        starts_on, ended_on = found.values_list("starts_on", "ends_on").get()
        if ended_on == ends_on:
            return False
        if ended_on is not None:
            raise EndRefused(_("This has an end already, and an end is set once."))
        if ends_on <= starts_on:
            raise EndRefused(_("This starts only then or later. Choose a later day."))
        return found.filter(ends_on__isnull=True).update(ends_on=ends_on) == 1
