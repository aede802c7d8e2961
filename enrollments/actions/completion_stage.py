"""The set-based middle of every intake of completions: staged rows in, completions and an outcome a row out.

Used by `record_completions` and `import_oulad`, in this order, in one transaction as area_learning:
`stage(rows)` (streaming COPY, before any lock), `write_staged(...)` (under the batch), then `count_outcomes` and
`read_outcomes`. Only `write_staged` costs time under the intake lock.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.db import connection

from enrollments.actions import completion_sql as sql
from enrollments.calc.completion_rows import REASONS, STATUSES, CompletionRow, Refusal, RowOutcome

# The fields of a statement that a source may change, in the order in which a difference is told.
FIELDS = ("enrollment", "assignment", "completed_on", "carried_over")


def stage(rows: Iterable[CompletionRow | Refusal]) -> None:
    """Stream `rows` into the staging table, in constant memory, and find the ids that come twice."""
    make_stage()
    with connection.cursor() as cursor, cursor.copy(sql.COPY_STAGE) as copy:
        for row in rows:
            if isinstance(row, CompletionRow):
                copy.write_row((*row, None, None, None))
            else:
                copy.write_row((row.row, row.source_id, None, None, None, None, None, row.reason, row.field, row.detail))
    prepare_stage()


def make_stage() -> None:
    """The empty staging table, for the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(sql.MAKE_STAGE)


def prepare_stage() -> None:
    """Once the stage is filled: what the planner needs, and the ids that come twice."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE intake_stage")
        cursor.execute(sql.FIND_REPEATS)
        cursor.execute("CREATE INDEX ON intake_repeat (row)")


def write_staged(
    *,
    batch: int,
    source_system_id: int,
    provider_id: int | None,
    today: date,
    apply_changes: bool = False,
    ids_move: bool = False,
) -> int:
    """Write what is staged as completions of `batch`; the number of rows written (voids and unmatched ones too).

    First the bulk, rows whose id and whose enrollment and assignment are both new: one sorted INSERT that lets the
    unique keys sort out the rest. Then what is left, which is small unless a file is sent again. Without `ids_move`
    an id that comes with another enrollment or assignment than before is a unique violation: take it back and call
    again with `ids_move`, as `draw_batch` lets its caller do.
    """
    known = {"batch": batch, "source": source_system_id, "provider": provider_id, "today": today, "apply": apply_changes}
    with connection.cursor() as cursor:
        cursor.execute(sql.MAKE_REST)
        cursor.execute(sql.VOID_LOOKUP, known)
        written = _count(cursor, sql.VOID_WRITE, known) if cursor.rowcount else 0
        cursor.execute(sql.ASK_PAIRS_AND_IDS if ids_move else sql.ASK_PAIRS, known)
        added, left = cursor.fetchone()
        written += added
        cursor.execute(sql.LEFT_LOOKUP, known)
        if left:
            cursor.execute("ANALYZE intake_left")
            for statement in (sql.CHANGE_VOID, sql.STATE_AGAIN, sql.KEEP_UNMATCHED):
                written += _count(cursor, statement, known)
    return written


def _count(cursor: Any, statement: str, known: dict[str, Any]) -> int:
    cursor.execute(statement, known)
    return cursor.rowcount


def count_outcomes() -> dict[str, int]:
    """How many staged rows came out how: every one of STATUSES, 0 included."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT status, count(*) FROM ({sql.OUTCOMES}) o GROUP BY status")
        return {**dict.fromkeys(STATUSES, 0), **dict(cursor.fetchall())}


def read_outcomes(*, every_row: bool) -> Iterator[RowOutcome]:
    """The outcomes in the order of the rows, streamed; without `every_row` only changes, conflicts and refusals."""
    wanted = "" if every_row else "WHERE status IN ('changed', 'conflict', 'refused')"
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql.OUTCOMES}) o {wanted} ORDER BY row")
        while rows := cursor.fetchmany(2000):
            for row in rows:
                yield _outcome(*row)


def _outcome(
    row: int,
    source_id: str | None,
    status: str,
    reason: str,
    field: str,
    detail: str,
    void: bool,
    old: list[str] | None,
    new: list[str] | None,
) -> RowOutcome:
    changes: tuple[tuple[str, str, str], ...] = ()
    if old and new:
        changes = tuple((f, o, n) for f, o, n in zip(FIELDS, old, new, strict=True) if o != n)
        field = changes[0][0]
        detail = "; ".join(f"{f}: {o} on file, {n} sent" for f, o, n in changes)
    if status in ("conflict", "refused") and not detail.endswith("."):
        detail = f"{detail}. {REASONS[reason]}" if detail else REASONS[reason]
    if void and status == "created":
        detail = "voided"
    return RowOutcome(row, source_id, status, reason, field, detail, changes)
