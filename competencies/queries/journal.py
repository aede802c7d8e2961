"""The judgements themselves, cell by cell, withdrawn ones with the day. Every function expects to run under area_learning."""

import datetime
from collections import defaultdict
from collections.abc import Collection

from competencies.calc.level import OVERRIDE, Entry, Judged
from competencies.models import MasteryJudgment


def journal_of(student_ids: Collection[int], competency_ids: Collection[int] | None = None) -> dict[tuple[int, int], list[Judged]]:
    """{(student id, competency id): every judgement in order}, one query. Work with `calc.level.counted` from here."""
    found = MasteryJudgment.objects.filter(student_id__in=student_ids)
    if competency_ids is not None:
        found = found.filter(competency_id__in=competency_ids)
    cells: dict[tuple[int, int], list[Judged]] = defaultdict(list)
    rows = found.order_by("student_id", "competency_id", "worked_on", "recorded_at", "id").values_list(
        "student_id", "competency_id", "id", "version_id", "rank", "kind", "worked_on", "recorded_at", "judged_by_id", "reason",
        "withdrawal__recorded_at",
    )  # fmt: skip
    for student, competency, pk, version, rank, kind, worked_on, recorded_at, judged_by, reason, withdrawn_at in rows:
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
            )
        )
    return dict(cells)
