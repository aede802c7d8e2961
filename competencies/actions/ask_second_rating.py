"""Ask another rater for a level of work that is judged already, without showing the first; and give it, once."""

import datetime

from django.utils.translation import gettext as _

from competencies.models import JudgmentWithdrawal, MasteryJudgment, SecondRating, SecondRatingRequest
from database.areas import acting_as
from people.access import students_in_reach
from people.models import User


class RatingRefused(ValueError):
    """Why a second or an anchor's rating was not asked for or given, in a sentence for people."""


def ask_second_rating(*, judgment_id: int, rater_id: int, asked_by: int, at: datetime.datetime) -> SecondRatingRequest:
    """The request; the rater is somebody else than who judged, and is asked once. Raises RatingRefused."""
    with acting_as("area_learning"):
        judgment = MasteryJudgment.objects.select_related("student").filter(pk=judgment_id).first()
        if judgment is None or not User.objects.filter(pk=rater_id).exists():
            raise RatingRefused(_("The judgement or the rater is not on file."))
        if judgment.judged_by_id == rater_id or judgment.student_id == rater_id:
            raise RatingRefused(_("A second rating is somebody else's than the first judge's and the student's."))
        if JudgmentWithdrawal.objects.filter(judgment=judgment).exists():
            raise RatingRefused(_("This judgement is withdrawn; there is nothing to rate a second time."))
        if not judgment.rests_on.exists():
            raise RatingRefused(
                _("This judgement rests on no evidence, so there is no work to rate; judge anew on evidence, then ask.")
            )
        if students_in_reach(actor_id=rater_id, day=at.date(), student=judgment.student.uuid):
            raise RatingRefused(_("This rater works with the student and can read the first level; ask one who does not."))
        if SecondRatingRequest.objects.filter(judgment=judgment, rater_id=rater_id).exists():
            raise RatingRefused(_("This rater has been asked already."))
        return SecondRatingRequest.objects.create(judgment=judgment, rater_id=rater_id, asked_by_id=asked_by, recorded_at=at)


def rate_second(*, request_id: int, rated_by: int, rank: int, at: datetime.datetime, note: str = "") -> SecondRating:
    """The asked rater's own level, in the scale version of the first judgement. It changes no level of the student's.
    Raises RatingRefused."""
    with acting_as("area_learning"):
        request = SecondRatingRequest.objects.select_related("judgment__version").filter(pk=request_id).first()
        if request is None or request.rater_id != rated_by:
            raise RatingRefused(_("Only the rater who was asked gives the second rating."))
        if SecondRating.objects.filter(request=request).exists():
            raise RatingRefused(_("This second rating has been given; it stays."))
        highest = request.judgment.version.highest_rank
        if type(rank) is not int or not 1 <= rank <= highest:
            raise RatingRefused(_("The level is %(rank)r; the scale goes from 1 to %(highest)s.") % {"rank": rank, "highest": highest})
        return SecondRating.objects.create(request=request, rank=rank, note=note.strip(), recorded_at=at)
