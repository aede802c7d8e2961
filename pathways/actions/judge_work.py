"""Judge the work of one cell as it was looked at, and with it answer the student's open request for it."""

import datetime
from collections.abc import Collection

from competencies.actions.judge_cells import CellJudged, CellToJudge, judge_cells
from competencies.actions.record_judgments import NewJudgment
from competencies.models import MasteryJudgment
from database.areas import acting_as
from pathways.actions.answer_request import answer_request
from pathways.models import AssessmentRequest


def judge_work(
    *,
    student_id: int,
    competency_id: int,
    judged_by: int,
    at: datetime.datetime,
    rank: int,
    worked_on: datetime.date,
    seen: str,
    comment: str = "",
    versions: Collection[int] = (),
) -> CellJudged:
    """How it went, as judge_cells tells it: `seen` is the mark of the level that the judge had before them, and what stands newer
    is told instead of judged over. The judgement rests on `versions` of evidence and carries the comment; an open request of
    the student for the competency is answered by it. `at` is aware, UTC. Raises JudgmentRefused, RequestRefused."""
    new = NewJudgment(student_id, competency_id, rank, worked_on, reason=comment.strip(), evidence_versions=tuple(versions))
    with acting_as("area_learning"):
        told = judge_cells(judged_by=judged_by, at=at, cells=[CellToJudge(new, seen)])[0]
        asked = AssessmentRequest.objects.filter(
            plan__student_id=student_id, competency_id=competency_id, answer__isnull=True, recorded_at__lte=at
        ).first()
        if not told.saved or asked is None:
            return told
        made = MasteryJudgment.objects.filter(
            student_id=student_id, competency_id=competency_id, judged_by_id=judged_by, rank=rank, withdrawal__isnull=True
        ).latest("id")
        answer_request(
            student_id=student_id, request=asked.uuid, answered_by=judged_by, at=at, judgment_id=made.pk, note=comment.strip()
        )
        return told
