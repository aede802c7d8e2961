"""Opening the API to a provider."""

from database.areas import acting_as
from enrollments.models import SourceSystem
from people.actions.issue_token import issue_token
from people.models import Organization


def api_source_code(provider_code: str) -> str:
    return f"api:{provider_code}"


def open_api_feed(*, provider: Organization, label: str, catalogue: str) -> str:
    """A new token for `provider`; its rows come from the source system `api:<provider code>`, made on first use.

    That source reports on `catalogue`; a second token for another one is a ValueError.
    """
    with acting_as("area_learning"):
        source, _ = SourceSystem.objects.get_or_create(
            code=api_source_code(provider.code), defaults={"catalogue": catalogue, "provider_id": provider.pk}
        )
        if (source.catalogue, source.provider_id) != (catalogue, provider.pk):
            raise ValueError(f"{source.code} already reports on the catalogue {source.catalogue}.")
        return issue_token(provider=provider, label=label)
