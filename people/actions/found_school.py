"""Put a school on the list, in its district."""

from database.areas import acting_as
from people.models import Organization


def found_school(*, code: str, name: str, district_code: str) -> Organization:
    """The school of that code, made where there is none. Organization.DoesNotExist where there is no such district."""
    with acting_as("area_learning"):
        district = Organization.objects.get(kind=Organization.Kind.DISTRICT, code=district_code)
        school, _ = Organization.objects.get_or_create(
            kind=Organization.Kind.SCHOOL, code=code, defaults={"name": name, "district": district}
        )
        return school
