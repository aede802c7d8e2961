"""One competency of a plan told in full: how its level came about, the work handed in for it, and where it stands.

Expects to run under area_learning. The words are those of the record (competencies/queries/levels.py), the same for
whoever reads them.
"""

import datetime
from dataclasses import dataclass

from competencies.calc.explaining import explain
from competencies.calc.level import counted, level_of
from competencies.models import Evidence
from competencies.queries.evidence import EvidenceRead, evidence_of
from competencies.queries.frameworks import Node
from competencies.queries.journal import journal_of
from competencies.queries.levels import Explained, criteria_and_scales, explanation, level_by
from competencies.queries.named import names_of_people
from pathways.models import PlanItem
from pathways.queries.plan_work import RequestSaid, ResourceSaid, work_of
from rulebook.sentence import Sentence


@dataclass(frozen=True, slots=True)
class JudgementTold:
    """One judgement: `label` as judged, `before` and `after` the level without and with it ("" where there was none yet),
    `counts` whether it makes today's level."""

    number: int
    judged_by_id: int
    worked_on: datetime.date
    recorded_on: datetime.date
    label: str
    before: str
    after: str
    kind: str
    judged_by: str
    reason: str
    counts: bool
    withdrawn_on: datetime.date | None


@dataclass(frozen=True, slots=True)
class PlanCell:
    """A competency of a student; `told` newest first."""

    node: Node
    explained: Explained
    told: tuple[JudgementTold, ...]
    evidence: list[EvidenceRead]
    request: RequestSaid | None
    item: PlanItem | None
    playlist: tuple[ResourceSaid, ...]


def plan_cell(*, student_id: int, node: Node, day: datetime.date) -> PlanCell:
    """The cell as it reads on `day`. Eleven queries at most, whatever its length."""
    explained = explanation(student_id, node.id, day)
    work = work_of(student_id=student_id, competency_ids=[node.id], day=day)
    tied = Evidence.objects.filter(student_id=student_id, tied__competency_id=node.id).values_list("id", flat=True)
    items = PlanItem.objects.filter(plan__student_id=student_id, competency_id=node.id)
    return PlanCell(
        node=node,
        explained=explained,
        told=_told(explained),
        evidence=evidence_of([student_id], list(tied)),
        request=work.requests.get(node.id),
        item=items.order_by("-id").first(),
        playlist=tuple(work.playlists.get(node.id, ())),
    )


def _told(explained: Explained) -> tuple[JudgementTold, ...]:
    """Each judgement with the level before and after it, in the order of the cell; a withdrawn one moves nothing."""
    names = names_of_people({one.judged_by_id for one in explained.judged})
    standing = counted(explained.judged)
    labels = [level_by(standing[:count], explained.scales, explained.criterion).label for count in range(1, len(standing) + 1)]
    moved = {one.id: (before, after) for one, before, after in zip(standing, ["", *labels], labels, strict=False)}
    told = [
        JudgementTold(
            number=one.id,
            judged_by_id=one.judged_by_id,
            worked_on=one.worked_on,
            recorded_on=one.recorded_at.astimezone(datetime.UTC).date(),
            label=explained.scales[one.entry.version_id].label(one.entry.rank),
            before=moved.get(one.id, ("", ""))[0],
            after=moved.get(one.id, ("", ""))[1],
            kind=one.kind,
            judged_by=names[one.judged_by_id],
            reason=one.reason,
            counts=one.id in explained.contributing,
            withdrawn_on=one.withdrawn_on,
        )
        for one in explained.judged
    ]
    return tuple(reversed(told))


def words_of_levels(student_id: int, day: datetime.date) -> dict[int, Sentence]:
    """{competency id: how the level came about} of all that counts for a student on `day`. Two queries."""
    cells = {competency: counted(judged, day) for (_, competency), judged in journal_of([student_id]).items()}
    cells = {competency: judged for competency, judged in cells.items() if judged}
    _, scales = criteria_and_scales([student_id], {one.entry.version_id for ones in cells.values() for one in ones}, day)
    words = {}
    for competency, judged in cells.items():
        entries = [one.entry for one in judged]
        words[competency] = explain(level_of(entries, scales), entries, scales).words
    return words
