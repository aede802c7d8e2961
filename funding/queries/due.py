"""What is due, read from the tables alone."""

import datetime

from django.db.models import Count, Max, Q

from funding.models import Program, Run


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

    One a program, so that missed nights are caught up in date order; a program without a night begins with `last_on`.
    """
    due = []
    for code, last in (
        Program.objects.filter(on_timetable=True)
        .order_by("code")
        .annotate(last=Max("runs__business_date"))
        .values_list("code", "last")
    ):
        business_date = last + datetime.timedelta(days=1) if last else last_on
        if business_date <= last_on:
            due.append((code, business_date))
    return due
