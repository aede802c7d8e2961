"""Names for what lists hold as ids. Every function expects to run under area_learning."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from competencies.models import Competency
from people.models import User


@dataclass(frozen=True, slots=True)
class Named:
    """A competency as lists name it; `place` orders lists by framework, then from top to bottom."""

    uuid: UUID
    framework: UUID
    code: str
    statement: str
    position: int

    @property
    def place(self) -> tuple[str, int, str]:
        return (str(self.framework), self.position, str(self.uuid))


def named_competencies(competency_ids: Iterable[int]) -> dict[int, Named]:
    """One query."""
    rows = Competency.objects.filter(id__in=set(competency_ids)).values_list(
        "id", "uuid", "framework__uuid", "code", "statement", "position"
    )
    return {row[0]: Named(*row[1:]) for row in rows}


def names_of_people(user_ids: Iterable[int]) -> dict[int, str]:
    """{id: full name, else username}. One query."""
    rows = User.objects.filter(id__in=set(user_ids)).values_list("id", "full_name", "username")
    return {pk: full_name or username for pk, full_name, username in rows}


def uuids_of_people(user_ids: Iterable[int]) -> dict[int, UUID]:
    """{id: uuid}. One query."""
    return dict(User.objects.filter(id__in=set(user_ids)).values_list("id", "uuid"))
