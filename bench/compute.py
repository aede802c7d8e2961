"""G2: the night's pure computation (measure and price, nothing posted) against DuckDB's of the same answer."""

from django.db import connection

from bench import data
from bench.answer import Duck
from bench.books import Books, taken_back
from bench.report import Report, Sample, progress, seconds
from bench.shard import Shards
from funding.actions.measure_shard import FORGET
from funding.actions.open_run import open_run
from funding.actions.price_cases import FIGURES
from funding.models import Run

REPEATS = 5


def measure_and_price(run: Run) -> dict[int, int]:
    """Cents earned to date by provider, worked out by the night's own statements, shard by shard; posts nothing."""
    shards = Shards(run)
    cents: dict[int, int] = {}
    with connection.cursor() as cursor:
        for number in run.shards.order_by("number").values_list("number", flat=True):
            shards.measure(cursor, number)
            shards.price(cursor)
            cursor.execute(
                f"SELECT provider_id, sum(p.earned_cents)::bigint FROM measured m JOIN priced p USING ({FIGURES}) GROUP BY provider_id"
            )
            for provider, earned in cursor.fetchall():
                cents[provider] = cents.get(provider, 0) + earned
            cursor.execute(FORGET)
    return cents


def time_duckdb(on: Books) -> tuple[Sample, dict[int, int]]:
    """DuckDB's computation, and its answer by provider."""
    on.use()
    progress(f"{on.name}: DuckDB takes its copy")
    duck = Duck()
    answer = duck.by_provider(data.YEAR_ENDS)
    sample = Sample([seconds(lambda: duck.by_provider(data.YEAR_ENDS)) for _ in range(REPEATS)])
    duck.close()
    return sample, answer


def bench_compute(books: Books, report: Report, duckdb: Sample, answer: dict[int, int]) -> None:
    books.use()
    books.forget_nights()
    sample, found = Sample(), {}
    for repeat in range(REPEATS + 1):
        progress(f"{books.name}: computation {repeat}")
        with taken_back():
            run = open_run(program_code=data.PROGRAM, business_date=data.YEAR_ENDS)
            took = seconds(lambda run=run: found.update(measure_and_price(run)))
        if repeat:
            sample.values.append(took)
    ratio = sample.median / duckdb.median
    report.line("G2", f"full-year computation, {books.million}M, against DuckDB on 2 threads", sample, "s", duckdb, ratio, "<= 7")
    total = sum(found.values())
    report.fact("G2", f"the same cents by provider, {books.million}M", f"{total:,} cents", found == answer)
