"""G1: the intake of completions, with both unique keys, against a plain COPY of the same rows into a table without any
index, against bulk_create and against rows saved one by one. G7: what the night's own indexes add to it.
"""

import io
from collections.abc import Callable

from django.db import connection, transaction
from rest_framework import serializers

from bench import data
from bench.books import Books, write_batch
from bench.report import Report, Sample, progress, seconds
from database.areas import acting_as
from enrollments.actions import completion_sql
from enrollments.actions.completion_stage import make_stage, prepare_stage
from enrollments.actions.record_completions import record_completions
from enrollments.calc.completion_rows import CompletionRow
from enrollments.models import Assignment, Completion, Enrollment, SourceSystem

REPEATS = 5
# Of every batch 2 % were sent before.
REPEATED = 50

_BATCH = """
CREATE UNLOGGED TABLE public.bench_batch AS
SELECT row_number() OVER (ORDER BY hashint8(enrollment_id * 97 + assignment_id)) AS row, source_id, enrollment, assignment,
       completed_on, carried_over, enrollment_id, assignment_id
FROM (SELECT source_id, enrollment, assignment, %(on)s::date AS completed_on, false AS carried_over, enrollment_id, assignment_id
      FROM ({new}) new
      UNION ALL
      (SELECT c.source_id, 'E' || c.enrollment_id, a.code, c.completed_on, c.carried_over, c.enrollment_id, c.assignment_id
       FROM learning.enrollments_completion c TABLESAMPLE BERNOULLI (50) REPEATABLE (7)
       JOIN learning.enrollments_assignment a ON a.id = c.assignment_id
       WHERE c.batch_id BETWEEN 2 AND 50 LIMIT %(repeated)s)) rows
"""
_STAGED = """
SELECT row, source_id, enrollment, assignment, completed_on, carried_over, false, NULL, NULL, NULL FROM public.bench_batch ORDER BY row
"""
_PLAIN = """
SELECT enrollment_id, assignment_id, 0, 1, source_id, 0, completed_on, carried_over, 1 FROM public.bench_batch ORDER BY row
"""
_COLUMNS = "enrollment_id, assignment_id, sequence, source_system_id, source_id, source_revision, completed_on, carried_over, batch_id"


def make_batch(books: Books, draws: int) -> int:
    """The rows of one intake in `bench_batch`, in random order of enrollments: 2 x `draws` new ones and 2 % sent before."""
    books.use()
    new, values = books.draws.take(draws)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS public.bench_batch")
        cursor.execute(_BATCH.format(new=new), values | {"on": data.YEAR_ENDS, "repeated": 2 * draws // REPEATED})
        return cursor.rowcount


def copied(query: str) -> bytes:
    buffer = io.BytesIO()
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
        for block in copy:
            buffer.write(block)
    return buffer.getvalue()


def copy_in(target: str, content: bytes) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for start in range(0, len(content), 1 << 18):
            copy.write(content[start : start + (1 << 18)])


def take_in(content: bytes) -> int:
    """The product's set-based intake of rows that are COPY text, committed; how many completions it wrote."""
    with acting_as("area_learning"):
        make_stage()
        copy_in(completion_sql.COPY_STAGE.removeprefix("COPY ").removesuffix(" FROM STDIN"), content)
        prepare_stage()
        return write_batch(data.YEAR_ENDS)


def time_intake(books: Books, draws: int) -> tuple[float, int]:
    rows = make_batch(books, draws)
    content = copied(_STAGED)
    written: list[int] = []
    took = seconds(lambda: written.append(take_in(content)))
    assert written == [2 * draws], written
    return took, rows


def _time_door(books: Books, draws: int) -> float:
    """The same as Python rows through the intake's one action, with the outcome of every row counted."""
    make_batch(books, draws)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row, source_id, enrollment, assignment, completed_on, carried_over FROM public.bench_batch ORDER BY row"
        )
        rows = [CompletionRow(*row) for row in cursor.fetchall()]
    source = SourceSystem.objects.get(code="bench")
    return seconds(
        lambda: record_completions(
            rows=rows, source_system=source, kind="bench_new", today=data.YEAR_ENDS, on_outcome=lambda outcome: None
        )
    )


def _time_plain() -> float:
    """The rows of the last batch, as they lie in the end, into a table like the product's without its indexes."""
    content = copied(_PLAIN)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS public.bench_plain")
        cursor.execute("CREATE TABLE public.bench_plain (LIKE learning.enrollments_completion)")
        took = seconds(lambda: copy_in(f"public.bench_plain ({_COLUMNS})", content))
        cursor.execute("DROP TABLE public.bench_plain")
    return took


def _unsaved(books: Books, draws: int) -> list[Completion]:
    new, values = books.draws.take(draws)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT enrollment_id, assignment_id, source_id FROM ({new}) new ORDER BY hashint8(enrollment_id)", values)
        found = cursor.fetchall()
    return [
        Completion(
            enrollment_id=enrollment, assignment_id=assignment, source_system_id=1, source_id=source_id,
            completed_on=data.YEAR_ENDS, batch_id=1,
        )
        for enrollment, assignment, source_id in found
    ]  # fmt: skip


class OneCompletion(serializers.Serializer):
    """How a REST service usually takes a row: codes looked up, then one save."""

    source_id = serializers.CharField(max_length=100)
    enrollment = serializers.SlugRelatedField(slug_field="code", queryset=Enrollment.objects.all())
    assignment = serializers.CharField(max_length=60)
    completed_on = serializers.DateField()

    def create(self, validated_data: dict) -> Completion:
        offering = validated_data["enrollment"].offering_id
        assignment = Assignment.objects.get(offering_id=offering, code=validated_data.pop("assignment"))
        made = Completion(**validated_data, assignment=assignment, source_system_id=1, batch_id=1)
        made.save(force_insert=True)
        return made


def _time_one_by_one(books: Books, draws: int) -> float:
    new, values = books.draws.take(draws)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT source_id, enrollment, assignment FROM ({new}) new", values)
        sent = [
            {"source_id": s, "enrollment": e, "assignment": a, "completed_on": data.YEAR_ENDS.isoformat()}
            for s, e, a in cursor.fetchall()
        ]

    def save() -> None:
        for row in sent:
            one = OneCompletion(data=row)
            one.is_valid(raise_exception=True)
            one.save()

    return seconds(save)


def bench_intake(books: Books, report: Report) -> None:
    books.use()
    draws = min(98_000, books.draws.left // 16)
    several, few = min(10_000, draws // 4), min(500, draws // 4)
    ways: dict[str, tuple[int, Callable[[], float]]] = {
        "set": (draws, lambda: time_intake(books, draws)[0]),
        "door": (draws, lambda: _time_door(books, draws)),
        "plain": (draws, _time_plain),
        "bulk": (several, lambda: _time_bulk(books, several)),
        "one": (few, lambda: _time_one_by_one(books, few)),
    }
    rates = {name: Sample() for name in ways}
    books.tidy()
    for repeat in range(REPEATS + 1):
        for name, (count, time) in ways.items():
            rows = 2 * count * (1 + 1 / REPEATED) if name in ("set", "door", "plain") else 2 * count
            rate = rows / time()
            progress(f"{books.name}: intake {name}, {rate:,.0f} rows/s")
            if repeat:
                rates[name].values.append(rate)
    what = f"intake with both unique keys onto {books.million}M, batches of {2 * draws:,} and 2 % repeats"
    base = rates["set"]
    report.line("G1", f"{what}: plain COPY of the same rows, no index", base, "rows/s", rates["plain"],
                base.median / rates["plain"].median, ">= 0.08")  # fmt: skip
    report.line("G1", "the same: bulk_create(5000)", base, "rows/s", rates["bulk"], base.median / rates["bulk"].median, ">= 4")
    report.line("G1", "the same: serializer and save, one by one", base, "rows/s", rates["one"],
                base.median / rates["one"].median, ">= 200", "a sample of 1,000 rows a time")  # fmt: skip
    report.line("", "the whole door: Python rows in, every row's outcome counted", rates["door"], "rows/s", rates["plain"],
                rates["door"].median / rates["plain"].median)  # fmt: skip


def _time_bulk(books: Books, draws: int) -> float:
    rows = _unsaved(books, draws)

    def save() -> None:
        with transaction.atomic():
            Completion.objects.bulk_create(rows, batch_size=5000, ignore_conflicts=True)

    return seconds(save)


# What an intake would carry without the night: the same two unique keys, nothing else.
_WITHOUT_NIGHT = """
DROP INDEX learning.completion_by_batch_and_day;
ALTER TABLE learning.enrollments_completion DROP CONSTRAINT enrollments_completion_pkey;
ALTER TABLE learning.enrollments_completion ADD CONSTRAINT enrollments_completion_pkey
    PRIMARY KEY (enrollment_id, assignment_id, sequence)
"""


def bench_bookkeeping(books: Books, report: Report) -> None:
    progress(f"{books.name}: a copy without the night's indexes")
    plain = books.copy(f"{books.name}_plain")
    plain.use()
    with connection.cursor() as cursor:
        for statement in _WITHOUT_NIGHT.split(";\n"):
            cursor.execute(statement)
    draws = min(25_000, books.draws.left // 10)
    took: dict[str, Sample] = {books.name: Sample(), plain.name: Sample()}
    for one in (books, plain):
        one.tidy()
    for repeat in range(8):
        for one in (books, plain):
            value, rows = time_intake(one, draws)
            if repeat:
                took[one.name].values.append(value)
    plain.drop()
    with_it, without = took[books.name], took[plain.name]
    what = f"intake of {rows:,} rows onto {books.million}M with the night's indexes, against without"
    report.line("G7", what, with_it, "s", without, with_it.median / without.median, "<= 1.05")
