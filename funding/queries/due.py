"""What is due, read from the tables alone."""

import datetime

from django.db.models import Count, Exists, Max, OuterRef, Q

from funding.models import FiscalPeriod, Program, Run


def open_runs() -> list[tuple[int, int]]:
    """(run id, shards to do) of every night that was opened and not finished."""
    return list(
        Run.objects.filter(finished_at=None)
        .annotate(to_do=Count("shards", filter=Q(shards__done_at=None)))
        .order_by("pk")
        .values_list("pk", "to_do")
    )


def due_nights(*, last_on: datetime.date) -> list[tuple[str, datetime.date]]:
    """(program code, business date) of the next night of each program on the timetable, where it is due by `last_on`.

    One a program, so that missed nights are caught up in date order; none where a night is still open, which comes
    first. A program without a night begins with `last_on`. Dates of a closed period are passed over, for no night can
    post into one: what they would have posted comes with the first night after it.
    """
    still_open = Run.objects.filter(program=OuterRef("pk"), finished_at=None)
    idle = Program.objects.filter(~Exists(still_open), on_timetable=True).annotate(last=Max("runs__business_date"))
    due = []
    for program in idle.order_by("code"):
        next_on = program.last + datetime.timedelta(days=1) if program.last else last_on
        business_date = _after_closed_periods(program, next_on)
        if business_date <= last_on:
            due.append((program.code, business_date))
    return due


def _after_closed_periods(program: Program, day: datetime.date) -> datetime.date:
    closed = FiscalPeriod.objects.filter(program=program, closed_at__isnull=False, ends_on__gte=day).order_by("starts_on")
    for starts_on, ends_on in closed.values_list("starts_on", "ends_on"):
        if starts_on <= day:
            day = ends_on + datetime.timedelta(days=1)
    return day
