"""Every advisory lock, its key and its reason; transaction-scoped only, so that no pooler can strand one.

Order, for a transaction that takes more than one lock: intake, then rows of Program, Run, RunShard, FiscalPeriod.
"""

from django.db import connection

INTAKE = 1


def share_intake() -> None:
    """Taken by an intake just before it draws its batch number, held until it commits. Intakes do not wait for
    each other."""
    _execute("SELECT pg_advisory_xact_lock_shared(%s)")


def settle_intake() -> None:
    """Taken by a night before it reads its watermark: waits until every intake that has drawn a number has committed,
    so that every batch number up to the watermark is visible or will never be."""
    _execute("SELECT pg_advisory_xact_lock(%s)")


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, [INTAKE])
