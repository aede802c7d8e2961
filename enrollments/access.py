"""The only ways from what a caller names to an object of this app."""

from database.areas import acting_as
from enrollments.actions.open_api_feed import api_source_code
from enrollments.models import SourceSystem
from people.access import Feed


class UnknownSource(LookupError):
    """No source system has this code; the message lists those that there are."""


def source_system_by_code(code: str) -> SourceSystem:
    with acting_as("area_learning"):
        found = SourceSystem.objects.filter(code=code).first()
        if found is None:
            codes = list(SourceSystem.objects.order_by("code").values_list("code", flat=True)[:50])
            known = f"Known are: {', '.join(codes)}." if codes else "There is none yet."
            raise UnknownSource(f"There is no source system {code!r}. {known}")
    return found


def api_source_of(feed: Feed) -> SourceSystem | None:
    """The source system of a provider's API calls; None where its feed was never opened."""
    with acting_as("area_learning"):
        return SourceSystem.objects.filter(code=api_source_code(feed.provider_code), provider=feed.provider_id).first()
