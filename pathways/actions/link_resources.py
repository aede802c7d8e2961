"""Say what a competency can be learned from (its playlist) and which assignments practise it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Max

from database.areas import acting_as
from pathways.models import AssignmentCompetency, Resource, ResourceCompetency

_web_address = URLValidator(schemes=["http", "https"])


class ResourceRefused(ValueError):
    """Why nothing was linked, in a sentence that names which resource and the way out."""


@dataclass(frozen=True, slots=True)
class NewResource:
    """`address` is the resource's own: the same address is the same resource, and keeps its title and licence."""

    title: str
    address: str
    licence: str


def link_resources(*, competency_id: int, resources: Sequence[NewResource]) -> int:
    """Add the resources to the end of the competency's playlist, in order; one that stands there stays. Returns how many
    were added. Raises ResourceRefused."""
    for number, one in enumerate(resources, start=1):
        try:
            _web_address(one.address)
        except ValidationError:
            raise ResourceRefused(f"Resource {number} has the address {one.address[:80]!r}; give one of http or https.") from None
        if not one.title.strip() or not one.licence.strip():
            raise ResourceRefused(f"Resource {number} lacks a title or a licence; say under which terms it may be used.")
    with acting_as("area_learning"):
        Resource.objects.bulk_create(
            [Resource(title=one.title.strip(), address=one.address, licence=one.licence.strip()) for one in resources],
            ignore_conflicts=True,
        )
        ids = dict(Resource.objects.filter(address__in=[one.address for one in resources]).values_list("address", "id"))
        listed = ResourceCompetency.objects.filter(competency_id=competency_id)
        there = set(listed.values_list("resource_id", flat=True))
        last = listed.aggregate(last=Max("position"))["last"] or 0
        added = [pk for pk in dict.fromkeys(ids[one.address] for one in resources) if pk not in there]
        ResourceCompetency.objects.bulk_create(
            [
                ResourceCompetency(competency_id=competency_id, resource_id=pk, position=last + place)
                for place, pk in enumerate(added, start=1)
            ],
            ignore_conflicts=True,
        )
    return len(added)


def practise(*, competency_id: int, assignment_ids: Collection[int]) -> None:
    """The assignments practise the competency from now on; saying it again changes nothing."""
    with acting_as("area_learning"):
        AssignmentCompetency.objects.bulk_create(
            [AssignmentCompetency(competency_id=competency_id, assignment_id=pk) for pk in assignment_ids], ignore_conflicts=True
        )
