"""Bring judgements from a file, a million at once: set by set, good rows kept, bad ones named, the same file again nothing new."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection

from competencies.actions.keep_levels import keep_levels, touch_cells_of
from competencies.calc.work_days import FIRST_DAY
from competencies.exchange.judgment_file import JudgmentRow
from database.areas import acting_as
from people.roles import COUNSELLOR, SCHOOL_ADMINISTRATOR

# Told by name; all are counted.
TOLD = 1000
UUID_FORM = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"

_MAKE = """
DROP TABLE IF EXISTS pg_temp.judgment_stage, pg_temp.judgment_read;
CREATE TEMPORARY TABLE judgment_stage (
    line integer, student text, competency text, level text, worked_on date, judged_by text, kind text, reason text,
    field text, said text
) ON COMMIT DROP
"""

# The level is a rank or a label of the newest version of the scale of the competency's framework.
_READ = """
CREATE TEMPORARY TABLE judgment_read ON COMMIT DROP AS
WITH newest AS (
    SELECT DISTINCT ON (scale_id) id, scale_id, levels FROM learning.competencies_masteryscaleversion
    ORDER BY scale_id, number DESC
), named AS (
    SELECT n.scale_id, n.id AS version_id, t.rank::int AS rank, s.said
    FROM newest n CROSS JOIN LATERAL jsonb_array_elements(n.levels) WITH ORDINALITY AS t (level, rank)
    CROSS JOIN LATERAL (VALUES (t.rank::text), (lower(t.level->>'label'))) AS s (said)
), person AS (
    -- A username is nobody's identifier: whoever is named by the one is asked for by it first.
    SELECT DISTINCT ON (n.said) n.said, u.id
    FROM (SELECT student AS said FROM judgment_stage UNION SELECT judged_by FROM judgment_stage) n
    JOIN learning.people_user u ON u.username = n.said OR u.uuid = CASE WHEN n.said ~ %(uuid)s THEN n.said::uuid END
    ORDER BY n.said, u.username = n.said DESC
), competency AS (
    SELECT n.said, min(c.id) AS id, count(c.id) AS found
    FROM (SELECT DISTINCT competency AS said FROM judgment_stage) n
    JOIN learning.competencies_competency c
        ON c.uuid = CASE WHEN n.said ~ %(uuid)s THEN n.said::uuid END OR c.code = n.said AND n.said !~ %(uuid)s
    GROUP BY n.said
), judge AS (
    SELECT p.said, u.id, k.kinds,
           (k.kinds && ARRAY['teacher'] OR EXISTS (SELECT FROM learning.enrollments_sectioneducator e WHERE e.educator_id = u.id))
           AS teaches, k.kinds_now && ARRAY['student', 'finance_officer', 'payment_releaser', 'auditor'] AS never
    FROM person p JOIN learning.people_user u ON u.id = p.id
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(r.kind::text), '{}') AS kinds, coalesce(array_agg(r.kind::text) FILTER (
            WHERE r.starts_on <= %(today)s AND (r.ends_on IS NULL OR r.ends_on > %(today)s)), '{}') AS kinds_now
        FROM learning.people_role r WHERE r.user_id = u.id) k
    WHERE p.said IN (SELECT judged_by FROM judgment_stage)
)
SELECT s.line, u.id AS student_id, c.id AS competency_id, l.version_id, l.rank, s.kind, s.reason, s.worked_on,
       j.id AS judged_by_id,
       CASE WHEN s.said IS NOT NULL THEN s.field
            WHEN u.id IS NULL THEN 'student' WHEN j.id IS NULL THEN 'judged_by' WHEN k.id IS NULL THEN 'competency'
            WHEN k.found > 1 THEN 'competency many'
            WHEN j.never OR NOT (j.teaches OR s.kind IN ('diagnostic', 'transfer') AND j.kinds && %(may_otherwise)s)
            THEN 'judged_by no educator'
            WHEN l.rank IS NULL THEN 'level' WHEN s.worked_on NOT BETWEEN %(first)s AND %(today)s THEN 'worked_on'
            WHEN s.kind <> 'transfer' AND c.retired_on <= s.worked_on THEN 'competency retired'
            WHEN s.kind NOT IN ('judgment', 'diagnostic', 'transfer', 'override') THEN 'kind'
            WHEN s.kind = 'override' AND s.reason = '' THEN 'reason' END AS field,
       s.said
FROM judgment_stage s
LEFT JOIN person u ON u.said = s.student
LEFT JOIN judge j ON j.said = s.judged_by
LEFT JOIN competency k ON k.said = s.competency
LEFT JOIN learning.competencies_competency c ON c.id = k.id
LEFT JOIN learning.competencies_framework f ON f.id = c.framework_id
LEFT JOIN named l ON l.scale_id = f.scale_id AND l.said = lower(s.level)
"""

# Not what is on file already, nor what the file says a second time; in the order of the cells, then of the lines.
_WRITE = """
INSERT INTO learning.competencies_masteryjudgment
    (student_id, competency_id, version_id, rank, kind, reason, worked_on, judged_by_id, recorded_at)
SELECT student_id, competency_id, version_id, rank, kind, reason, worked_on, judged_by_id, %(at)s
FROM (SELECT DISTINCT ON (student_id, competency_id, worked_on, version_id, rank, kind, judged_by_id) *
      FROM judgment_read WHERE field IS NULL
      ORDER BY student_id, competency_id, worked_on, version_id, rank, kind, judged_by_id, line) r
WHERE NOT EXISTS (SELECT FROM learning.competencies_masteryjudgment j
                  WHERE j.student_id = r.student_id AND j.competency_id = r.competency_id AND j.worked_on = r.worked_on
                    AND j.version_id = r.version_id AND j.rank = r.rank AND j.kind = r.kind
                    AND j.judged_by_id = r.judged_by_id)
ORDER BY student_id, competency_id, worked_on, line
"""

# What the file's own reader did not say.
WAYS_OUT = {
    "student": "There is no person of this username or identifier; bring the roster first.",
    "judged_by": "There is no person of this username or identifier; bring the roster first.",
    "judged_by no educator": "This person is no educator: holds no teacher's role and teaches no class, or is a student or works "
    "with the money. Name who judged the work.",
    "competency retired": "It was retired before this day; name the competency that replaces it, or leave the row out.",
    "competency": "There is no competency of this identifier or code; bring the framework first.",
    "competency many": "Several frameworks have this code; give the identifier.",
    "level": "It is a level's number or label in the newest version of the framework's scale.",
    "worked_on": f"It is a day from {FIRST_DAY} to today.",
    "kind": "It is judgment, diagnostic, transfer or override.",
    "reason": "An override gives its reason.",
}


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not taken: its line, the field and the way out."""

    line: int
    field: str
    said: str


@dataclass(frozen=True, slots=True)
class JudgmentIntake:
    """How many rows came out how; `refusals` holds the first TOLD of the refused."""

    created: int
    exists: int
    refused: int
    refusals: list[RefusedRow] = field(default_factory=list)


class _TakeBack(Exception):
    """Ends a dry run's transaction."""


def import_judgments(*, rows: Iterable[JudgmentRow], at: datetime.datetime, dry_run: bool = False) -> JudgmentIntake:
    """Record the good rows, all in one transaction, and bring the levels in step; `at` (aware, UTC) is when they became
    known here. A row that is on file already, withdrawn or not, writes nothing. A dry run does all of it and takes it back."""
    done: list[JudgmentIntake] = []
    try:
        with acting_as("area_learning"):
            done.append(_import(rows, at))
            if dry_run:
                raise _TakeBack
    except _TakeBack:
        pass
    return done[0]


def _import(rows: Iterable[JudgmentRow], at: datetime.datetime) -> JudgmentIntake:
    may_otherwise = [COUNSELLOR, SCHOOL_ADMINISTRATOR]
    today = at.astimezone(datetime.UTC).date()
    with connection.cursor() as cursor:
        cursor.execute(_MAKE)
        staged = 0
        with cursor.copy("COPY judgment_stage FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
                staged += 1
        cursor.execute("ANALYZE judgment_stage")
        cursor.execute(_READ, {"first": FIRST_DAY, "today": today, "uuid": UUID_FORM, "may_otherwise": may_otherwise})
        cursor.execute("ANALYZE judgment_read")
        cursor.execute("SELECT count(*) FROM judgment_read WHERE field IS NOT NULL")
        refused = cursor.fetchone()[0]
        cursor.execute(
            "SELECT line, field, said FROM judgment_read WHERE field IS NOT NULL ORDER BY line LIMIT %s",
            [TOLD],
        )
        refusals = [RefusedRow(line, about.split(" ")[0], said or WAYS_OUT[about]) for line, about, said in cursor.fetchall()]
        touch_cells_of("SELECT student_id, competency_id FROM judgment_read WHERE field IS NULL")
        cursor.execute(_WRITE, {"at": at})
        created = cursor.rowcount
        if created:
            keep_levels()
    return JudgmentIntake(created, staged - refused - created, refused, refusals)
