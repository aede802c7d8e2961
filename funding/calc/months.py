"""The ends of months, on which settlements and instalments hang."""

import calendar
import datetime

LONGEST_MONTH = 31


def a_month_ended(last_on: datetime.date | None, on: datetime.date) -> bool:
    """Whether a month's last day lies in (last_on, on]; where nothing came before, whether `on` is one itself."""
    if last_on is None:
        return on.day == calendar.monthrange(on.year, on.month)[1]
    return (on + datetime.timedelta(days=1)).replace(day=1) > (last_on + datetime.timedelta(days=1)).replace(day=1)
