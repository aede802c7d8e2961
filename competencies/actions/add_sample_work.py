"""Add sample work to a rubric's level: what work of that level looks like, for students and raters."""

from uuid import UUID

from competencies.models import RubricLevel, SampleWork
from database.areas import acting_as

TITLE, ADDRESS = 200, 500


class SampleRefused(ValueError):
    """Why a sample was not added, in a sentence for people."""


def add_sample_work(*, level: UUID, title: str, address: str = "", text: str = "") -> SampleWork:
    """The sample, at an address or as text. Never a named student's: titles and texts are for everybody to read."""
    if not title.strip() or len(title) > TITLE:
        raise SampleRefused(f"A sample has a title of at most {TITLE} characters.")
    if bool(address) == bool(text.strip()):
        raise SampleRefused("A sample is either at an address or a text: give one of the two.")
    if address and (not address.startswith(("https://", "http://")) or len(address) > ADDRESS):
        raise SampleRefused(f"The address begins with https:// and has at most {ADDRESS} characters.")
    with acting_as("area_learning"):
        found = RubricLevel.objects.filter(uuid=level, retired_on__isnull=True).first()
        if found is None:
            raise SampleRefused("There is no such level of a rubric in use; read the competency anew and take one that it has.")
        return SampleWork.objects.create(level=found, title=title.strip(), address=address, text=text)
