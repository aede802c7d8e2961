"""G8: transfers a second through the product's own posting, every guard on, against django-hordak's API."""

import json
import subprocess
import sys

from django.db import connection

from bench import cluster, data
from bench.books import Books
from bench.report import Report, Sample, progress, seconds
from bench.shard import Shards
from database.areas import acting_as
from funding.actions import work_shard
from funding.actions.open_run import open_run


def bench_postings(books: Books, report: Report) -> None:
    """Shard by shard: what is measured and priced is posted and committed, with its claims and states."""
    books.forget_nights()
    books.tidy()
    run = open_run(program_code=data.PROGRAM, business_date=data.YEAR_ENDS)
    shards = Shards(run)
    rates = Sample()
    for number in run.shards.order_by("number").values_list("number", flat=True):
        values = shards.values(number)
        posted: list[tuple[int, int, int]] = []
        area = acting_as("area_funding")
        with connection.cursor() as cursor:
            area.__enter__()
            shards.measure(cursor, number)
            shards.price(cursor)

            def post(cursor=cursor, values=values, area=area, posted=posted) -> None:
                posted.append(work_shard._post(cursor, values))
                area.__exit__(None, None, None)

            rates.values.append(posted_rate := _rate(seconds(post), posted))
        progress(f"{books.name}: shard {number}, {posted_rate:,.0f} transfers/s")
    peer = Sample(_hordak())
    what = "transfers a second with their claims, states and every guard, committed; django-hordak's transfer_to, one atomic block"
    report.line("G8", what, rates, "/s", peer, rates.median / peer.median, ">= 100")


def _rate(took: float, posted: list[tuple[int, int, int]]) -> float:
    return posted[0][1] / took


def _hordak() -> list[float]:
    name = "bench_hordak"
    cluster.drop_database(name)
    cluster.create_database(name)
    progress("django-hordak")
    command = [sys.executable, "-m", "bench.hordak_peer", name, "2000", "5"]
    done = subprocess.run(command, cwd=cluster.ROOT, check=True, capture_output=True, text=True)
    cluster.drop_database(name)
    return json.loads(done.stdout)
