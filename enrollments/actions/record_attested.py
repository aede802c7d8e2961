"""The one intake of attested milestones, needs and prior learning: good rows kept, bad ones named, one batch."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q

from database.areas import acting_as
from enrollments.actions import attested_sql as sql
from enrollments.actions.draw_batch import draw_batch
from enrollments.actions.record_completions import Intake
from enrollments.calc.attested_rows import AttestedRow
from enrollments.calc.completion_rows import REASONS, STATUSES, Refusal, RowOutcome
from enrollments.models import Course, SourceSystem
from people.models import User
from people.roles import ADMINISTRATORS, COUNSELLOR

# Who answers for what money may hang on: nobody who teaches the students, works for the provider or handles the money.
ATTESTERS = ADMINISTRATORS | {COUNSELLOR}


class AttestationRefused(ValueError):
    """Why nothing of a file can be taken, in a sentence for people."""


def record_attested(
    *,
    fact: str,
    rows: Iterable[AttestedRow | Refusal],
    catalogue: str,
    attested_by: str,
    today: date,
    on_outcome: Callable[[RowOutcome], None],
    apply_changes: bool = False,
    dry_run: bool = False,
) -> Intake:
    """Take `rows` as statements of `fact` (a key of FACTS) about enrollments of `catalogue`, attested by a username.

    Nothing on file is overwritten: what differs is reported, and taken only with `apply_changes`, as void and new. `on_outcome`
    hears of changes, conflicts and refusals in order before the intake commits. The same rows again write nothing. A dry run
    goes the same way and is taken back. Raises AttestationRefused where the catalogue or the person cannot be.
    """
    counts: dict[str, int] = {}
    how = sql.FACTS[fact]

    def write(batch: int) -> int:
        known: dict[str, Any] = {"batch": batch, "catalogue": catalogue, "by": person, "today": today, "apply": apply_changes}
        with connection.cursor() as cursor:
            cursor.execute(sql.DROP_FOUND)
            cursor.execute(how.find, known)
            cursor.execute("ANALYZE attested_found")
            written = 0
            for statement in how.write:
                cursor.execute(statement, known)
                written += cursor.rowcount
            cursor.execute(f"SELECT status, count(*) FROM ({sql.OUTCOMES}) o GROUP BY status")
            counts.update({**dict.fromkeys(STATUSES, 0), **dict(cursor.fetchall())})
        _tell(how, on_outcome)
        return written

    with acting_as("area_learning"):
        person = _attester(attested_by, today)
        source = _source_of(catalogue)
        _stage(rows)
        batch = draw_batch(source_system_id=source.pk, kind=fact, write=write, dry_run=dry_run)
    return Intake(batch, counts)


def _attester(username: str, today: date) -> int:
    found = User.objects.filter(
        Q(roles__ends_on__isnull=True) | Q(roles__ends_on__gt=today),
        username=username,
        roles__kind__in=ATTESTERS,
        roles__starts_on__lte=today,
    )
    person = found.values_list("id", flat=True).first()
    if person is None:
        raise AttestationRefused(
            f"No counsellor and no administrator of a school or district has the username {username!r} on {today}; name one who "
            "has. Nobody who teaches, works for a provider or handles money attests what money may hang on."
        )
    return person


def _source_of(catalogue: str) -> SourceSystem:
    if not Course.objects.filter(catalogue=catalogue).exists():
        known = ", ".join(Course.objects.order_by("catalogue").values_list("catalogue", flat=True).distinct()[:50])
        raise AttestationRefused(f"There is no course of a catalogue {catalogue!r}. Known are: {known or 'none yet'}.")
    return SourceSystem.objects.get_or_create(code=f"attested:{catalogue}", defaults={"catalogue": catalogue})[0]


def _stage(rows: Iterable[AttestedRow | Refusal]) -> None:
    """Stream `rows` into the staging table, in constant memory, before any lock."""
    with connection.cursor() as cursor:
        cursor.execute(sql.MAKE_STAGE)
        with cursor.copy(sql.COPY_STAGE) as copy:
            for row in rows:
                if isinstance(row, AttestedRow):
                    copy.write_row((*row, None, None, None))
                else:
                    copy.write_row((row.row, None, None, None, None, None, row.reason, row.field, row.detail))
        cursor.execute("ANALYZE attested_stage")


def _tell(how: sql.Fact, on_outcome: Callable[[RowOutcome], None]) -> None:
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql.OUTCOMES}) o WHERE status IN ('changed', 'conflict', 'refused') ORDER BY row")
        while found := cursor.fetchmany(2000):
            for one in found:
                on_outcome(_outcome(how, *one))


def _outcome(how: sql.Fact, row: int, status: str, reason: str, field: str, detail: str, first: Any, old: Any, new: Any) -> RowOutcome:
    changes: tuple[tuple[str, str, str], ...] = ()
    if old is not None:
        changes = ((how.content, old, new),)
        field, detail = how.content, f"{how.content}: {old or 'nothing'} on file, {new or 'nothing'} sent"
        detail += f". {REASONS[reason]}" if status == "conflict" else ""
    elif not detail:
        fields = {
            "unknown_enrolment": "enrollment",
            "future_date": how.dated,
            "before_enrolment": how.dated,
            "nothing_to_void": "void",
        }
        field = fields.get(reason, how.name)
        detail = (f"Line {first} states it already. " if reason == "repeated" else "") + REASONS[reason]
    return RowOutcome(row, None, status, reason, field, detail, changes)
