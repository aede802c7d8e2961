"""G3 and G9: the full-year night, committed, by one worker and by two. G5 and G6: nights with a day's completions.

G12: after all of them, the books against a recomputation of everything by another engine.
"""

from contextlib import ExitStack

from django.db import connection

from bench import data
from bench.answer import Duck
from bench.books import Books
from bench.report import Report, Sample, progress
from bench.worker import Workers


def bench_full_year(books: Books, report: Report, duckdb: Sample, only: list[str], repeats: int) -> Sample:
    """The first night of a program over the whole year; returns one worker's seconds. Leaves the books with that night."""
    took: dict[int, Sample] = {2: Sample(), 1: Sample()}
    memory, transfers = 0.0, 0
    with ExitStack() as stack:
        crews = {count: stack.enter_context(Workers(books.name, count)) for count in took}
        for repeat in range(repeats + 1):
            for count, crew in crews.items():
                books.forget_nights()
                done = crew.night(data.PROGRAM, data.YEAR_ENDS)
                progress(f"{books.name}: full year, {count} worker(s), {done['seconds']:.2f} s, {done['transfers']:,} transfers")
                memory, transfers = max(memory, done["memory_mb"]), done["transfers"]
                if repeat:
                    took[count].values.append(done["seconds"])
    million = f"{books.million}M"
    note = f"{transfers:,} transfers, {transfers / took[1].median:,.0f}/s, a worker's Python {memory:.0f} MB"
    if "G3" in only:
        ratio = took[1].median / duckdb.median
        report.line("G3", f"full-year night, committed, 1 worker, {million}", took[1], "s", duckdb, ratio, "<= 16", note)
        ratio = took[2].median / duckdb.median
        report.line("G3", f"full-year night, committed, 2 workers, {million}", took[2], "s", duckdb, ratio, "<= 10")
    if "G9" in only:
        ratio = took[1].median / took[2].median
        report.line("G9", f"2 workers against 1, {million}", took[2], "s", took[1], ratio, ">= 1.6")
    return took[1]


class Densities:
    """How many draws (2 completions each) make a night sparse or dense: 4 and 20 % of the middle history's courses."""

    def __init__(self, middle: data.Size) -> None:
        self.draws = {"sparse": middle.enrollments // 25, "dense": middle.enrollments // 5}


def bench_nights(
    histories: list[Books], middle: Books, report: Report, full: dict[str, Sample], only: list[str], repeats: int
) -> None:
    """Nights of a day's new completions on each history, interleaved; `full` are the full-year seconds by history."""
    draws = Densities(middle.size).draws
    took = {(books.name, kind): Sample() for books in histories for kind in draws}
    with ExitStack() as stack:
        crews = {books.name: stack.enter_context(Workers(books.name, 1)) for books in histories}
        for repeat in range(repeats + 1):
            for books in histories:
                books.tidy(checkpoint=repeat == 0)
            for kind, count in draws.items():
                for books in histories:
                    if books.draws.left < count:
                        continue
                    evening = books.next_evening()
                    written = books.take_in(count, evening)
                    done = crews[books.name].night(data.PROGRAM, evening)
                    said = f"{written:,} completions, {done['seconds']:.2f} s, {done['transfers']:,} transfers"
                    progress(f"{books.name}: {kind} night, {said}")
                    if repeat:
                        took[books.name, kind].values.append(done["seconds"])
    _tell(histories, middle, report, full, took, only)


def _tell(
    histories: list[Books],
    middle: Books,
    report: Report,
    full: dict[str, Sample],
    took: dict[tuple[str, str], Sample],
    only: list[str],
) -> None:
    largest = histories[-1]
    for kind, count in Densities(middle.size).draws.items():
        for books in histories:
            share = f"{2 * count:,} completions in {min(1, count / books.size.enrollments):.1%} of courses"
            if took[books.name, kind].values:
                report.line("G5", f"{kind} night on {books.million}M ({share})", took[books.name, kind], "s")
        if "G5" in only:
            base, most = took[middle.name, kind], took[largest.name, kind]
            wanted = "<= 1.1" if kind == "sparse" else "<= 1.35"
            ratio = most.median / base.median
            report.line("G5", f"{kind} night, {middle.million}M to {largest.million}M", most, "s", base, ratio, wanted)
    if "G6" in only:
        for books, wanted in ((middle, "<= 0.25"), (largest, "<= 0.1")):
            night, whole = took[books.name, "dense"], full[books.name]
            report.line(
                "G6", f"dense night against the full year, {books.million}M", night, "s", whole, night.median / whole.median, wanted
            )


def bench_verify(books: Books, report: Report) -> None:
    """Everything anew by DuckDB against the states, the claims and the transfers; then a night more that finds nothing."""
    books.use()
    duck = Duck()
    duck.load("state", "SELECT enrollment_id, module_id, earned_cents, posted_cents FROM funding.funding_earningstate",
              "enrollment_id BIGINT, module_id BIGINT, earned_cents BIGINT, posted_cents BIGINT")  # fmt: skip
    duck.load("posted", _POSTED, "enrollment_id BIGINT, module_id BIGINT, cents BIGINT")
    different = duck.differences(books.evening)
    duck.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT run_id) FROM funding.funding_transfer")
        transfers, runs = cursor.fetchone()
        before = books.evening
        with Workers(books.name, 1) as crew:
            again = crew.night(data.PROGRAM, before)
            further = crew.night(data.PROGRAM, books.next_evening())
        cursor.execute(
            "SELECT count(*) FROM funding.funding_transfer WHERE kind IN ('earn', 'recover') AND run_id > %s", [again["run"]]
        )
        posted = cursor.fetchone()[0] + further["transfers"]
    what = f"after {runs} nights on {books.million}M ({transfers:,} transfers): full recomputation by DuckDB"
    report.fact("G12", what, f"{different} differences", different == 0)
    report.fact("G12", f"the same night again, and one more without new facts, {books.million}M", f"{posted} transfers", posted == 0)


_POSTED = """
SELECT c.enrollment_id, c.module_id, sum(CASE t.kind WHEN 'earn' THEN t.amount_cents ELSE -t.amount_cents END)::bigint AS cents
FROM funding.funding_transfer t JOIN funding.funding_claim c ON c.id = t.claim_id GROUP BY 1, 2
"""
