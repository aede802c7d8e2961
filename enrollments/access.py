"""The only ways from what a caller names to an object of this app."""

from database.areas import acting_as
from enrollments.models import SourceSystem


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
