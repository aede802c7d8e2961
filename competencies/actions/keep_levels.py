"""The maintained memory of levels, brought in step with the judgements. Used by the actions that write judgements, in
their transaction; the calculation itself is calc/level.py, asked once for each distinct story."""

from collections.abc import Collection

from django.db import connection

from competencies.calc.level import level_of, read_story
from competencies.queries.scales import scales_of_stories
from competencies.queries.stories import STORY

_MAKE_TOUCHED = """
DROP TABLE IF EXISTS pg_temp.touched_cell, pg_temp.told_cell;
CREATE TEMPORARY TABLE touched_cell (student_id bigint, competency_id bigint) ON COMMIT DROP
"""
_TOUCH = "INSERT INTO touched_cell SELECT DISTINCT * FROM unnest(%s::bigint[], %s::bigint[])"

# Two that judge one student at once would each miss the other's judgement: the second waits for the first.
_WAIT_FOR_OTHERS = """
SELECT id FROM learning.people_user WHERE id IN (SELECT student_id FROM touched_cell) ORDER BY id FOR NO KEY UPDATE
"""

# Only cells with a judgement that stands are told. Inner joins: the planner may go by key from few cells, or merge many.
_TELL = f"""
CREATE TEMPORARY TABLE told_cell ON COMMIT DROP AS
SELECT t.student_id, t.competency_id, {STORY} AS story, count(*) AS judgments, max(j.worked_on) AS last_worked_on
FROM touched_cell t
JOIN learning.competencies_masteryjudgment j ON j.student_id = t.student_id AND j.competency_id = t.competency_id
WHERE NOT EXISTS (SELECT FROM learning.competencies_judgmentwithdrawal w WHERE w.judgment_id = j.id)
GROUP BY t.student_id, t.competency_id
"""

_WRITE = """
INSERT INTO learning.competencies_currentlevel
    (student_id, competency_id, version_id, rank, judgments, overridden, last_worked_on)
SELECT t.student_id, t.competency_id, l.version_id, l.rank, t.judgments, l.overridden, t.last_worked_on
FROM told_cell t
JOIN unnest(%s::text[], %s::bigint[], %s::smallint[], %s::boolean[]) AS l (story, version_id, rank, overridden) USING (story)
ORDER BY t.student_id, t.competency_id
ON CONFLICT (student_id, competency_id) DO UPDATE SET version_id = excluded.version_id, rank = excluded.rank,
    judgments = excluded.judgments, overridden = excluded.overridden, last_worked_on = excluded.last_worked_on
"""

_FORGET = """
DELETE FROM learning.competencies_currentlevel c USING touched_cell t
WHERE c.student_id = t.student_id AND c.competency_id = t.competency_id
  AND NOT EXISTS (SELECT FROM told_cell o WHERE o.student_id = t.student_id AND o.competency_id = t.competency_id)
"""


def touch_cells(cells: Collection[tuple[int, int]]) -> None:
    """Say which (student id, competency id) are about to change, and wait for whoever is changing a student's. Before
    the judgements or withdrawals are written; `keep_levels` after."""
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_TOUCHED)
        cursor.execute(_TOUCH, [[student for student, _ in cells], [competency for _, competency in cells]])
        cursor.execute("ANALYZE touched_cell")
        cursor.execute(_WAIT_FOR_OTHERS)


def touch_cells_of(statement: str) -> None:
    """`touch_cells` of the rows (student_id, competency_id) that a statement of ours gives, such as a staged file's."""
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_TOUCHED)
        cursor.execute(f"INSERT INTO touched_cell SELECT DISTINCT * FROM ({statement}) t")
        cursor.execute("ANALYZE touched_cell")
        cursor.execute(_WAIT_FOR_OTHERS)


def keep_levels() -> None:
    """Work out the touched cells anew from their judgements that stand; a cell without any loses its row."""
    with connection.cursor() as cursor:
        cursor.execute(_TELL)
        cursor.execute("SELECT DISTINCT story FROM told_cell")
        stories = {story: read_story(story) for (story,) in cursor.fetchall()}
        scales = scales_of_stories(stories.values())
        levels = {story: level_of(entries, scales) for story, entries in stories.items()}
        cursor.execute(
            _WRITE,
            [
                list(levels),
                [level.version.id for level in levels.values()],
                [level.rank for level in levels.values()],
                [level.overridden for level in levels.values()],
            ],
        )
        cursor.execute(_FORGET)
