"""Taking in a folder with the Open University dataset, whole, in one transaction and one batch."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db import connection

from database.areas import acting_as
from enrollments.actions import oulad_sql as sql
from enrollments.actions.completion_stage import count_outcomes, read_outcomes, stage, write_staged
from enrollments.actions.draw_batch import draw_batch
from enrollments.calc.completion_rows import REASONS, Refusal, RowOutcome
from enrollments.exchange.oulad_folder import OuladFolder
from enrollments.models import SourceSystem
from people.actions.add_missing import add_missing_organizations, add_missing_students

CATALOGUE = "oulad"
ROW_KINDS = (
    "assessment_rows",
    "exam_rows",
    "banked_rows",
    "after_withdrawal_rows",
    "before_enrollment_rows",
    "payable_completions",
    "without_enrollment",
)
# What the intake calls a field, and what the file calls it.
COLUMN_OF = {
    "enrollment": "id_student",
    "assignment": "id_assessment",
    "completed_on": "date_submitted",
    "carried_over": "is_banked",
    "source_id": "id_assessment, id_student",
}


@dataclass(slots=True)
class FolderImport:
    """`counts` describe the folder (ROW_KINDS, the same on every run) and what this run did with it: completions
    created and already there, changes taken, and of all files the rows in conflict and refused."""

    batch: int | None = None
    counts: dict[str, int] = field(default_factory=dict)


def import_oulad(
    *,
    folder: OuladFolder,
    today: date,
    on_outcome: Callable[[str, RowOutcome], None],
    apply_changes: bool = False,
) -> FolderImport:
    """Take in `folder`; `on_outcome(file, outcome)` hears of each change, conflict and refusal.

    Nothing on file is overwritten: a changed row is reported, and taken only with `apply_changes` (a completion as
    void and new, an enrollment's dates with a row of history, a result as a further one). Rows that vanished from
    the folder are left alone. The same folder again writes nothing.
    """
    result = FolderImport()
    attempts = itertools.count(1)

    def write(batch: int) -> int:
        result.counts = dict.fromkeys((*ROW_KINDS, "created", "exists", "changed", "conflicts", "refused"), 0)
        result.counts.update(folder.counts)
        written, counts = _write(batch, source, today, apply_changes, next(attempts) > 1)
        result.counts.update(counts)
        result.counts.update(_report(folder, apply_changes, on_outcome))
        return written

    with acting_as("area_learning"):
        source = SourceSystem.objects.get_or_create(code=CATALOGUE, defaults={"catalogue": CATALOGUE})[0]
        _stage(folder)
        result.batch = draw_batch(source_system_id=source.pk, kind="oulad", write=write)
    return result


def _stage(folder: OuladFolder) -> None:
    facts = {
        "courses": folder.courses(),
        "assessments": folder.assessments(),
        "studentRegistration": folder.registrations(),
        "studentInfo": folder.circumstances(),
    }
    with connection.cursor() as cursor:
        for name, rows in facts.items():
            table = sql.stage_of(name)
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
            cursor.execute(f"CREATE TEMPORARY TABLE {table} ({sql.STAGES[name]}) ON COMMIT DROP")
            width = sql.STAGES[name].count(",") - 2
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(_staged(row, width))
            cursor.execute(f"ANALYZE {table}")
        for name in ("studentRegistration", "studentInfo"):
            cursor.execute(sql.REFUSE_REPEATS.format(stage=sql.stage_of(name)))
        cursor.execute(sql.REFUSE_UNREGISTERED)
    stage(folder.completions())


def _staged(row: tuple[Any, ...] | Refusal, width: int) -> tuple[Any, ...]:
    if isinstance(row, Refusal):
        return (row.row, *[None] * (width - 1), row.field, row.reason, row.detail)
    return (*row, None, None, None)


def _write(batch: int, source: SourceSystem, today: date, apply_changes: bool, ids_move: bool) -> tuple[int, dict[str, int]]:
    known: dict[str, Any] = {"batch": batch, "catalogue": CATALOGUE}
    with connection.cursor() as cursor:

        def ask(statement: str) -> list[Any]:
            cursor.execute(statement)
            return cursor.fetchall()

        written = add_missing_organizations(kind="provider", names=dict(ask(sql.PROVIDERS)))
        written += add_missing_organizations(kind="district", names=dict(ask(sql.DISTRICTS)))
        written += add_missing_students(usernames=[name for (name,) in ask(sql.STUDENTS)])
        cursor.execute("DROP TABLE IF EXISTS pg_temp.oulad_change")
        cursor.execute(sql.FIND_CHANGES)
        for statement in (*(sql.APPLY_CHANGES if apply_changes else ()), *sql.ADD_MISSING):
            cursor.execute(statement, known)
            written += cursor.rowcount
        written += write_staged(
            batch=batch,
            source_system_id=source.pk,
            provider_id=None,
            today=today,
            apply_changes=apply_changes,
            ids_move=ids_move,
        )
        return written, dict(ask(sql.COUNT_ROWS))


def _report(folder: OuladFolder, apply_changes: bool, on_outcome: Callable[[str, RowOutcome], None]) -> dict[str, int]:
    """Tell every change, conflict and refusal, file by file; answers the counts."""
    done = count_outcomes()
    counts = {"created": done["created"], "exists": done["exists"], "changed": done["changed"]}
    counts |= {"conflicts": done["conflict"], "refused": done["refused"]}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql.REFUSALS}) r ORDER BY name, line")
        for name, line, column, reason, detail in cursor:
            counts["refused"] += 1
            on_outcome(folder.file_name(name), RowOutcome(line, None, "refused", reason, column, detail))
        cursor.execute(sql.CHANGES)
        for name, line, column, old, new, takes, reason in cursor:
            taken = takes and apply_changes
            counts["changed" if taken else "conflicts"] += 1
            detail = f"{column}: {old or 'nothing'} on file, {new or 'nothing'} sent"
            detail += "" if taken else f". {REASONS[reason]}"
            status = "changed" if taken else "conflict"
            outcome = RowOutcome(line, None, status, reason, column, detail, ((column, old, new),))
            on_outcome(folder.file_name(name), outcome)
    for outcome in read_outcomes(every_row=False):
        on_outcome(folder.file_name("studentAssessment"), _in_columns(outcome))
    return counts


def _in_columns(outcome: RowOutcome) -> RowOutcome:
    """The outcome in the file's own column names."""
    changes = tuple((COLUMN_OF[name], old, new) for name, old, new in outcome.changes)
    detail = outcome.detail
    for name, column in COLUMN_OF.items() if changes else ():
        detail = detail.replace(f"{name}: ", f"{column}: ")
    return replace(outcome, field=COLUMN_OF.get(outcome.field, outcome.field), changes=changes, detail=detail)
