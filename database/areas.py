"""Entering an area: the one way in which code takes on an area's rights."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

AREAS = ("area_learning", "area_funding", "area_accountability")


@contextmanager
def acting_as(area: str) -> Iterator[None]:
    """A transaction (or savepoint) with the rights of `area`, one of AREAS, and no others.

    Leaving restores the former role; an error rolls back and restores it too. The session's login must be a member
    of the area, else PostgreSQL refuses.
    """
    if area not in AREAS:
        raise ValueError(f"{area!r} is no area; there are {', '.join(AREAS)}.")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role')")
        former = cursor.fetchone()[0]
        cursor.execute(f"SET LOCAL ROLE {area}")
        yield
        # RELEASE SAVEPOINT keeps a SET LOCAL, so the former role is set by hand.
        cursor.execute(f'SET LOCAL ROLE "{former}"' if former != "none" else "SET LOCAL ROLE NONE")
