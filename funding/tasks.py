"""The night as Celery tasks: thin doors to the actions. Arguments are codes, ids and dates, never personal data.

PostgreSQL knows what is due. Every task may come twice, late, at once or never: the sweep asks the tables again.
"""

import datetime

from celery import shared_task

from database.areas import acting_as
from funding.actions.finish_run import finish_run
from funding.actions.open_run import open_run
from funding.actions.work_shard import work_shard
from funding.models import Run
from funding.queries.due import due_nights, open_runs


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
        _ring(run_id, shards)
    for program_code, business_date in due:
        night.delay(program_code, business_date.isoformat(), today)


@shared_task(name="funding.night")
def night(program_code: str, business_date: str, today: str | None = None) -> None:
    """Open the night and ring for its shards: as many workers as there are may take them up."""
    run = open_run(program_code=program_code, business_date=datetime.date.fromisoformat(business_date))
    with acting_as("area_funding"):
        shards = run.shards.filter(done_at=None).count()
    if run.finished_at is None:
        _ring(run.pk, shards, today)


@shared_task(name="funding.shard")
def shard(run_id: int, today: str | None = None) -> None:
    """Work one shard of the run; whoever finds none left finishes the night, and asks what is due after it."""
    with acting_as("area_funding"):
        run = Run.objects.select_related("program").get(pk=run_id)
    if run.finished_at is not None or work_shard(run=run):
        return
    run = finish_run(run=run)
    if run.finished_at is not None and run.program.on_timetable:
        sweep.delay(today)


def _ring(run_id: int, shards: int, today: str | None = None) -> None:
    # One more than there are shards: the last finds none left and finishes.
    for _ in range(shards + 1):
        shard.delay(run_id, today)
