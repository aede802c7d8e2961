"""Write down each provider's success rate as it stands on a day."""

import datetime

from django.db import connection

from accountability.models import IndicatorSnapshot
from accountability.queries import success_rates
from database.areas import acting_as

INDICATOR = "success_rate"


def record_success_rates(*, as_of: datetime.date, catalogue: str | None = None) -> int:
    """How many snapshots are new. A day's snapshot, once taken, stays as it was taken."""
    with acting_as("area_accountability"), connection.cursor() as cursor:
        cursor.execute("SELECT code, id FROM provider_facts")
        provider_ids = dict(cursor.fetchall())
        taken = set(IndicatorSnapshot.objects.filter(indicator=INDICATOR, as_of=as_of).values_list("provider_id", flat=True))
        new = [
            IndicatorSnapshot(
                indicator=INDICATOR,
                as_of=as_of,
                provider_id=provider_ids[rate["provider"]],
                enrolled=rate["enrolled"],
                succeeded=rate["succeeded"],
            )
            for rate in success_rates(catalogue=catalogue)
            if provider_ids[rate["provider"]] not in taken
        ]
        IndicatorSnapshot.objects.bulk_create(new, ignore_conflicts=True)
        return len(new)
