"""Record a school's dated leave to award credit without counting hours, with its authority and its end."""

import datetime

from django.utils.translation import gettext as _

from database.areas import acting_as
from pathways.models import SeatTimeWaiver
from people.models import Organization


class WaiverRefused(ValueError):
    """Why no waiver was recorded, in a sentence for people."""


def waive_seat_time(
    *, school_id: int, starts_on: datetime.date, ends_on: datetime.date, authority: str, decided_by: int, at: datetime.datetime
) -> SeatTimeWaiver:
    """A waiver from `starts_on` until `ends_on` (the first day without it). A further stretch is a further waiver.

    Raises WaiverRefused. `authority` says by what law or decision, as a reader can look it up.
    """
    if ends_on <= starts_on:
        raise WaiverRefused(
            _("A waiver ends after it starts; %(ends_on)s does not follow %(starts_on)s.")
            % {"ends_on": ends_on, "starts_on": starts_on}
        )
    if not authority.strip():
        raise WaiverRefused(_("Name the authority: the law, or the decision and its date."))
    with acting_as("area_learning"):
        if not Organization.objects.filter(pk=school_id, kind=Organization.Kind.SCHOOL).exists():
            raise WaiverRefused(_("There is no such school; a waiver is a school's."))
        return SeatTimeWaiver.objects.create(
            school_id=school_id,
            starts_on=starts_on,
            ends_on=ends_on,
            authority=authority.strip(),
            decided_by_id=decided_by,
            recorded_at=at,
        )
