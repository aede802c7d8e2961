"""What the latest judgements moved: the level without and with each. Expects to run under area_learning."""

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import connection

from competencies.calc.level import OVERRIDE, Entry, Scales, level_of
from competencies.queries.scales import scale_version_of

# Every judgement that counts in the cells judged lately, and every version of their scales: two lists in one answer.
_LATELY = """
WITH standing AS (
    SELECT j.* FROM learning.competencies_masteryjudgment j
    WHERE j.student_id = %(student)s
      AND NOT EXISTS (SELECT FROM learning.competencies_judgmentwithdrawal w WHERE w.judgment_id = j.id)
), lately AS (
    SELECT competency_id, max(id) AS newest FROM standing WHERE recorded_at >= %(since)s
    GROUP BY competency_id ORDER BY max(recorded_at) DESC, competency_id LIMIT %(cells)s
), judged AS MATERIALIZED (
    SELECT s.*, l.newest, coalesce(nullif(u.full_name, ''), u.username) AS judge
    FROM standing s JOIN lately l USING (competency_id) JOIN learning.people_user u ON u.id = s.judged_by_id
)
SELECT * FROM (
    SELECT competency_id, id, newest, version_id, rank, kind, worked_on, recorded_at, judge, reason, NULL AS version FROM judged
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, to_jsonb(v)::text
    FROM learning.competencies_masteryscaleversion v
    WHERE v.scale_id IN (SELECT o.scale_id FROM learning.competencies_masteryscaleversion o
                         WHERE o.id IN (SELECT version_id FROM judged))
) found ORDER BY worked_on, recorded_at, id
"""


@dataclass(frozen=True, slots=True)
class Move:
    """The judgement of a cell that was recorded last: its `label`, and the level `before` ("" where there was none) and `after`."""

    competency_id: int
    label: str
    before: str
    after: str
    worked_on: datetime.date
    recorded_on: datetime.date
    judged_by: str
    reason: str


def moves_since(student_id: int, since: datetime.datetime, *, cells: int) -> list[Move]:
    """The newest first, of at most so many cells of the student. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_LATELY, {"student": student_id, "since": since, "cells": cells})
        rows = cursor.fetchall()
    scales = Scales(scale_version_of(row[10]) for row in rows if row[0] is None)
    standing: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        if row[0] is not None:
            standing[row[0]].append(row)
    found = sorted((next(row for row in ones if row[1] == row[2]) for ones in standing.values()), key=lambda row: row[7], reverse=True)
    return [_move(newest, standing[newest[0]], scales) for newest in found]


def _move(newest: tuple[Any, ...], standing: list[tuple[Any, ...]], scales: Scales) -> Move:
    def label(rows: list[tuple[Any, ...]]) -> str:
        if not rows:
            return ""
        level = level_of([Entry(version, rank, kind == OVERRIDE) for _, _, _, version, rank, kind, *_ in rows], scales)
        return level.version.label(level.rank)

    return Move(
        competency_id=newest[0],
        label=scales[newest[3]].label(newest[4]),
        before=label([row for row in standing if row[1] != newest[1]]),
        after=label(standing),
        worked_on=newest[6],
        recorded_on=newest[7].astimezone(datetime.UTC).date(),
        judged_by=newest[8],
        reason=newest[9],
    )
