"""Every advisory lock, its key and its reason; transaction-scoped only, so that no pooler can strand one.

Order, for a transaction that takes more than one lock: intake, a plan, a draft, then rows of Program, Run, RunShard, FiscalPeriod,
and last of Fund, in the order of their ids: an appropriation is asked for by every settlement of its year.
The key of an answer is taken first of all, before the write that it keeps from happening twice.
"""

from django.db import connection

INTAKE = 1
# The first of two numbers; locks of two numbers never meet those of one.
ANSWER = 2
PLAN = 3
DRAFT = 4


def share_intake() -> None:
    """Taken by an intake just before it draws its batch number, held until it commits. Intakes do not wait for
    each other."""
    _execute("SELECT pg_advisory_xact_lock_shared(%s)", INTAKE)


def settle_intake() -> None:
    """Taken by a night before it reads its watermark: waits until every intake that has drawn a number has committed,
    so that every batch number up to the watermark is visible or will never be."""
    _execute("SELECT pg_advisory_xact_lock(%s)", INTAKE)


def hold_answer(*, user_id: int, key: str) -> None:
    """Taken by a write with an idempotency key before it looks for its answer: the same write waits until this one has
    ended, and then finds what it was answered."""
    _execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", ANSWER, f"{user_id} {key}")


def hold_plan(plan_id: int) -> None:
    """Taken by whoever looks at a student's plan before adding to it: two at once would both find no open request, or lay
    out two paths. Rows of a plan are only added, so there is none to lock instead. Several plans in the order of students."""
    _execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", PLAN, str(plan_id))


def hold_draft(program_code: str) -> None:
    """Taken by whoever edits, approves or releases a program's draft, before looking at its newest revision: what the database
    refuses to the second of two at once is then told in a sentence, and two edits have two numbers."""
    _execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", DRAFT, program_code)


def _execute(sql: str, *values: int | str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
