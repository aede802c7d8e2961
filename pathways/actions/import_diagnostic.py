"""Take the results of a diagnostic from a file: judgements of kind diagnostic, and a path for each student.

Good rows are kept, whatever the others are; the same rows again record nothing and lay out nothing.
"""

import datetime
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction

from competencies.actions.record_judgments import MOST_AT_ONCE, NewJudgment, record_judgments
from competencies.models import Competency, MasteryJudgment
from competencies.queries.scales import NewestVersion, newest_versions
from database.areas import acting_as
from enrollments.calc.completion_rows import Refusal, RowOutcome
from pathways.actions.run_diagnostic import DiagnosticRefused, lay_out_path
from pathways.exchange.diagnostic_file import DiagnosticRow
from people.access import students_in_reach
from people.models import User

MOST_ROWS = 100_000
JUDGES = frozenset({"teacher", "counsellor"})
DIAGNOSTIC = MasteryJudgment.Kind.DIAGNOSTIC.value
# (student id, competency id, day of the work): what one diagnostic says once.
Place = tuple[int, int, datetime.date]


@dataclass(frozen=True)
class _Known:
    """What the rows name, as it is on file."""

    students: Mapping[str, int]
    # Those of them whose teacher or counsellor answers for the results.
    related: frozenset[int]
    by_uuid: Mapping[uuid.UUID, int]
    by_code: Mapping[str, list[int]]
    versions: Mapping[int, NewestVersion]


def import_diagnostic(
    *,
    rows: Iterable[DiagnosticRow | Refusal],
    judged_by: str,
    at: datetime.datetime,
    on_outcome: Callable[[RowOutcome], None],
    finish_by: datetime.date | None = None,
    dry_run: bool = False,
) -> Counter[str]:
    """Counts by status (created, exists, refused) and the `paths` laid out. `on_outcome` hears of every refused row.

    `judged_by` is the username of the teacher or counsellor who answers for the results. With `finish_by` the steps get dates
    up to it. A dry run goes all the way and takes everything back. Raises DiagnosticRefused where the file as a whole cannot
    be taken.
    """
    every: list[DiagnosticRow | Refusal] = []
    for one in rows:
        if len(every) == MOST_ROWS:
            raise DiagnosticRefused(f"At most {MOST_ROWS} rows are taken at once; split the file.")
        every.append(one)
    if finish_by is not None and finish_by <= at.astimezone(datetime.UTC).date():
        raise DiagnosticRefused(f"The paths' last day {finish_by} is not after today; choose a later one.")
    with acting_as("area_learning"), transaction.atomic():
        judge = User.objects.filter(username=judged_by, roles__kind__in=JUDGES).values_list("id", flat=True).first()
        if judge is None:
            raise DiagnosticRefused(f"No teacher or counsellor has the username {judged_by!r}; name one who has.")
        new, counts = _sort(every, judge, at.astimezone(datetime.UTC).date(), on_outcome)
        results = list(new.values())
        for start in range(0, len(results), MOST_AT_ONCE):
            record_judgments(judged_by=judge, at=at, judgments=results[start : start + MOST_AT_ONCE])
        diagnosed: dict[int, list[int]] = {}
        for student, competency, _ in new:
            diagnosed.setdefault(student, []).append(competency)
        for student, competencies in sorted(diagnosed.items()):
            lay_out_path(student_id=student, decided_by=judge, at=at, diagnosed=competencies, finish_by=finish_by)
        counts["paths"] = len(diagnosed)
        transaction.set_rollback(dry_run)
    return counts


def _sort(
    rows: list[DiagnosticRow | Refusal], judge: int, day: datetime.date, on_outcome: Callable[[RowOutcome], None]
) -> tuple[dict[Place, NewJudgment], Counter[str]]:
    """The results that are new, by place, and the counts; every other row is told or counted."""
    known = _known([row for row in rows if isinstance(row, DiagnosticRow)], judge, day)
    on_file = _on_file(known)
    new: dict[Place, NewJudgment] = {}
    counts: Counter[str] = Counter(created=0, exists=0, refused=0)
    for row in rows:
        found = _refused(row) if isinstance(row, Refusal) else _resolved(row, known, day)
        if isinstance(found, NewJudgment):
            place = (found.student_id, found.competency_id, found.worked_on)
            rank = new[place].rank if place in new else on_file.get(place)
            if rank == found.rank:
                counts["exists"] += 1
                continue
            if rank is None:
                new[place] = found
                counts["created"] += 1
                continue
            found = RowOutcome(
                row.row, None, "refused", "changed", "level",
                f"This diagnostic of the day gave rank {rank} already. Withdraw that judgement first, or give the later day.",
            )  # fmt: skip
        counts["refused"] += 1
        on_outcome(found)
    return new, counts


def _resolved(row: DiagnosticRow, known: _Known, day: datetime.date) -> NewJudgment | RowOutcome:
    def refused(field: str, reason: str, detail: str) -> RowOutcome:
        return RowOutcome(row.row, None, "refused", reason, field, detail)

    student = known.students.get(row.student)
    if student is None:
        return refused("student", "unknown_student", "No student has this username; correct it, or bring the roster first.")
    if student not in known.related:
        detail = "Whoever answers for the results neither teaches nor counsels this student today; name an educator who does."
        return refused("student", "not_in_reach", detail)
    key = _uuid(row.competency)
    found = [known.by_uuid[key]] if key and key in known.by_uuid else known.by_code.get(row.competency, [])
    if len(found) != 1:
        if found:
            return refused("competency", "ambiguous", f"{len(found)} competencies have this code; give the identifier.")
        return refused("competency", "unknown_competency", "No competency in use has this identifier or code; correct it.")
    version = known.versions[found[0]]
    labels = version.labels
    rank = int(row.level) if row.level.isascii() and row.level.isdigit() and len(row.level) < 4 else 0
    rank = labels.index(row.level) + 1 if row.level in labels else rank
    if not 1 <= rank <= version.highest_rank:
        return refused("level", "unknown_level", f"Give a rank from 1 to {version.highest_rank}, or one of {', '.join(labels)}.")
    if row.taken_on > day:
        return refused("taken_on", "future_date", "The day is still to come; correct it.")
    return NewJudgment(student, found[0], rank, row.taken_on, DIAGNOSTIC)


def _refused(row: Refusal) -> RowOutcome:
    return RowOutcome(row.row, None, "refused", row.reason, row.field, row.detail)


def _known(rows: list[DiagnosticRow], judge: int, day: datetime.date) -> _Known:
    names = {row.competency for row in rows}
    keys = {key for key in map(_uuid, names) if key is not None}
    by_uuid: dict[uuid.UUID, int] = {}
    by_code: dict[str, list[int]] = {}
    # Two readings, for two indexes: an identifier is unique, a code may stand in several frameworks.
    for pk, key in Competency.objects.filter(uuid__in=keys, retired_on__isnull=True).values_list("id", "uuid"):
        by_uuid[key] = pk
    for pk, code in Competency.objects.filter(code__in=names, retired_on__isnull=True).values_list("id", "code"):
        by_code.setdefault(code, []).append(pk)
    ids = {*by_uuid.values(), *(pk for pks in by_code.values() for pk in pks)}
    students = User.objects.filter(username__in={row.student for row in rows}, roles__kind="student").values_list("username", "id")
    related = {one.id for one in students_in_reach(actor_id=judge, day=day) if one.relations & JUDGES}
    return _Known(dict(students), frozenset(related), by_uuid, by_code, newest_versions(ids))


def _on_file(known: _Known) -> dict[Place, int]:
    """The ranks of the diagnostics on record, by place."""
    judged = MasteryJudgment.objects.filter(
        student_id__in=known.students.values(), competency_id__in=known.versions, kind=DIAGNOSTIC, withdrawal__isnull=True
    )
    return {(student, competency, day): rank for student, competency, day, rank in judged.order_by("recorded_at", "id").values_list(
        "student_id", "competency_id", "worked_on", "rank"
    )}  # fmt: skip


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
