"""The maintained memory of levels, brought in step with the judgements. Used by the actions that write judgements, in
their transaction; the calculation itself is calc/level.py, asked once for each distinct story."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from competencies.calc.level import Scales, level_of, read_story
from competencies.queries.levels import mark_of
from competencies.queries.scales import scale_version_of
from competencies.queries.stories import STORY

# What belongs together is sent together: each message below is one round trip, however many statements it holds.

_MAKE_TOUCHED = """
DROP TABLE IF EXISTS pg_temp.touched_cell, pg_temp.told_cell, pg_temp.told_story;
CREATE TEMPORARY TABLE touched_cell (student_id bigint, competency_id bigint) ON COMMIT DROP;
"""
_TOUCH = "INSERT INTO touched_cell SELECT DISTINCT * FROM unnest(%s::bigint[], %s::bigint[])"
_TOUCH_ROWS = "INSERT INTO touched_cell SELECT DISTINCT * FROM ({rows}) t"

# Two that judge one student at once would each miss the other's judgement: the second waits for the first.
_WAIT_FOR_OTHERS = """;
ANALYZE touched_cell;
SELECT id FROM learning.people_user WHERE id IN (SELECT student_id FROM touched_cell) ORDER BY id FOR NO KEY UPDATE
"""
# A statement after the lock, so that it sees what those waited for have written.
_WHO_AND_WHAT = """;
SELECT id FROM learning.people_user WHERE id = %s;
SELECT c.student_id, c.competency_id, c.judgments, c.version_id, c.rank, c.overridden
FROM touched_cell t JOIN learning.competencies_currentlevel c USING (student_id, competency_id);
SELECT edit_key, judged_by_id, student_id, competency_id, rank FROM learning.competencies_masteryjudgment
WHERE edit_key = ANY(%s::uuid[])
"""

# Only cells with a judgement that stands are told. Inner joins: the planner may go by key from few cells, or merge many.
_TELL = f"""
CREATE TEMPORARY TABLE told_cell ON COMMIT DROP AS
SELECT t.student_id, t.competency_id, {STORY} AS story, count(*) AS judgments, max(j.worked_on) AS last_worked_on
FROM touched_cell t
JOIN learning.competencies_masteryjudgment j ON j.student_id = t.student_id AND j.competency_id = t.competency_id
WHERE NOT EXISTS (SELECT FROM learning.competencies_judgmentwithdrawal w WHERE w.judgment_id = j.id)
GROUP BY t.student_id, t.competency_id;
CREATE TEMPORARY TABLE told_story ON COMMIT DROP AS SELECT DISTINCT story FROM told_cell;
SELECT story FROM told_story;
SELECT to_jsonb(v)::text FROM learning.competencies_masteryscaleversion v WHERE v.scale_id IN (
    SELECT w.scale_id FROM learning.competencies_masteryscaleversion w WHERE w.id IN (
        SELECT split_part(word, ':', 1)::bigint FROM told_story, string_to_table(story, ' ') AS word))
"""

_WRITE = """
INSERT INTO learning.competencies_currentlevel
    (student_id, competency_id, version_id, rank, judgments, overridden, last_worked_on)
SELECT t.student_id, t.competency_id, l.version_id, l.rank, t.judgments, l.overridden, t.last_worked_on
FROM told_cell t
JOIN unnest(%s::text[], %s::bigint[], %s::smallint[], %s::boolean[]) AS l (story, version_id, rank, overridden) USING (story)
ORDER BY t.student_id, t.competency_id
ON CONFLICT (student_id, competency_id) DO UPDATE SET version_id = excluded.version_id, rank = excluded.rank,
    judgments = excluded.judgments, overridden = excluded.overridden, last_worked_on = excluded.last_worked_on;
DELETE FROM learning.competencies_currentlevel c USING touched_cell t
WHERE c.student_id = t.student_id AND c.competency_id = t.competency_id
  AND NOT EXISTS (SELECT FROM told_cell o WHERE o.student_id = t.student_id AND o.competency_id = t.competency_id)
"""


class Recorded(NamedTuple):
    """What is on record under an edit key, withdrawn or not."""

    judged_by_id: int
    student_id: int
    competency_id: int
    rank: int


@dataclass(frozen=True, slots=True)
class Touched:
    """Under the lock: which of the students and the judge are on file, {cell: LevelNow.mark} of what stands, and what is on
    record under the edit keys asked for."""

    people: frozenset[int]
    marks: dict[tuple[int, int], str]
    recorded: dict[UUID, Recorded]


def touch_cells(cells: Collection[tuple[int, int]], judged_by: int | None = None, edit_keys: Collection[UUID | None] = ()) -> Touched:
    """Say which (student id, competency id) are about to change, and wait for whoever is changing a student's. Before
    the judgements or withdrawals are written; `keep_levels` after. One round trip."""
    asked = [[student for student, _ in cells], [competency for _, competency in cells], judged_by, list(edit_keys)]
    students, judge, levels, recorded = _results(_MAKE_TOUCHED + _TOUCH + _WAIT_FOR_OTHERS + _WHO_AND_WHAT, asked)
    return Touched(
        people=frozenset(pk for (pk,) in [*students, *judge]),
        marks={(student, competency): mark_of(*state) for student, competency, *state in levels},
        recorded={key: Recorded(*row) for key, *row in recorded},
    )


def touch_cells_of(statement: str) -> None:
    """`touch_cells` of the rows (student_id, competency_id) that a statement of ours gives, such as a staged file's."""
    _results(_MAKE_TOUCHED + _TOUCH_ROWS.format(rows=statement) + _WAIT_FOR_OTHERS)


def keep_levels() -> None:
    """Work out the touched cells anew from their judgements that stand; a cell without any loses its row. Two round trips."""
    told, versions = _results(_TELL)
    stories = {story: read_story(story) for (story,) in told}
    scales = Scales(scale_version_of(row) for (row,) in versions)
    levels = {story: level_of(entries, scales) for story, entries in stories.items()}
    _results(
        _WRITE,
        [
            list(levels),
            [level.version.id for level in levels.values()],
            [level.rank for level in levels.values()],
            [level.overridden for level in levels.values()],
        ],
    )


def _results(statements: str, asked: list[Any] | None = None) -> list[list[tuple[Any, ...]]]:
    """The rows of every statement of a message that answers with rows."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(statements, asked)
        while True:
            if cursor.description:
                found.append(cursor.fetchall())
            if not cursor.nextset():
                return found
