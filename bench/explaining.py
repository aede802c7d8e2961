"""G11: from a payment line down to the completions: what a full-year line and a night's line cost to explain."""

import datetime

from django.db import connection, transaction

from bench import data
from bench.books import Books
from bench.nights import Densities
from bench.report import Report, Sample, progress, seconds
from bench.worker import Workers
from database.areas import acting_as
from funding.models import PaymentLine
from funding.queries import explanation
from funding.queries.rows import rows

LINES = 50


def bench_explanation(books: Books, middle: Books, report: Report) -> None:
    """Explains lines of the full-year night, then settles a month that holds one sparse night and explains its lines."""
    books.use()
    with Workers(books.name, 1) as crew:
        crew.night(data.PROGRAM, _to_month_end(books))
        books.next_evening()
        books.take_in(Densities(middle.size).draws["sparse"], books.evening)
        crew.night(data.PROGRAM, _to_month_end(books))
    books.tidy()
    with acting_as("area_funding"):
        first, last = (PaymentLine.objects.order_by(f"{sign}batch_id").values_list("batch_id", flat=True)[0] for sign in ("", "-"))
        yearly, yearly_counts = _explained(books, first)
        nightly, nightly_counts = _explained(books, last)
        bare = Sample([_without_indexes(line) for line in _lines(last)[:5]])
    per_completion = Sample([1e6 * took / count for took, count in zip(yearly.values, yearly_counts, strict=True)])
    note = f"{sum(yearly_counts) / len(yearly_counts):,.0f} completions a line, {1000 * yearly.median:.0f} ms"
    report.line("G11", f"a full-year line explained, {books.million}M, microseconds a completion", per_completion, "us", None,
                per_completion.median, "<= 5", note)  # fmt: skip
    note = f"{sum(nightly_counts) / len(nightly_counts):,.0f} completions a line"
    report.line("G11", f"a night's line explained, {books.million}M, without indexes against with", bare, "s", nightly,
                bare.median / nightly.median, ">= 100", note)  # fmt: skip


def _to_month_end(books: Books) -> datetime.date:
    """Move the evening to the end of its month."""
    first = books.evening.replace(day=1)
    books.evening = (first + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1)
    return books.evening


def _lines(batch: int) -> list[int]:
    return list(PaymentLine.objects.filter(batch_id=batch, posted_cents__gt=0).order_by("provider_id").values_list("pk", flat=True))


def _explained(books: Books, batch: int) -> tuple[Sample, list[int]]:
    found = _lines(batch)
    progress(f"{books.name}: explaining {LINES} lines")
    sample, counts = Sample(), []
    for line in found[:: max(1, len(found) // LINES)][:LINES]:
        told: list[dict] = []
        sample.values.append(seconds(lambda told=told, line=line: told.append(explanation.explain_line(line_id=line))))
        assert told[0]["adds_up"]
        counts.append(sum(len(transfer["completions"]) for transfer in told[0]["transfers"]))
    return sample, counts


_BY_SCANNING = """
SELECT count(*) FROM completion_facts c JOIN assignment_facts a ON a.id = c.assignment_id
WHERE c.enrollment_id = ANY(%(enrollments)s) AND NOT c.carried_over
"""


def _without_indexes(line: int) -> float:
    """The same questions where nothing but reading whole tables answers them. The completions are asked for at once, as
    anybody without an index would; one scan an enrollment would take hours."""
    with transaction.atomic(), connection.cursor() as cursor:
        for way in ("indexscan", "indexonlyscan", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")

        def ask() -> None:
            found = rows(explanation._LINE, {"line": line})[0]
            rows(explanation._COUNT, found)
            transfers = rows(explanation._TRANSFERS, found | {"limit": None, "offset": 0})
            cursor.execute(_BY_SCANNING, {"enrollments": [t["enrollment_id"] for t in transfers]})

        took = seconds(ask)
        for way in ("indexscan", "indexonlyscan", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = on")
    return took
