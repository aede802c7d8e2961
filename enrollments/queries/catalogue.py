"""What a catalogue of courses holds: who offers it, and who is enrolled."""

import datetime

from enrollments.models import Course, Enrollment, Offering


def catalogues() -> list[str]:
    """The lists of courses that there are, by name."""
    return list(Course.objects.order_by("catalogue").values_list("catalogue", flat=True).distinct())


def listed_offerings(*, catalogue: str) -> list[tuple[str, int]]:
    """(provider code, offering id) in the order of provider and offering code."""
    listed = Offering.objects.filter(course__catalogue=catalogue).order_by("provider__code", "code")
    return list(listed.values_list("provider__code", "id"))


def enrollments_of(*, catalogue: str) -> list[tuple[str, datetime.date | None, datetime.date | None, str]]:
    """(code, enrolled on, withdrawn on, provider code) in the order of code."""
    enrolled = Enrollment.objects.filter(offering__course__catalogue=catalogue).order_by("code")
    return list(enrolled.values_list("code", "enrolled_on", "withdrawn_on", "offering__provider__code"))
