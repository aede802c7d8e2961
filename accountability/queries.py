"""Indicators worked out from outcomes. Expects to run under `acting_as("area_accountability")`."""

from typing import Any

from django.db import connection

# A withdrawal up to and including this day after the offering's start leaves no trace in the denominator.
WELCOME_DAYS = 28

_SUCCESS_RATE = """
    SELECT p.code, count(*) AS enrolled, count(*) FILTER (WHERE o.outcome IN ('pass', 'distinction')) AS succeeded
    FROM outcome_facts o JOIN provider_facts p ON p.id = o.provider_id
    WHERE (o.withdrawn_on IS NULL OR o.withdrawn_on > o.starts_on + %(welcome_days)s)
      AND (%(catalogue)s::text IS NULL OR o.catalogue = %(catalogue)s)
    GROUP BY p.code ORDER BY p.code
"""


def success_rates(*, catalogue: str | None = None) -> list[dict[str, Any]]:
    """Rows of provider (code), enrolled (beyond the welcome period) and succeeded (passed the course)."""
    with connection.cursor() as cursor:
        cursor.execute(_SUCCESS_RATE, {"welcome_days": WELCOME_DAYS, "catalogue": catalogue})
        return [{"provider": code, "enrolled": enrolled, "succeeded": succeeded} for code, enrolled, succeeded in cursor.fetchall()]
