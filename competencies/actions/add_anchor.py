"""Anchor samples: work with an agreed level, and what raters make of it."""

import datetime

from django.utils.translation import gettext as _

from competencies.actions.ask_second_rating import RatingRefused
from competencies.models import AnchorRating, AnchorSample, SampleWork
from competencies.queries.scales import newest_versions
from database.areas import acting_as


def add_anchor(*, sample_id: int, competency_id: int, agreed_rank: int, decided_by: int, at: datetime.datetime) -> AnchorSample:
    """The sample as an anchor at an agreed rank of the newest version of the competency's scale. Raises RatingRefused."""
    with acting_as("area_learning"):
        version = newest_versions([competency_id]).get(competency_id)
        if version is None or not SampleWork.objects.filter(pk=sample_id).exists():
            raise RatingRefused(_("The sample or the competency is not on file."))
        if type(agreed_rank) is not int or not 1 <= agreed_rank <= version.highest_rank:
            raise RatingRefused(
                _("The agreed level is %(agreed_rank)r; the scale goes from 1 to %(highest_rank)s.")
                % {"agreed_rank": agreed_rank, "highest_rank": version.highest_rank}
            )
        return AnchorSample.objects.create(
            sample_id=sample_id,
            competency_id=competency_id,
            version_id=version.id,
            agreed_rank=agreed_rank,
            decided_by_id=decided_by,
            recorded_at=at,
        )


def rate_anchor(*, anchor_id: int, rater_id: int, rank: int, at: datetime.datetime) -> AnchorRating:
    """A rater's level for it; further ones, later, show drift. Raises RatingRefused."""
    with acting_as("area_learning"):
        anchor = AnchorSample.objects.select_related("version").filter(pk=anchor_id).first()
        if anchor is None:
            raise RatingRefused(_("There is no such anchor."))
        if type(rank) is not int or not 1 <= rank <= anchor.version.highest_rank:
            raise RatingRefused(
                _("The level is %(rank)r; the scale goes from 1 to %(highest_rank)s.")
                % {"rank": rank, "highest_rank": anchor.version.highest_rank}
            )
        return AnchorRating.objects.create(anchor=anchor, rater_id=rater_id, rank=rank, recorded_at=at)
