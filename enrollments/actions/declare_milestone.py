"""Declare a milestone that can be attested, and the measure that it attests."""

import re

from database.areas import acting_as
from enrollments.models import Milestone

# As a policy names its facts.
_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")


class MilestoneRefused(ValueError):
    """Why a milestone was not declared, in a sentence for people."""


def declare_milestone(*, code: str, measure: str, says: str) -> bool:
    """Whether it is new. What a milestone attests is said once and stays: `measure` is `course_success` where it says that
    a course was passed under whatever name, else a measure of its own. Raises MilestoneRefused."""
    for name, word in (("code", code), ("measure", measure)):
        if not _CODE.fullmatch(word):
            raise MilestoneRefused(f"The {name} {word!r} is no name: write small letters, digits and _, at most 60.")
    if not says.strip() or len(says) > 200:
        raise MilestoneRefused("Say in at most 200 characters what the milestone is.")
    with acting_as("area_learning"):
        declared, new = Milestone.objects.get_or_create(code=code, defaults={"measure": measure, "says": says.strip()})
    if declared.measure != measure:
        raise MilestoneRefused(f"{code} attests {declared.measure} already, and that stays; give the milestone another code.")
    return new
