"""The links by which a student's summary is shared, for whoever may see that they are there. Expects to run under area_learning."""

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Max

from competencies.queries.named import names_of_people
from pathways.models import SharedSummary

SHOWN = 50


@dataclass(frozen=True, slots=True)
class LinkShown:
    """A link without its token, which nobody knows any more. `is_open` on the moment that was asked about; `ended_at` is when it
    was taken back, None where its time ran out or it is open."""

    uuid: uuid.UUID
    shown_name: str
    made_by: str
    made_at: datetime.datetime
    ends_at: datetime.datetime
    ended_at: datetime.datetime | None
    is_open: bool
    openings: int
    last_opened_at: datetime.datetime | None


def links_of(student_id: int, *, at: datetime.datetime, makers: Collection[int]) -> list[LinkShown]:
    """The newest links of a student. `makers` are the people who may share on the day: a link of anybody else is not open."""
    rows = SharedSummary.objects.filter(student_id=student_id).select_related("end")
    counted = rows.annotate(times=Count("openings"), last=Max("openings__opened_at")).order_by("-id")[:SHOWN]
    found = list(counted)
    names = names_of_people({one.made_by_id for one in found})
    return [
        LinkShown(
            uuid=one.uuid,
            shown_name=one.shown_name,
            made_by=names[one.made_by_id],
            made_at=one.recorded_at,
            ends_at=one.ends_at,
            ended_at=one.end.recorded_at if hasattr(one, "end") else None,
            is_open=not hasattr(one, "end") and one.ends_at > at and one.made_by_id in makers,
            openings=one.times,
            last_opened_at=one.last,
        )
        for one in found
    ]
