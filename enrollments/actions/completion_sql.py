"""The statements of `completion_stage`. All temporary tables begin with `intake_` and go with the transaction.

A pair is an enrollment and an assignment. `mine` is the latest row under the staged row's own source id, `held` the
latest row of its pair; an even sequence states, an odd one voids.
"""

MAKE_STAGE = """
DROP TABLE IF EXISTS pg_temp.intake_stage, pg_temp.intake_repeat, pg_temp.intake_rest, pg_temp.intake_left,
    pg_temp.intake_void;
CREATE TEMPORARY TABLE intake_stage (
    row integer, source_id text COLLATE "C", enrollment text, assignment text, completed_on date,
    carried_over boolean, void boolean, reason text, field text, detail text
) ON COMMIT DROP
"""

COPY_STAGE = "COPY intake_stage FROM STDIN"

# The second and later rows of one source id, and whether they say what the first said.
FIND_REPEATS = """
CREATE TEMPORARY TABLE intake_repeat ON COMMIT DROP AS
WITH repeated AS (
    SELECT source_id, min(row) AS first_row FROM intake_stage WHERE reason IS NULL
    GROUP BY source_id HAVING count(*) > 1
)
SELECT s.row, r.first_row,
       (s.enrollment, s.assignment, s.completed_on, s.carried_over, s.void)
       IS NOT DISTINCT FROM (f.enrollment, f.assignment, f.completed_on, f.carried_over, f.void) AS same
FROM repeated r
JOIN intake_stage f ON f.row = r.first_row
JOIN intake_stage s ON s.source_id = r.source_id AND s.reason IS NULL AND s.row > r.first_row
"""

MAKE_REST = "CREATE TEMPORARY TABLE intake_rest (LIKE intake_stage) ON COMMIT DROP"

_MINE = """
LEFT JOIN LATERAL (
    SELECT c.enrollment_id, c.assignment_id, c.sequence, c.source_revision, c.completed_on, c.carried_over
    FROM learning.enrollments_completion c
    WHERE c.source_system_id = %(source)s AND c.source_id = s.source_id
    ORDER BY c.source_revision DESC LIMIT 1
) mine ON true
"""

# Voids come first, so that a pair that one row frees can be stated by another of the same batch.
VOID_LOOKUP = f"""
CREATE TEMPORARY TABLE intake_void ON COMMIT DROP AS
SELECT s.row, s.source_id, mine.enrollment_id, mine.assignment_id, mine.sequence, mine.source_revision,
       mine.completed_on, mine.carried_over,
       CASE WHEN mine.sequence IS NULL THEN 'refused' WHEN mine.sequence %% 2 = 1 THEN 'exists' ELSE 'created' END
       AS status
FROM intake_stage s {_MINE}
WHERE s.void AND s.reason IS NULL AND NOT EXISTS (SELECT FROM intake_repeat r WHERE r.row = s.row)
"""

_COLUMNS = """learning.enrollments_completion
    (enrollment_id, assignment_id, sequence, source_system_id, source_id, source_revision, completed_on,
     carried_over, batch_id)"""

VOID_WRITE = f"""
INSERT INTO {_COLUMNS}
SELECT enrollment_id, assignment_id, sequence + 1, %(source)s, source_id, source_revision + 1, completed_on,
       carried_over, %(batch)s
FROM intake_void WHERE status = 'created' ORDER BY enrollment_id, assignment_id
"""

# The bulk; what it could not add is left in `intake_rest`. Sorted, so that one enrollment's rows lie together and two
# intakes take keys in one order. Answers how many rows were added and how many are left.
_INSERT_NEW = f"""
WITH added AS (
    INSERT INTO {_COLUMNS}
    SELECT e.id, a.id, 0, %(source)s, s.source_id, 0, s.completed_on, s.carried_over, %(batch)s
    FROM intake_stage s
    JOIN learning.enrollments_enrollment e ON e.code = s.enrollment
    JOIN learning.enrollments_offering o ON o.id = e.offering_id
    JOIN learning.enrollments_assignment a ON a.offering_id = e.offering_id AND a.code = s.assignment
    WHERE s.reason IS NULL AND NOT s.void AND s.completed_on <= %(today)s AND a.stakes = 'low'
      AND (%(provider)s::bigint IS NULL OR o.provider_id = %(provider)s)
      AND NOT EXISTS (SELECT FROM intake_repeat r WHERE r.row = s.row)
    ORDER BY e.id, a.id, s.row
    ON CONFLICT {{keys}} DO NOTHING
    RETURNING source_id
), rest AS (
    INSERT INTO intake_rest
    SELECT s.* FROM intake_stage s
    WHERE s.reason IS NULL AND NOT s.void AND NOT EXISTS (SELECT FROM added n WHERE n.source_id = s.source_id)
      AND NOT EXISTS (SELECT FROM intake_repeat r WHERE r.row = s.row)
    RETURNING 1
)
SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM rest)
"""
# To ask one key instead of both saves a fifth of the whole. An id that comes with another pair than before then
# raises a unique violation, and the intake starts over, asking both.
ASK_PAIRS = _INSERT_NEW.format(keys="(enrollment_id, assignment_id, sequence)")
ASK_PAIRS_AND_IDS = _INSERT_NEW.format(keys="")

_REASON = """
CASE WHEN mine_states AND mine_enrollment_id = enrollment_id AND mine_assignment_id = assignment_id
          AND mine_completed_on = completed_on AND mine_carried_over = carried_over THEN 'exists'
     WHEN enrollment_id IS NULL THEN 'unknown_enrolment'
     WHEN assignment_id IS NULL THEN 'unknown_assignment'
     WHEN stakes <> 'low' THEN 'high_stakes'
     WHEN completed_on > %(today)s THEN 'future_date'
     WHEN held_states AND NOT (held_is_ours AND held_source_id = source_id) THEN 'stated_under_another_id'
     WHEN mine_states AND NOT %(apply)s THEN 'changed'
     ELSE 'takes' END
"""

LEFT_LOOKUP = f"""
CREATE TEMPORARY TABLE intake_left ON COMMIT DROP AS
WITH found AS (
    SELECT s.row, s.source_id, s.enrollment, s.assignment, s.completed_on, s.carried_over,
           e.id AS enrollment_id, a.id AS assignment_id, a.stakes,
           mine.enrollment_id AS mine_enrollment_id, mine.assignment_id AS mine_assignment_id,
           mine.sequence AS mine_sequence, mine.source_revision AS mine_revision,
           mine.completed_on AS mine_completed_on, mine.carried_over AS mine_carried_over,
           coalesce(mine.sequence %% 2 = 0, false) AS mine_states,
           held.sequence AS held_sequence, held.source_id AS held_source_id,
           held.source_system_id = %(source)s AS held_is_ours, coalesce(held.sequence %% 2 = 0, false) AS held_states
    FROM intake_rest s
    LEFT JOIN (learning.enrollments_enrollment e JOIN learning.enrollments_offering o ON o.id = e.offering_id
               AND (%(provider)s::bigint IS NULL OR o.provider_id = %(provider)s)) ON e.code = s.enrollment
    LEFT JOIN learning.enrollments_assignment a ON a.offering_id = e.offering_id AND a.code = s.assignment
    {_MINE}
    LEFT JOIN LATERAL (
        SELECT c.sequence, c.source_system_id, c.source_id FROM learning.enrollments_completion c
        WHERE c.enrollment_id = e.id AND c.assignment_id = a.id ORDER BY c.sequence DESC LIMIT 1
    ) held ON true
), judged AS (
    SELECT *, {_REASON} AS reason FROM found
), ranked AS (
    SELECT *, CASE WHEN reason = 'takes'
                   THEN row_number() OVER (PARTITION BY enrollment_id, assignment_id, reason ORDER BY row) ELSE 1
              END AS place FROM judged
)
SELECT *, CASE WHEN place > 1 THEN 'conflict'
               WHEN reason = 'exists' THEN 'exists'
               WHEN reason IN ('changed', 'stated_under_another_id') THEN 'conflict'
               WHEN reason <> 'takes' THEN 'refused'
               WHEN mine_states THEN 'changed'
               ELSE 'created' END AS status
FROM ranked
"""

CHANGE_VOID = f"""
INSERT INTO {_COLUMNS}
SELECT mine_enrollment_id, mine_assignment_id, mine_sequence + 1, %(source)s, source_id, mine_revision + 1,
       mine_completed_on, mine_carried_over, %(batch)s
FROM intake_left WHERE status = 'changed' ORDER BY 1, 2
"""

# A change of the same pair follows its own void; any other statement follows whatever the pair holds.
STATE_AGAIN = f"""
INSERT INTO {_COLUMNS}
SELECT enrollment_id, assignment_id, coalesce(held_sequence + CASE WHEN held_states THEN 2 ELSE 1 END, 0),
       %(source)s, source_id, coalesce(mine_revision + CASE WHEN mine_states THEN 2 ELSE 1 END, 0), completed_on,
       carried_over, %(batch)s
FROM intake_left WHERE status IN ('changed', 'created') ORDER BY 1, 2
"""

KEEP_UNMATCHED = """
INSERT INTO learning.enrollments_unmatchedcompletion
    (source_system_id, source_id, kind, enrollment_code, assignment_code, completed_on, batch_id)
SELECT %(source)s, source_id, reason, enrollment, assignment, completed_on, %(batch)s
FROM intake_left WHERE status = 'refused' AND reason IN ('unknown_enrolment', 'unknown_assignment', 'future_date')
ORDER BY row
ON CONFLICT DO NOTHING
"""

_LEFT_FIELD = """
CASE reason WHEN 'unknown_enrolment' THEN 'enrollment' WHEN 'unknown_assignment' THEN 'assignment'
            WHEN 'high_stakes' THEN 'assignment' WHEN 'future_date' THEN 'completed_on' ELSE 'source_id' END
"""

# Every staged row once. A repeat that says the same as its first comes out as that one did, but adds nothing.
# Another source's id is not shown: only that the work is already stated.
OUTCOMES = f"""
WITH judged AS (
    SELECT l.row, l.status,
           CASE WHEN l.status IN ('created', 'exists') THEN '' WHEN l.place > 1 THEN 'stated_under_another_id'
                WHEN l.reason = 'takes' THEN 'changed' ELSE l.reason END AS reason,
           CASE WHEN l.status IN ('created', 'exists') THEN '' WHEN l.place > 1 THEN 'source_id' ELSE {_LEFT_FIELD} END
           AS field,
           CASE WHEN l.place > 1 THEN 'An earlier row states the same enrollment and assignment'
                WHEN l.reason = 'stated_under_another_id'
                THEN 'This work is already stated' || CASE WHEN l.held_is_ours THEN ' as ' || l.held_source_id
                                                           ELSE ' by another source' END
                ELSE '' END AS detail,
           CASE WHEN l.differs THEN
               ARRAY[e.code, a.code, l.mine_completed_on::text, l.mine_carried_over::text] END AS old,
           CASE WHEN l.differs THEN
               ARRAY[l.enrollment, l.assignment, l.completed_on::text, l.carried_over::text] END AS new
    FROM (SELECT *, mine_states AND place = 1 AND reason IN ('changed', 'takes') AS differs FROM intake_left) l
    LEFT JOIN learning.enrollments_enrollment e ON l.differs AND e.id = l.mine_enrollment_id
    LEFT JOIN learning.enrollments_assignment a ON l.differs AND a.id = l.mine_assignment_id
    UNION ALL
    SELECT row, status, CASE status WHEN 'refused' THEN 'unknown_source_id' ELSE '' END,
           CASE status WHEN 'refused' THEN 'source_id' ELSE '' END, '', NULL, NULL
    FROM intake_void
)
SELECT s.row, s.source_id,
       CASE WHEN s.reason IS NOT NULL OR NOT r.same THEN 'refused'
            WHEN r.row IS NULL THEN coalesce(j.status, 'created')
            WHEN j.status IN ('conflict', 'refused') THEN j.status ELSE 'exists' END AS status,
       coalesce(s.reason, CASE WHEN NOT r.same THEN 'duplicate_id' ELSE j.reason END, '') AS reason,
       coalesce(s.field, CASE WHEN NOT r.same THEN 'source_id' ELSE j.field END, '') AS field,
       coalesce(s.detail, CASE WHEN NOT r.same THEN 'Row ' || r.first_row || ' has this id with other content'
                               ELSE j.detail END, '') AS detail,
       coalesce(s.void, false) AS void, CASE WHEN r.row IS NULL THEN j.old END AS old,
       CASE WHEN r.row IS NULL THEN j.new END AS new
FROM intake_stage s
LEFT JOIN intake_repeat r ON r.row = s.row
LEFT JOIN judged j ON j.row = coalesce(r.first_row, s.row)
"""
