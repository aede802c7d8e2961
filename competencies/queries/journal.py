"""The judgements themselves, cell by cell, withdrawn ones with the day. Every function expects to run under area_learning."""

import datetime
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from competencies.calc.level import OVERRIDE, Entry, Judged
from competencies.models import JudgmentWithdrawal, MasteryJudgment


def journal_of(student_ids: Collection[int], competency_ids: Collection[int] | None = None) -> dict[tuple[int, int], list[Judged]]:
    """{(student id, competency id): every judgement in order}, one query. Work with `calc.level.counted` from here."""
    found = MasteryJudgment.objects.filter(student_id__in=student_ids)
    if competency_ids is not None:
        found = found.filter(competency_id__in=competency_ids)
    cells: dict[tuple[int, int], list[Judged]] = defaultdict(list)
    rows = found.order_by("student_id", "competency_id", "worked_on", "recorded_at", "id").values_list(
        "student_id", "competency_id", "id", "version_id", "rank", "kind", "worked_on", "recorded_at", "judged_by_id", "reason",
        "withdrawal__recorded_at", "withdrawal__withdrawn_by_id", "withdrawal__reason",
    )  # fmt: skip
    for student, competency, pk, version, rank, kind, worked_on, recorded_at, judged_by, reason, withdrawn_at, by, why in rows:
        cells[student, competency].append(
            Judged(
                id=pk,
                entry=Entry(version, rank, kind == OVERRIDE),
                kind=kind,
                worked_on=worked_on,
                recorded_at=recorded_at,
                judged_by_id=judged_by,
                reason=reason,
                withdrawn_on=withdrawn_at and withdrawn_at.astimezone(datetime.UTC).date(),
                withdrawn_by_id=by,
                withdrawn_for=why or "",
            )
        )
    return dict(cells)


@dataclass(frozen=True, slots=True)
class LastJudged:
    """The judgement of a cell that was recorded last and stands; `name` is the judge's, `label` that of its rank."""

    id: int
    judged_by_id: int
    name: str
    rank: int
    label: str
    worked_on: datetime.date


def last_judged(cells: Collection[tuple[int, int]]) -> dict[tuple[int, int], LastJudged]:
    """{(student id, competency id): the judgement recorded last} where one stands; one query."""
    found = MasteryJudgment.objects.filter(
        student_id__in={student for student, _ in cells},
        competency_id__in={competency for _, competency in cells},
        withdrawal__isnull=True,
    )
    last = found.order_by("student_id", "competency_id", "-id").distinct("student_id", "competency_id")
    return {
        (one.student_id, one.competency_id): LastJudged(
            id=one.id,
            judged_by_id=one.judged_by_id,
            name=one.judged_by.full_name or one.judged_by.username,
            rank=one.rank,
            label=one.version.levels[one.rank - 1]["label"],
            worked_on=one.worked_on,
        )
        for one in last.select_related("judged_by", "version")
    }


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Who withdrew a judgement, when and why."""

    name: str
    reason: str
    recorded_at: datetime.datetime


def withdrawals_of(judgment_ids: Collection[int]) -> dict[int, Withdrawn]:
    """{judgement id: its withdrawal} of those that are withdrawn; one query."""
    found = JudgmentWithdrawal.objects.filter(judgment_id__in=judgment_ids).select_related("withdrawn_by")
    return {
        one.judgment_id: Withdrawn(one.withdrawn_by.full_name or one.withdrawn_by.username, one.reason, one.recorded_at)
        for one in found
    }
