"""The night as Celery tasks: thin doors to the actions. Arguments are codes, ids and dates, never personal data.

PostgreSQL knows what is due. Every task may come twice, late, at once or never: the sweep asks the tables again.
"""

import datetime
from typing import Any

from celery import shared_task

from database.areas import acting_as
from funding.actions.finish_run import finish_run
from funding.actions.open_run import open_run
from funding.actions.run_night import run_night
from funding.actions.work_shard import work_shard
from funding.models import Run
from funding.queries.due import due_nights, open_runs

# A ring of the sweep that nobody took up by the next sweep is void, so that a long night does not fill the queue.
SWEPT_RING_SECONDS = 55


@shared_task(name="funding.sweep")
def sweep(today: str | None = None) -> None:
    """Ring for every run that is open and open the next night that is due, oldest first, of each program on the timetable.

    `today` (ISO) is the day on which the clock stands; without it, the worker's. The business date is the day before.
    """
    day = datetime.date.fromisoformat(today) if today else datetime.datetime.now(datetime.UTC).date()
    with acting_as("area_funding"):
        unfinished = open_runs()
        due = due_nights(last_on=day - datetime.timedelta(days=1))
    for run_id, shards in unfinished:
        _ring(run_id, shards, today, expires=SWEPT_RING_SECONDS)
    for program_code, business_date in due:
        night.apply_async((program_code, business_date.isoformat(), today), expires=SWEPT_RING_SECONDS)


@shared_task(name="funding.night")
def night(program_code: str, business_date: str, today: str | None = None) -> None:
    """Open the night and ring for its shards: as many workers as there are may take them up.

    Where an earlier night never ended, this call sees it through first: the later one can only be opened after it, and
    nothing but this message knows of a night that was asked for by hand and is not open yet.
    """
    wanted = datetime.date.fromisoformat(business_date)
    run = open_run(program_code=program_code, business_date=wanted)
    while run.finished_at is None and run.business_date < wanted:
        run_night(program_code=program_code, business_date=run.business_date)
        run = open_run(program_code=program_code, business_date=wanted)
    if run.finished_at is None:
        with acting_as("area_funding"):
            shards = run.shards.filter(done_at=None).count()
        _ring(run.pk, shards, today)


@shared_task(name="funding.shard")
def shard(run_id: int, today: str | None = None) -> None:
    """Work one shard of the run, if one is left; whoever was the last finishes the night and asks what is due after it."""
    with acting_as("area_funding"):
        run = Run.objects.select_related("program").get(pk=run_id)
    if run.finished_at is not None:
        return
    work_shard(run=run)
    # Asked after every shard, not only by one that finds none left: that one may come while others are still at work,
    # and they would end with nobody to finish. `finish_run` holds the run while it looks, so the last always sees it.
    run = finish_run(run=run)
    if run.finished_at is not None and run.program.on_timetable:
        sweep.delay(today)


def _ring(run_id: int, shards: int, today: str | None, **options: Any) -> None:
    # One ring a shard; a night with none left gets the one that finishes it.
    for _ in range(max(shards, 1)):
        shard.apply_async((run_id, today), **options)
