"""A whole night in one process: what the management command does, and what a worker's tasks do between them."""

import datetime
from collections.abc import Callable

from funding.actions.finish_run import finish_run
from funding.actions.open_run import open_run
from funding.actions.work_shard import wait_for_shards, work_shard
from funding.models import Run


def run_night(*, program_code: str, business_date: datetime.date, shard_done: Callable[[], None] = lambda: None) -> Run:
    """The finished run of that date (or the recorded one that covers it). `shard_done` is called after each shard.

    Safe to call again, at once from anywhere, after any crash. Raises NightRefused.
    """
    while True:
        run = open_run(program_code=program_code, business_date=business_date)
        while run.finished_at is None:
            while work_shard(run=run):
                shard_done()
            wait_for_shards(run=run)
            run = finish_run(run=run)
        if run.business_date >= business_date:
            return run
