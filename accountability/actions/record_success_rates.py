"""Write down each provider's success rate as it stands on a day."""

import datetime

from django.db import connection

from accountability.models import IndicatorSnapshot
from accountability.queries import MEASURE, rates_by_catalogue
from database.areas import acting_as

INDICATOR = "success_rate"


def record_success_rates(*, as_of: datetime.date, catalogue: str | None = None) -> int:
    """How many snapshots are new. A day's snapshot, once taken, stays as it was taken.

    Each catalogue by itself, without the barred ones; from here on course success judges in it, unless a program takes it.
    Raises RateRefused for a `catalogue` that is barred.
    """
    with acting_as("area_accountability"), connection.cursor() as cursor:
        rates = rates_by_catalogue(catalogue=catalogue)
        for judged in sorted({of_catalogue for of_catalogue, *_ in rates}):
            cursor.execute("SELECT learning.judge_by_measure(%s, %s, %s, %s)", [judged, MEASURE, INDICATOR, as_of])
        taken = set(IndicatorSnapshot.objects.filter(indicator=INDICATOR, as_of=as_of).values_list("catalogue", "provider_id"))
        new = [
            IndicatorSnapshot(
                indicator=INDICATOR,
                measure=MEASURE,
                as_of=as_of,
                catalogue=of_catalogue,
                provider_id=provider_id,
                enrolled=enrolled,
                succeeded=succeeded,
            )
            for of_catalogue, provider_id, enrolled, succeeded in rates
            if (of_catalogue, provider_id) not in taken
        ]
        IndicatorSnapshot.objects.bulk_create(new, ignore_conflicts=True)
        return len(new)
