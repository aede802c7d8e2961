"""Set a goal of a student's, and end it. A goal that changes is ended and set anew."""

import datetime
import uuid

from django.utils.translation import gettext as _

from competencies.models import Competency
from database.areas import acting_as
from pathways.actions.open_plan import plan_of
from pathways.models import PlanGoal, Requirement

TITLE_CHARACTERS = 200


class GoalRefused(ValueError):
    """Why a goal was not set or ended, in a sentence with the way out."""


def set_goal(
    *,
    student_id: int,
    set_by: int,
    at: datetime.datetime,
    title: str,
    competency_id: int | None = None,
    requirement: uuid.UUID | None = None,
    starts_on: datetime.date | None = None,
    target_on: datetime.date | None = None,
) -> PlanGoal:
    """A goal in words, with a competency or a requirement that it is about, or neither; from `starts_on` (default: the day of
    `at`), with the student's own date. Raises GoalRefused."""
    starts_on = starts_on or at.astimezone(datetime.UTC).date()
    if not title.strip() or len(title) > TITLE_CHARACTERS:
        raise GoalRefused(_("A goal has a title of 1 to %(title_characters)s characters.") % {"title_characters": TITLE_CHARACTERS})
    if competency_id is not None and requirement is not None:
        raise GoalRefused(_("A goal is about a competency or a requirement; set two goals for both."))
    if target_on is not None and target_on < starts_on:
        raise GoalRefused(
            _("The goal's date %(target_on)s lies before its start %(starts_on)s; choose a later one.")
            % {"target_on": target_on, "starts_on": starts_on}
        )
    with acting_as("area_learning"):
        if competency_id is not None and not Competency.objects.filter(pk=competency_id, retired_on__isnull=True).exists():
            raise GoalRefused(_("The goal's competency is not on file, or retired; choose another."))
        asked = Requirement.objects.filter(uuid=requirement).first() if requirement is not None else None
        if requirement is not None and asked is None:
            raise GoalRefused(_("The goal's requirement is not on file; choose another."))
        return PlanGoal.objects.create(
            plan=plan_of(student_id, at),
            title=title.strip(),
            competency_id=competency_id,
            requirement=asked,
            starts_on=starts_on,
            target_on=target_on,
            set_by_id=set_by,
            recorded_at=at,
        )


def end_goal(*, student_id: int, goal: uuid.UUID, ended_on: datetime.date) -> PlanGoal:
    """The student's goal, ended from `ended_on` on (the first day without it). Raises GoalRefused."""
    with acting_as("area_learning"):
        found = PlanGoal.objects.filter(uuid=goal, plan__student_id=student_id).first()
        if found is None:
            raise GoalRefused(_("This student has no such goal; read the goals anew."))
        if ended_on < found.starts_on:
            raise GoalRefused(
                _("The goal's end %(ended_on)s lies before its start %(starts_on)s; choose that day or a later one.")
                % {"ended_on": ended_on, "starts_on": found.starts_on}
            )
        # The condition decides between two who end it at once.
        if not PlanGoal.objects.filter(pk=found.pk, ended_on__isnull=True).update(ended_on=ended_on):
            raise GoalRefused(_("The goal was ended already; set a new one instead."))
        found.ended_on = ended_on
        return found
