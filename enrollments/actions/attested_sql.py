"""The statements of `record_attested`: rows staged in temporary tables `attested_*`, then written set by set.

`held` is the latest row on file of the same enrollment and name (and, of a need, first day); `states` says whether it states
anything still.
"""

from dataclasses import dataclass

MAKE_STAGE = """
DROP TABLE IF EXISTS pg_temp.attested_stage;
CREATE TEMPORARY TABLE attested_stage (
    row integer, enrollment text, name text, from_on date, content text, void boolean, reason text, field text, detail text
) ON COMMIT DROP
"""
COPY_STAGE = "COPY attested_stage FROM STDIN"

DROP_FOUND = "DROP TABLE IF EXISTS pg_temp.attested_found"

_FIND = """
CREATE TEMPORARY TABLE attested_found ON COMMIT DROP AS
WITH placed AS (
    SELECT s.row, s.name, s.from_on, s.content, s.void, e.id AS enrollment_id, e.enrolled_on,
           row_number() OVER same_key AS place, first_value(s.row) OVER same_key AS first_row,
           (s.content, s.void) IS NOT DISTINCT FROM (first_value(s.content) OVER same_key, first_value(s.void) OVER same_key)
           AS same
    FROM attested_stage s
    LEFT JOIN (learning.enrollments_enrollment e JOIN learning.enrollments_offering o ON o.id = e.offering_id
               JOIN learning.enrollments_course c ON c.id = o.course_id AND c.catalogue = %(catalogue)s) ON e.code = s.enrollment
    WHERE s.reason IS NULL
    WINDOW same_key AS (PARTITION BY s.enrollment, s.name, s.from_on ORDER BY s.row)
), found AS (
    SELECT p.*, held.sequence AS held_sequence, held.content AS held_content, coalesce(held.states, false) AS held_states
    FROM placed p LEFT JOIN LATERAL ({held}) held ON true
)
SELECT row, name, from_on, content, void, enrollment_id, first_row, held_sequence, held_content, held_states,
       CASE WHEN NOT same THEN 'repeated'
            WHEN enrollment_id IS NULL THEN 'unknown_enrolment'
            {refused}
            WHEN void AND held_sequence IS NULL THEN 'nothing_to_void'
            WHEN place > 1 THEN 'exists'
            WHEN void THEN CASE WHEN held_states THEN 'voids' ELSE 'exists' END
            WHEN NOT held_states THEN 'states'
            WHEN held_content IS NOT DISTINCT FROM content THEN 'exists'
            WHEN %(apply)s THEN 'changes'
            ELSE 'changed' END AS verdict
FROM found
"""

# The void goes first and repeats what it voids; what is stated anew follows it.
_VOID = """
INSERT INTO {table} (enrollment_id, {columns}, sequence, attested_by_id, batch_id)
SELECT f.enrollment_id, {held_values}, f.held_sequence + 1, %(by)s, %(batch)s
FROM attested_found f WHERE f.verdict IN ('voids', 'changes') ORDER BY 1, f.row
"""
_STATE = """
INSERT INTO {table} (enrollment_id, {columns}, sequence, attested_by_id, batch_id)
SELECT f.enrollment_id, {values}, coalesce(f.held_sequence + CASE f.verdict WHEN 'changes' THEN 2 ELSE 1 END, 0), %(by)s, %(batch)s
FROM attested_found f WHERE f.verdict IN ('states', 'changes') ORDER BY 1, f.row
"""


@dataclass(frozen=True)
class Fact:
    """How one kind of fact is found and written. `name` and `content` are its fields, as a file calls them."""

    name: str
    content: str
    dated: str
    find: str
    write: tuple[str, ...]


_MILESTONE = {"table": "learning.enrollments_attestedmilestone", "columns": "milestone, attained_on"}
_NEED = {"table": "learning.enrollments_need", "columns": "category, from_on, to_on"}

FACTS = {
    "milestones": Fact(
        name="milestone",
        content="attained_on",
        dated="attained_on",
        find=_FIND.format(
            held="SELECT m.sequence, m.attained_on::text AS content, m.sequence %% 2 = 0 AS states "
            "FROM learning.enrollments_attestedmilestone m "
            "WHERE m.enrollment_id = p.enrollment_id AND m.milestone = p.name ORDER BY m.sequence DESC LIMIT 1",
            refused="WHEN NOT EXISTS (SELECT FROM learning.enrollments_milestone k WHERE k.code = name) THEN 'unknown_milestone' "
            "WHEN content::date > %(today)s THEN 'future_date' WHEN content::date < enrolled_on THEN 'before_enrolment'",
        ),
        write=(
            _VOID.format(held_values="f.name, f.held_content::date", **_MILESTONE),
            _STATE.format(values="f.name, f.content::date", **_MILESTONE),
        ),
    ),
    "needs": Fact(
        name="category",
        content="to_on",
        dated="from_on",
        find=_FIND.format(
            held="SELECT n.sequence, n.to_on::text AS content, n.sequence %% 2 = 0 AS states FROM learning.enrollments_need n "
            "WHERE n.enrollment_id = p.enrollment_id AND n.category = p.name AND n.from_on IS NOT DISTINCT FROM p.from_on "
            "ORDER BY n.sequence DESC LIMIT 1",
            refused="WHEN from_on > %(today)s THEN 'future_date'",
        ),
        write=(
            _VOID.format(held_values="f.name, f.from_on, f.held_content::date", **_NEED),
            _STATE.format(values="f.name, f.from_on, f.content::date", **_NEED),
        ),
    ),
    # The latest row counts, so a change is one further row, and a void one without an amount.
    "prior_learning": Fact(
        name="measure",
        content="amount",
        dated="amount",
        find=_FIND.format(
            held="SELECT 0 AS sequence, l.numerator || '/' || l.denominator AS content, l.numerator IS NOT NULL AS states "
            "FROM learning.enrollments_priorlearning l "
            "WHERE l.enrollment_id = p.enrollment_id AND l.measure = p.name ORDER BY l.id DESC LIMIT 1",
            refused="",
        ),
        write=(
            """
INSERT INTO learning.enrollments_priorlearning (enrollment_id, measure, numerator, denominator, attested_by_id, batch_id)
SELECT f.enrollment_id, f.name, split_part(f.content, '/', 1)::bigint, split_part(f.content, '/', 2)::bigint, %(by)s, %(batch)s
FROM attested_found f WHERE f.verdict IN ('states', 'changes', 'voids') ORDER BY 1, f.row
""",
        ),
    ),
}

# Every staged row once: status, reason, what is on file and what was sent where the two differ.
OUTCOMES = """
SELECT s.row,
       CASE WHEN s.reason IS NOT NULL THEN 'refused' WHEN f.verdict IN ('states', 'voids') THEN 'created'
            WHEN f.verdict = 'exists' THEN 'exists' WHEN f.verdict = 'changes' THEN 'changed'
            WHEN f.verdict = 'changed' THEN 'conflict' ELSE 'refused' END AS status,
       coalesce(s.reason, CASE f.verdict WHEN 'changes' THEN 'changed' ELSE f.verdict END) AS reason,
       coalesce(s.field, '') AS field, coalesce(s.detail, '') AS detail, f.first_row,
       CASE WHEN f.verdict IN ('changed', 'changes') THEN coalesce(f.held_content, '') END AS old, coalesce(f.content, '') AS new
FROM attested_stage s LEFT JOIN attested_found f ON f.row = s.row
"""
