"""Take for funding what the milestones attest that a policy pays on: from then on nobody is judged by it."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.utils import IntegrityError

from database.areas import acting_as


class MeasureRefused(ValueError):
    """Why a program cannot pay on a milestone, in a sentence for people."""


@dataclass(frozen=True)
class TakenMeasure:
    """A measure that pays from now on; `judged` is the indicator that it was published as until now, or None."""

    measure: str
    judged: str | None


def register_measures(*, program_code: str, catalogue: str, milestones: Iterable[str], since: datetime.date) -> list[TakenMeasure]:
    """The measures that `milestones` attest are funding's in `catalogue`; `since` is the day from which the program pays.

    Call it in the transaction that releases the policy. Asked again it changes nothing. Money by law goes before judgement:
    an indicator that was published loses its measure, and the row that says so stays (docs/decisions). Raises
    MeasureRefused for a milestone that is not on file.
    """
    named = sorted(set(milestones))
    if not named:
        return []
    with acting_as("area_funding"), connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(
                    "SELECT taken, judged FROM learning.pay_on_milestones(%s, %s, %s, %s)", [catalogue, named, program_code, since]
                )
                return [TakenMeasure(measure, judged) for measure, judged in cursor.fetchall()]
        except IntegrityError as error:
            said = str(error).splitlines()[0]
            raise MeasureRefused(
                f"{said[0].upper()}{said[1:]}. Declare it first, with the measure that it attests: "
                "manage.py declare_milestone CODE --measure MEASURE --says WORDS."
            ) from None
