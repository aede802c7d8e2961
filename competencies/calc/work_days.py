"""Which days work can be of: the one bound for judgements and evidence, from whichever side they come."""

import datetime

from rulebook.sentence import Sentence, sentence

# The same as a portfolio's reader takes, so that whatever is recorded can be taken along and read elsewhere.
FIRST_DAY = datetime.date(1990, 1, 1)
# Someone east of UTC judges today's work while it is still yesterday there; the database says the same.
AHEAD = datetime.timedelta(days=1)


def day_problem(worked_on: datetime.date, at: datetime.datetime) -> Sentence | None:
    """What is wrong with the day of work recorded at `at` (aware), to go on after the day; None for nothing."""
    if worked_on < FIRST_DAY:
        return sentence("which is before %(first)s, the first day that is taken", first=FIRST_DAY)
    if worked_on > at.astimezone(datetime.UTC).date() + AHEAD:
        return sentence("which is still to come")
    return None
