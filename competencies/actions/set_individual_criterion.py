"""A student's individual plan changes the level that counts as mastered: who decided, why, and from when until when."""

import datetime

from django.db import IntegrityError, transaction

from competencies.models import IndividualCriterion
from competencies.queries.scales import newest_versions
from database.areas import acting_as
from people.models import User


class CriterionRefused(ValueError):
    """Why an individual criterion was not set or ended, in a sentence for people."""


def set_individual_criterion(
    *,
    student_id: int,
    competency_id: int,
    proficient_rank: int,
    reason: str,
    decided_by: int,
    starts_on: datetime.date,
    ends_on: datetime.date | None = None,
    at: datetime.datetime,
) -> IndividualCriterion:
    """The criterion, whose rank counts in the newest version of the competency's scale and holds from `starts_on` until the
    day before `ends_on`; of several in force the one that starts last counts. Raises CriterionRefused."""
    if not reason.strip():
        raise CriterionRefused("An individual criterion gives its reason.")
    if ends_on is not None and ends_on <= starts_on:
        raise CriterionRefused("An individual criterion ends after it starts; ends_on is the first day without it.")
    with acting_as("area_learning"):
        version = newest_versions([competency_id]).get(competency_id)
        if version is None or not User.objects.filter(pk=student_id).exists():
            raise CriterionRefused("The student or the competency is not on file.")
        if type(proficient_rank) is not int or not 1 <= proficient_rank <= version.highest_rank:
            raise CriterionRefused(f"The level is {proficient_rank!r}; the competency's scale goes from 1 to {version.highest_rank}.")
        try:
            with transaction.atomic():
                return IndividualCriterion.objects.create(
                    student_id=student_id,
                    competency_id=competency_id,
                    version_id=version.id,
                    proficient_rank=proficient_rank,
                    reason=reason.strip(),
                    decided_by_id=decided_by,
                    starts_on=starts_on,
                    ends_on=ends_on,
                    recorded_at=at,
                )
        except IntegrityError:
            raise CriterionRefused(
                f"There is an individual criterion from {starts_on} already; start this one on another day."
            ) from None


def end_individual_criterion(*, criterion_id: int, ends_on: datetime.date) -> None:
    """Let it end; `ends_on` is the first day without it. One that has ended stays so. Raises CriterionRefused."""
    with acting_as("area_learning"):
        found = IndividualCriterion.objects.filter(pk=criterion_id).first()
        if found is None or found.ends_on is not None:
            raise CriterionRefused("There is no such individual criterion without an end.")
        if ends_on <= found.starts_on:
            raise CriterionRefused("An individual criterion ends after it starts.")
        IndividualCriterion.objects.filter(pk=criterion_id, ends_on=None).update(ends_on=ends_on)
