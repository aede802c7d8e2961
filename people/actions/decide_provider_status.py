"""Record a person's dated decision on a provider's standing."""

import datetime

from database.areas import acting_as
from people.models import Organization, ProviderStatus


def decide_provider_status(
    *, provider: Organization, status: str, from_on: datetime.date, reason: str, decided_by: int
) -> ProviderStatus:
    """`status` is one of ProviderStatus.Status; the latest decision counts, none is ever edited."""
    with acting_as("area_accountability"):
        return ProviderStatus.objects.create(
            provider=provider, status=status, from_on=from_on, reason=reason, decided_by_id=decided_by
        )
