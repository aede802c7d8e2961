"""Second ratings and anchors as raters see them (blind until they have rated), and figures on raters for administrators.

Every function expects to run under area_learning. Figures on raters are for the schools' and districts' administrators
alone (access.py); no view of the funding side reads these tables.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from django.db import connection

from competencies.calc.agreement import Agreement, Pair, agreement, drift_by_month
from competencies.models import AnchorRating, AnchorSample, SecondRatingRequest


@dataclass(frozen=True, slots=True)
class RatingAsked:
    """Work to be rated: `first_rank` is None until the rater has given `own_rank`."""

    uuid: UUID
    student_id: int
    competency: UUID
    statement: str
    labels: list[str]
    worked_on: datetime.date
    evidence: list[tuple[UUID, int]]
    asked_at: datetime.datetime
    own_rank: int | None
    note: str
    first_rank: int | None


def ratings_asked(rater_id: int) -> list[RatingAsked]:
    """What a rater has been asked to rate, open ones first, then by the time of asking. Two queries."""
    requests = (
        SecondRatingRequest.objects.filter(rater_id=rater_id)
        .select_related("judgment__competency", "judgment__version", "rating")
        .prefetch_related("judgment__rests_on__version__evidence")
        .order_by("recorded_at", "pk")
    )
    told = [_asked(request) for request in requests]
    return sorted(told, key=lambda one: one.own_rank is not None)


def _asked(request: SecondRatingRequest) -> RatingAsked:
    judgment, rating = request.judgment, getattr(request, "rating", None)
    return RatingAsked(
        uuid=request.uuid,
        student_id=judgment.student_id,
        competency=judgment.competency.uuid,
        statement=judgment.competency.statement,
        labels=[level["label"] for level in judgment.version.levels],
        worked_on=judgment.worked_on,
        evidence=[(rest.version.evidence.uuid, rest.version.number) for rest in judgment.rests_on.all()],
        asked_at=request.recorded_at,
        own_rank=rating and rating.rank,
        note=rating.note if rating else "",
        first_rank=judgment.rank if rating else None,
    )


@dataclass(frozen=True, slots=True)
class AnchorRead:
    """An anchor to rate; `agreed_rank` is None until the rater has rated it once."""

    uuid: UUID
    competency: UUID
    statement: str
    labels: list[str]
    title: str
    address: str
    text: str
    own_ranks: list[int]
    agreed_rank: int | None


def anchors_for(rater_id: int) -> list[AnchorRead]:
    """Every anchor with the rater's own ratings, in order. Two queries."""
    own: dict[int, list[int]] = defaultdict(list)
    for anchor, rank in AnchorRating.objects.filter(rater_id=rater_id).order_by("recorded_at", "id").values_list("anchor_id", "rank"):
        own[anchor].append(rank)
    anchors = AnchorSample.objects.select_related("competency", "version", "sample").order_by("competency__position", "id")
    return [
        AnchorRead(
            uuid=one.uuid,
            competency=one.competency.uuid,
            statement=one.competency.statement,
            labels=[level["label"] for level in one.version.levels],
            title=one.sample.title,
            address=one.sample.address,
            text=one.sample.text,
            own_ranks=own[one.pk],
            agreed_rank=one.agreed_rank if own[one.pk] else None,
        )
        for one in anchors
    ]


@dataclass(frozen=True, slots=True)
class Figures:
    """Agreement of one rater or on one competency, with the drift of each month (month, pairs, mean difference)."""

    who: UUID
    name: str
    agreement: Agreement
    months: list[tuple[str, int, Fraction]]


# The second ratings of students to whom the administrator stands in that relation, and the anchors rated by whoever
# judges such students. A pair counts in the version of the first judgement.
_IN_REACH = """
SELECT student_id FROM learning.student_relations
WHERE actor_id = %(actor)s AND kind IN ('school_administrator', 'district_administrator')
  AND starts_on <= %(day)s AND (ends_on IS NULL OR ends_on > %(day)s)
"""
_SECOND = f"""
SELECT u.uuid, coalesce(nullif(u.full_name, ''), u.username), c.uuid, c.statement,
       to_char(r.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM'), j.rank, r.rank
FROM learning.competencies_secondrating r
JOIN learning.competencies_secondratingrequest q ON q.id = r.request_id
JOIN learning.competencies_masteryjudgment j ON j.id = q.judgment_id
JOIN learning.people_user u ON u.id = q.rater_id
JOIN learning.competencies_competency c ON c.id = j.competency_id
WHERE j.student_id IN ({_IN_REACH})
"""
_ANCHORS = f"""
SELECT u.uuid, coalesce(nullif(u.full_name, ''), u.username), c.uuid, c.statement,
       to_char(r.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM'), a.agreed_rank, r.rank
FROM learning.competencies_anchorrating r
JOIN learning.competencies_anchorsample a ON a.id = r.anchor_id
JOIN learning.people_user u ON u.id = r.rater_id
JOIN learning.competencies_competency c ON c.id = a.competency_id
WHERE EXISTS (SELECT FROM learning.competencies_masteryjudgment j WHERE j.judged_by_id = r.rater_id AND j.student_id IN ({_IN_REACH}))
   OR EXISTS (SELECT FROM learning.student_relations t WHERE t.actor_id = r.rater_id AND t.kind = 'teacher'
              AND t.student_id IN ({_IN_REACH}))
"""


def rater_figures(*, actor_id: int, day: datetime.date) -> dict[str, list[Figures]]:
    """{"second_ratings_by_rater" | "second_ratings_by_competency" | "anchors_by_rater": figures by name}, over the students
    whom the administrator answers for on `day`. Two queries."""
    answer: dict[str, list[Figures]] = {}
    with connection.cursor() as cursor:
        for name, statement in (("second_ratings", _SECOND), ("anchors", _ANCHORS)):
            cursor.execute(statement, {"actor": actor_id, "day": day})
            rows = cursor.fetchall()
            answer[f"{name}_by_rater"] = _figures((row[0], row[1], row[4], (row[5], row[6])) for row in rows)
            answer[f"{name}_by_competency"] = _figures((row[2], row[3], row[4], (row[5], row[6])) for row in rows)
    return answer


def _figures(rated: Iterable[tuple[UUID, str, str, Pair]]) -> list[Figures]:
    grouped: dict[tuple[str, UUID], list[tuple[str, Pair]]] = defaultdict(list)
    for who, name, month, pair in rated:
        grouped[name, who].append((month, pair))
    return [
        Figures(who, name, agreement([pair for _, pair in pairs]), drift_by_month(pairs))
        for (name, who), pairs in sorted(grouped.items())
    ]
