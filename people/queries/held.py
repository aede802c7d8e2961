"""What a person holds that has no end yet: the keys by which it can be ended."""

from collections.abc import Collection

from database.areas import acting_as
from people.models import Guardianship, Organization, Role, StudentCase


def unended_roles(*, user_id: int, kind: str, organization: Organization | None) -> list[int]:
    with acting_as("area_learning"):
        held = Role.objects.filter(user_id=user_id, kind=kind, organization=organization, ends_on__isnull=True)
        return list(held.values_list("pk", flat=True))


def unended_guardianships(*, guardian_id: int, student_id: int) -> list[int]:
    with acting_as("area_learning"):
        named = Guardianship.objects.filter(guardian_id=guardian_id, student_id=student_id, ends_on__isnull=True)
        return list(named.values_list("pk", flat=True))


def unended_cases(*, counsellor_id: int, student_ids: Collection[int]) -> list[int]:
    with acting_as("area_learning"):
        given = StudentCase.objects.filter(counsellor_id=counsellor_id, student_id__in=student_ids, ends_on__isnull=True)
        return list(given.values_list("pk", flat=True))
