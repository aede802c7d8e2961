"""Confirm or refuse placements out of an arrived portfolio: confirmed, each is a judgement like any other."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from competencies.actions.record_judgments import JudgmentRefused, NewJudgment, record_judgments
from competencies.models import EvidenceVersion, MasteryJudgment
from database.areas import acting_as
from pathways.models import Placement, PlacementDecision
from people.models import User


class PlacementRefused(ValueError):
    """Why a placement was not decided, in a sentence for people. `conflict`: it is decided already."""

    def __init__(self, said: str, *, conflict: bool = False) -> None:
        super().__init__(said)
        self.conflict = conflict


@dataclass(frozen=True, slots=True)
class PlacementChoice:
    """A placement to be decided; `rank` of our scale, None for the proposed one, counts where it is confirmed."""

    placement_id: int
    rank: int | None = None


def decide_placement(
    *, placement_id: int, confirm: bool, rank: int | None = None, note: str = "", decided_by: int, at: datetime.datetime
) -> PlacementDecision:
    """`decide_placements` for one."""
    choices = [PlacementChoice(placement_id, rank)]
    return decide_placements(choices=choices, confirm=confirm, note=note, decided_by=decided_by, at=at)[0]


def decide_placements(
    *, choices: Sequence[PlacementChoice], confirm: bool, note: str = "", decided_by: int, at: datetime.datetime
) -> list[PlacementDecision]:
    """Confirm each at its rank, as a judgement of kind transfer by `decided_by`; or refuse all, with a note that says why.
    Each once; all or none. The same number of statements whatever their number. Raises PlacementRefused."""
    with acting_as("area_learning"):
        rows = Placement.objects.select_related("arrival").defer("arrival__bundle").in_bulk([one.placement_id for one in choices])
        found = [(rows[one.placement_id], one.rank) for one in choices if one.placement_id in rows]
        if not choices or len(rows) < len(choices):
            raise PlacementRefused(_("There is no such placement."))
        # Two who decide at once: the second sees the first's decision.
        students = {row.arrival.student_id for row in rows.values()}
        list(User.objects.select_for_update(no_key=True).filter(pk__in=students).order_by("pk"))
        if PlacementDecision.objects.filter(placement__in=rows).exists():
            raise PlacementRefused(_("This placement is decided already; judge anew where it was wrong."), conflict=True)
        if not confirm and not note.strip():
            raise PlacementRefused(_("Say why it is refused: the student will ask."))
        judgments: list[int | None] = list(_judge(found, note.strip(), decided_by, at)) if confirm else [None] * len(found)
        return PlacementDecision.objects.bulk_create(
            PlacementDecision(placement=row, judgment_id=judgment, note=note.strip(), decided_by_id=decided_by, recorded_at=at)
            for (row, _), judgment in zip(found, judgments, strict=True)
        )


def _judge(found: list[tuple[Placement, int | None]], note: str, decided_by: int, at: datetime.datetime) -> list[int]:
    """The ids of the new judgements, resting on the evidence that came along."""
    evidence = [row.evidence_id for row, _ in found if row.evidence_id is not None]
    newest = EvidenceVersion.objects.filter(evidence_id__in=evidence).order_by("evidence_id", "-id").distinct("evidence_id")
    versions = dict(newest.values_list("evidence_id", "id"))
    new = [_judgment(row, rank, note, versions) for row, rank in found]
    try:
        return record_judgments(judged_by=decided_by, at=at, judgments=new)
    except JudgmentRefused as problem:
        raise PlacementRefused(str(problem)) from None


def _judgment(row: Placement, rank: int | None, note: str, versions: Mapping[int, int]) -> NewJudgment:
    if row.competency_id is None or row.proposed_rank is None:
        raise PlacementRefused(
            _(
                "Nothing on file matches this competency, so it cannot be confirmed. "
                "Refuse it, and judge the evidence that came with it."
            )
        )
    return NewJudgment(
        student_id=row.arrival.student_id,
        competency_id=row.competency_id,
        rank=row.proposed_rank if rank is None else rank,
        worked_on=row.attained_on,
        kind=MasteryJudgment.Kind.TRANSFER,
        reason=note or f"Placed by the portfolio from {row.arrival.issuer}: {row.foreign_level}.",
        evidence_versions=(versions[row.evidence_id],) if row.evidence_id is not None else (),
    )
