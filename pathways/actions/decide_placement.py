"""Confirm or refuse a placement out of an arrived portfolio: confirmed, it is a judgement like any other."""

import datetime

from django.db.models import Max

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


def decide_placement(
    *, placement_id: int, confirm: bool, rank: int | None = None, note: str = "", decided_by: int, at: datetime.datetime
) -> PlacementDecision:
    """Confirm at `rank` of our scale (None: the proposed one), as a judgement of kind transfer by `decided_by`; or refuse,
    with a note that says why. Once. Raises PlacementRefused."""
    with acting_as("area_learning"):
        found = Placement.objects.select_related("arrival").defer("arrival__bundle").filter(pk=placement_id).first()
        if found is None:
            raise PlacementRefused("There is no such placement.")
        # Two who decide at once: the second sees the first's decision.
        list(User.objects.select_for_update(no_key=True).filter(pk=found.arrival.student_id))
        if PlacementDecision.objects.filter(placement=found).exists():
            raise PlacementRefused("This placement is decided already; judge anew where it was wrong.", conflict=True)
        if not confirm and not note.strip():
            raise PlacementRefused("Say why it is refused: the student will ask.")
        judgment = _judge(found, rank, note.strip(), decided_by, at) if confirm else None
        return PlacementDecision.objects.create(
            placement=found, judgment_id=judgment, note=note.strip(), decided_by_id=decided_by, recorded_at=at
        )


def _judge(found: Placement, rank: int | None, note: str, decided_by: int, at: datetime.datetime) -> int:
    """The id of the new judgement, resting on the evidence that came along."""
    if found.competency_id is None or found.proposed_rank is None:
        raise PlacementRefused(
            "Nothing on file matches this competency, so it cannot be confirmed. Refuse it, and judge the evidence that came with it."
        )
    versions: tuple[int, ...] = ()
    if found.evidence_id is not None:
        newest = EvidenceVersion.objects.filter(evidence_id=found.evidence_id).aggregate(newest=Max("pk"))["newest"]
        versions = (newest,)
    new = NewJudgment(
        student_id=found.arrival.student_id,
        competency_id=found.competency_id,
        rank=found.proposed_rank if rank is None else rank,
        worked_on=found.attained_on,
        kind=MasteryJudgment.Kind.TRANSFER,
        reason=note or f"Placed by the portfolio from {found.arrival.issuer}: {found.foreign_level}.",
        evidence_versions=versions,
    )
    try:
        return record_judgments(judged_by=decided_by, at=at, judgments=[new])[0]
    except JudgmentRefused as problem:
        raise PlacementRefused(str(problem)) from None
