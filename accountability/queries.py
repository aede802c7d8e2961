"""Indicators worked out from outcomes. Expects to run under `acting_as("area_accountability")`.

One measure has one use: of a catalogue in which a program pays on course success the database shows no outcome here.
"""

from typing import Any

from django.db import connection

# What the success rate judges by, and what a milestone such as `passed` attests.
MEASURE = "course_success"
# A withdrawal up to and including this day after the offering's start leaves no trace in the denominator.
WELCOME_DAYS = 28

_SUCCESS_RATE = """
    SELECT {by}, count(*) AS enrolled, count(*) FILTER (WHERE o.outcome IN ('pass', 'distinction')) AS succeeded
    FROM outcome_facts o JOIN provider_facts p ON p.id = o.provider_id
    WHERE (o.withdrawn_on IS NULL OR o.withdrawn_on > o.starts_on + %(welcome_days)s)
      AND (%(catalogue)s::text IS NULL OR o.catalogue = %(catalogue)s)
    GROUP BY {by} ORDER BY {by}
"""
# The first program that claimed it; others may have followed.
_BARRED = """
    SELECT DISTINCT ON (catalogue) catalogue, claimant, since FROM measure_use_facts
    WHERE measure = %s AND use = 'funding' ORDER BY catalogue, sequence
"""


class RateRefused(ValueError):
    """Why the success rate of a catalogue is not worked out, in a sentence for people."""


def barred_catalogues() -> dict[str, str]:
    """{catalogue in which a program pays on course success: the sentence that says which, and since when}."""
    with connection.cursor() as cursor:
        cursor.execute(_BARRED, [MEASURE])
        return {
            catalogue: f"The success rate of the catalogue {catalogue} is neither worked out nor published: the program {program} "
            f"pays on course success there since {since}, and one measure has one use."
            for catalogue, program, since in cursor.fetchall()
        }


def success_rates(*, catalogue: str | None = None) -> list[dict[str, Any]]:
    """Rows of provider (code), enrolled (beyond the welcome period) and succeeded (passed the course).

    Without `catalogue`: over all of them but the barred ones. Raises RateRefused for one that is barred.
    """
    return [
        {"provider": provider, "enrolled": enrolled, "succeeded": succeeded}
        for provider, enrolled, succeeded in _rates("p.code", catalogue)
    ]


def rates_by_catalogue(*, catalogue: str | None = None) -> list[tuple[str, int, int, int]]:
    """(catalogue, provider's id, enrolled, succeeded) as above, each catalogue by itself. Raises RateRefused."""
    return _rates("o.catalogue, p.id", catalogue)


def _rates(by: str, catalogue: str | None) -> list[Any]:
    barred = barred_catalogues()
    if catalogue in barred:
        raise RateRefused(barred[catalogue])
    with connection.cursor() as cursor:
        cursor.execute(_SUCCESS_RATE.format(by=by), {"welcome_days": WELCOME_DAYS, "catalogue": catalogue})
        return cursor.fetchall()
