"""Open a year that is paid ahead: its learning is predicted, and the nights advance it in instalments."""

import datetime
from collections.abc import Sequence

from database.areas import acting_as
from funding.actions.predict_year import YearAheadRefused, add_predictions
from funding.calc.primitives.kinds import CannotMean
from funding.calc.year_ahead import Anticipated, Instalment, check_schedule
from funding.models import Program, Run, YearAhead
from funding.queries.rows import rows

# Learning of the year that is in the books already: its money lies on the payable account.
_PAID_ALREADY = """
    SELECT count(*) AS paid FROM funding_earningstate s JOIN enrollment_facts e ON e.id = s.enrollment_id
    WHERE s.program_id = %(program)s AND s.posted_cents <> 0 AND e.learning_starts_on BETWEEN %(first_on)s AND %(last_on)s
"""


def open_year_ahead(
    *,
    program_code: str,
    first_on: datetime.date,
    last_on: datetime.date,
    predicted_from: tuple[datetime.date, datetime.date],
    schedule: Sequence[Instalment],
    on: datetime.date,
    opened_by: int,
    anticipated: Sequence[Anticipated] | None = None,
) -> YearAhead:
    """The year of learning that starts from `first_on` to `last_on`, with a prediction for each provider as known on `on`.

    `predicted_from` are the first and last day of the learning before; `anticipated` stand in for the enrollments on file.
    `opened_by` is the id of a user. Raises YearAheadRefused: for a year that overlaps another or has been paid from.
    """
    with acting_as("area_funding"):
        program = held_program(program_code)
        if first_on >= last_on or predicted_from[0] >= predicted_from[1]:
            raise YearAheadRefused("A year ends after it begins.")
        try:
            check_schedule(schedule, last_on)
        except CannotMean as problem:
            raise YearAheadRefused(str(problem)) from None
        other = program.years_ahead.filter(first_on__lte=last_on, last_on__gte=first_on).first()
        if other:
            raise YearAheadRefused(f"The year from {other.first_on} to {other.last_on} is paid ahead already; years do not overlap.")
        paid = rows(_PAID_ALREADY, {"program": program.pk, "first_on": first_on, "last_on": last_on})[0]["paid"]
        if paid:
            raise YearAheadRefused(
                f"Learning that started in this year has been paid already ({paid} enrollments or modules of them); open a later one."
            )
        after_run = last_night(program)
        year = YearAhead.objects.create(
            program=program,
            first_on=first_on,
            last_on=last_on,
            predicted_from_first_on=predicted_from[0],
            predicted_from_last_on=predicted_from[1],
            schedule=[{"due_on": one.due_on.isoformat(), "share": str(one.share)} for one in schedule],
            after_run=after_run,
            opened_by=opened_by,
        )
        add_predictions(year=year, on=on, made_by=opened_by, after_run=after_run, anticipated=anticipated)
        return year


def held_program(program_code: str) -> Program:
    """The program, held until commit, with no night under way: what is decided now is decided for the next one."""
    program = Program.objects.select_for_update(no_key=True).filter(code=program_code).first()
    if program is None:
        raise YearAheadRefused(f"There is no program {program_code!r}.")
    unfinished = program.runs.filter(finished_at=None).first()
    if unfinished:
        raise YearAheadRefused(f"The night of {unfinished.business_date} has not finished; do this when it has.")
    return program


def held_year(program_code: str, first_on: datetime.date) -> YearAhead:
    """The year of that program that begins on `first_on`, its program held until commit."""
    program = held_program(program_code)
    year = program.years_ahead.filter(first_on=first_on).first()
    if year is None:
        known = ", ".join(str(day) for day in program.years_ahead.order_by("first_on").values_list("first_on", flat=True))
        raise YearAheadRefused(f"No year of {program_code} that begins on {first_on} is paid ahead; there is: {known or 'none yet'}.")
    return year


def last_night(program: Program) -> Run | None:
    """The program's last night, or None."""
    return program.runs.order_by("-business_date").first()
