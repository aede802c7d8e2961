"""Re-estimate a year that is paid ahead: instalments that were advanced stay, the others follow the new prediction."""

import datetime
from collections.abc import Sequence

from database.areas import acting_as
from funding.actions.open_year_ahead import held_year, last_night
from funding.actions.predict_year import YearAheadRefused, add_predictions
from funding.calc.year_ahead import Anticipated
from funding.models import Prediction


def re_estimate_year(
    *,
    program_code: str,
    first_on: datetime.date,
    on: datetime.date,
    made_by: int,
    anticipated: Sequence[Anticipated] | None = None,
) -> list[Prediction]:
    """A further prediction of each provider of the year that begins on `first_on`, as known on `on`. `made_by` is the id of
    a user. Raises YearAheadRefused, also once the last instalment has been advanced: the year's end settles then."""
    with acting_as("area_funding"):
        year = held_year(program_code, first_on)
        last = last_night(year.program)
        if last is not None and last.pk != year.after_run_id and last.business_date.isoformat() >= year.schedule[-1]["due_on"]:
            raise YearAheadRefused("Every instalment of this year has been advanced; its end is settled by a true-up.")
        return add_predictions(year=year, on=on, made_by=made_by, after_run=last, anticipated=anticipated)
