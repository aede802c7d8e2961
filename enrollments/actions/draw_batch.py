"""Writing an intake: one batch, drawn under the intake lock, with everything that it brings, or nothing at all."""

from collections.abc import Callable

import psycopg
from django.db import DatabaseError, connection, transaction

from database.locks import share_intake

ATTEMPTS = 5


def draw_batch(*, source_system_id: int, kind: str, write: Callable[[int], int], dry_run: bool = False) -> int | None:
    """Draw a batch number and let `write(batch)` write under it; `write` answers how many rows it wrote.

    Where it wrote nothing, or in a dry run, everything is taken back, the batch too: the answer is None. Two intakes
    that cross are told apart by unique keys; the one that loses starts over and then sees what the other wrote, so
    `write` must start from what was staged before. Runs inside the caller's transaction.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                share_intake()
                batch = _insert_batch(source_system_id, kind)
                kept = write(batch) > 0 and not dry_run
                transaction.set_rollback(not kept)
            return batch if kept else None
        except DatabaseError as error:
            crossed = isinstance(error.__cause__, psycopg.errors.DeadlockDetected | psycopg.errors.UniqueViolation)
            if not crossed or attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _insert_batch(source_system_id: int, kind: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO learning.enrollments_intakebatch (source_system_id, kind) VALUES (%s, %s) RETURNING id",
            [source_system_id, kind],
        )
        return cursor.fetchone()[0]
