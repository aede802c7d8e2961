"""Choose what a student has in focus, next on the path, or put aside. A choice is a further row; the latest one counts."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from competencies.models import Competency
from database.areas import acting_as
from database.locks import hold_plan
from pathways.actions.open_plan import plan_of
from pathways.models import PlanItem

MOST_AT_ONCE = 500
HIGHEST_POSITION = 1_000_000
REASON_CHARACTERS = 2_000


class PlanItemRefused(ValueError):
    """Why nothing was chosen, in a sentence that names which choice and the way out."""


@dataclass(frozen=True, slots=True)
class PlanChoice:
    """`place` as in PlanItem.Place; `position` orders the path (places next only); `target_on` is the student's own date."""

    competency_id: int
    place: str
    position: int | None = None
    target_on: datetime.date | None = None
    reason: str = ""


def choose_plan_items(*, student_id: int, decided_by: int, at: datetime.datetime, choices: Sequence[PlanChoice]) -> list[PlanItem]:
    """All of the choices or none, in the order given. The student's own are marked so. Raises PlanItemRefused."""
    origin = PlanItem.Origin.STUDENT if decided_by == student_id else PlanItem.Origin.EDUCATOR
    with acting_as("area_learning"):
        _check(choices, at.astimezone(datetime.UTC).date())
        plan = plan_of(student_id, at)
        hold_plan(plan.pk)
        return PlanItem.objects.bulk_create(
            PlanItem(
                plan=plan,
                competency_id=one.competency_id,
                place=one.place,
                origin=origin,
                position=one.position,
                target_on=one.target_on,
                reason=one.reason.strip(),
                decided_by_id=decided_by,
                recorded_at=at,
            )
            for one in choices
        )


def _check(choices: Sequence[PlanChoice], day: datetime.date) -> None:
    if len(choices) > MOST_AT_ONCE:
        raise PlanItemRefused(
            _("At most %(most_at_once)s choices are taken at once; send them in parts.") % {"most_at_once": MOST_AT_ONCE}
        )
    retired = dict(Competency.objects.filter(id__in=[one.competency_id for one in choices]).values_list("id", "retired_on"))
    seen: set[int] = set()
    for number, one in enumerate(choices, start=1):
        if one.competency_id not in retired:
            raise PlanItemRefused(_("Choice %(number)s names a competency that is not on file.") % {"number": number})
        if one.competency_id in seen:
            raise PlanItemRefused(
                _("Choice %(number)s names a competency that an earlier choice names; name each once.") % {"number": number}
            )
        seen.add(one.competency_id)
        if one.place not in PlanItem.Place:
            raise PlanItemRefused(
                _("Choice %(number)s says %(place)r; there are %(place_)s.")
                % {"number": number, "place": one.place, "place_": ", ".join(PlanItem.Place.values)}
            )
        if retired[one.competency_id] is not None and one.place != PlanItem.Place.ASIDE:
            raise PlanItemRefused(
                _("Choice %(number)s names a retired competency; choose the one that replaced it.") % {"number": number}
            )
        if one.position is not None and (one.place != PlanItem.Place.NEXT or not 1 <= one.position <= HIGHEST_POSITION):
            raise PlanItemRefused(
                _("Choice %(number)s has a position: it orders what is next, from 1 to %(highest_position)s.")
                % {"number": number, "highest_position": HIGHEST_POSITION}
            )
        if one.target_on is not None and (one.target_on < day or one.place == PlanItem.Place.ASIDE):
            raise PlanItemRefused(
                _("Choice %(number)s has a date: it belongs to what is in focus or next, from %(day)s on.")
                % {"number": number, "day": day}
            )
        if len(one.reason) > REASON_CHARACTERS:
            raise PlanItemRefused(
                _("Choice %(number)s gives a reason of more than %(reason_characters)s characters; shorten it.")
                % {"number": number, "reason_characters": REASON_CHARACTERS}
            )
