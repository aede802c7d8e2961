"""The months in which a catalogue's work was completed."""

import calendar
import datetime

from funding.queries.rows import rows

_SPAN = """
    SELECT min(c.completed_on) AS first_on, max(c.completed_on) AS last_on
    FROM completion_facts c JOIN enrollment_facts e ON e.id = c.enrollment_id
    WHERE e.catalogue = %(catalogue)s AND NOT c.carried_over
"""


def month_ends(*, catalogue: str) -> list[datetime.date]:
    """The last day of each month from the first completion that can pay to the last; none where there is none."""
    span = rows(_SPAN, {"catalogue": catalogue})[0]
    if span["first_on"] is None:
        return []
    ends, month = [], span["first_on"].replace(day=1)
    while month <= span["last_on"]:
        ends.append(month.replace(day=calendar.monthrange(month.year, month.month)[1]))
        month = ends[-1] + datetime.timedelta(days=1)
    return ends
