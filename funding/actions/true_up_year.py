"""True up a year that was paid ahead: a person's word, which the program's next night carries out."""

import datetime

from database.areas import acting_as
from funding.actions.open_year_ahead import held_year, last_night
from funding.actions.predict_year import YearAheadRefused
from funding.calc.year_ahead import MOST_MONTHS
from funding.models import TrueUp


def true_up_year(*, program_code: str, first_on: datetime.date, asked_by: int, parts: int = 1) -> TrueUp:
    """The true-up that waits for the program's next night; asked again before that night, the one that waits.

    What a provider owes back is taken in `parts` monthly parts, what it is owed is posted at once. A later true-up settles what
    has changed since. `asked_by` is the id of a user. Raises YearAheadRefused before the nights have come to the year's end.
    """
    with acting_as("area_funding"):
        year = held_year(program_code, first_on)
        last = last_night(year.program)
        if last is None or last.business_date < year.last_on:
            raise YearAheadRefused(f"The year ends on {year.last_on}; it is trued up once a night has covered that day.")
        if not 1 <= parts <= MOST_MONTHS:
            raise YearAheadRefused(f"What is owed back is taken in 1 to {MOST_MONTHS} monthly parts; {parts} were asked for.")
        waiting = year.true_ups.filter(after_run=last).first()
        if waiting and waiting.parts != parts:
            raise YearAheadRefused(f"A true-up with another number of parts ({waiting.parts}) waits for the next night.")
        return waiting or TrueUp.objects.create(
            year=year, number=year.true_ups.count() + 1, after_run=last, parts=parts, asked_by=asked_by
        )
