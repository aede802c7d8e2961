"""What staff look for by words: competencies and classes. Students are matched among those in reach (`matches`). Expects to run
under area_learning."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from competencies.models import Competency

SHOWN = 25


@dataclass(frozen=True, slots=True)
class CompetencyFound:
    """A competency in use, with the title of its framework."""

    uuid: UUID
    framework: UUID
    title: str
    code: str
    statement: str


def words_of(typed: str) -> list[str]:
    """The words of what was typed, without accents and case; at most eight."""
    return _plain(typed).split()[:8]


def matches(text: str, words: Collection[str]) -> bool:
    """Whether every word stands somewhere in the text, accents and case aside."""
    plain = _plain(text)
    return all(word in plain for word in words)


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one))


def competencies_by_words(typed: str) -> list[CompetencyFound]:
    """Those whose code or statement has every word, at most SHOWN + 1 (one more tells that there are more). One query."""
    found = Competency.objects.filter(retired_on__isnull=True)
    for word in typed.split()[:8]:
        found = found.filter(Q(code__icontains=word) | Q(statement__icontains=word))
    rows = found.order_by("framework__title", "position", "id").values_list(
        "uuid", "framework__uuid", "framework__title", "code", "statement"
    )
    return [CompetencyFound(*row) for row in rows[: SHOWN + 1]]
