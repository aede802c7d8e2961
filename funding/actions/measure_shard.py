"""Measure a shard of a night: what its enrollments have completed, and what else their policies ask, into tables of its own.

The tables last from the shard's first transaction to its second: dirty, work, part, counted, outside, measured.
"""

import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.backends.utils import CursorWrapper

from funding.calc.circumstances import asked_of, spans
from funding.calc.engine.recorded import Reads
from funding.models import PolicyVersion, Program

# A table of the shard's own, whose size the planner knows: of the work list's it would guess a single row, right after an import,
# and walk every change for each of twenty thousand.
_LISTED = """
CREATE TEMPORARY TABLE listed AS
SELECT enrollment_id FROM funding_rundirty WHERE run_id = %(run)s AND shard = %(shard)s
"""

# The shard's enrollments with their dates as of the night's watermark: where an intake has changed them since, what
# they were before the first such change. An unknown start refuses nothing, no withdrawal ends nothing.
# `policy_version` is null where no policy was in force when learning started.
_DIRTY = """
CREATE TEMPORARY TABLE dirty AS
SELECT e.id AS enrollment_id, e.provider_id, e.offering_id, span.policy_version, span.asked, e.starts_on,
       year.id AS year_id,
       CASE WHEN span.by_day THEN e.starts_on ELSE span.rate_from END AS rate_from,
       coalesce(e.enrolled_on, '-infinity') AS enrolled_on, coalesce(e.withdrawn_on, 'infinity') AS withdrawn_on
FROM (SELECT f.id, f.provider_id, f.offering_id,
             CASE WHEN later.id IS NULL THEN f.enrolled_on ELSE later.enrolled_on_before END AS enrolled_on,
             CASE WHEN later.id IS NULL THEN f.withdrawn_on ELSE later.withdrawn_on_before END AS withdrawn_on,
             CASE WHEN later.id IS NULL THEN f.learning_starts_on ELSE later.learning_starts_on_before END AS starts_on
      FROM listed d JOIN enrollment_facts f ON f.id = d.enrollment_id
      LEFT JOIN (SELECT DISTINCT ON (enrollment_id) * FROM enrollment_change_facts WHERE batch_id > %(through_batch)s
                 ORDER BY enrollment_id, id) later ON later.enrollment_id = f.id) e
LEFT JOIN unnest(%(versions)s::bigint[], %(firsts)s::date[], %(lasts)s::date[], %(rates)s::date[], %(by_day)s::boolean[],
                 %(asked)s::jsonb[]) AS span (policy_version, first_on, last_on, rate_from, by_day, asked)
     ON e.starts_on BETWEEN span.first_on AND span.last_on
LEFT JOIN funding_yearahead year ON year.program_id = %(program)s AND e.starts_on BETWEEN year.first_on AND year.last_on
"""

# What a version asks beyond the plain figures, as far as this night sees it (calc/circumstances.py names the keys). A need
# counts that stood on the day on which learning started.
_PIECES = {
    "needs": """(SELECT jsonb_agg(DISTINCT n.category ORDER BY n.category)
                 FROM (SELECT category FROM need_facts
                       WHERE enrollment_id = d.enrollment_id AND batch_id <= %(through_batch)s AND d.asked -> 'needs' ? category
                         AND coalesce(from_on, '-infinity') <= d.starts_on AND coalesce(to_on, 'infinity') >= d.starts_on
                       GROUP BY category, from_on, to_on HAVING sum(1 - 2 * (sequence %% 2)) > 0) n)""",
    "milestones": """(SELECT jsonb_agg(DISTINCT m.milestone ORDER BY m.milestone)
                      FROM (SELECT milestone FROM milestone_facts
                            WHERE enrollment_id = d.enrollment_id AND batch_id <= %(through_batch)s AND attained_on <= %(on)s
                              AND d.asked -> 'milestones' ? milestone
                            GROUP BY milestone, attained_on HAVING sum(1 - 2 * (sequence %% 2)) > 0) m)""",
    "prior_learning": """(SELECT jsonb_object_agg(p.measure, p.amount)
                          FROM (SELECT DISTINCT ON (measure) measure, amount FROM prior_learning_facts
                                WHERE enrollment_id = d.enrollment_id AND batch_id <= %(through_batch)s
                                  AND d.asked -> 'prior_learning' ? measure ORDER BY measure, id DESC) p
                          WHERE p.amount IS NOT NULL)""",
    "course": "(SELECT o.course_code FROM offering_facts o WHERE o.id = d.offering_id)",
    "provider": "(SELECT p.code FROM provider_facts p WHERE p.id = d.provider_id)",
    # The last days of months from the first day of learning to the last so far.
    "months_learned": """least((d.asked -> 'months_learned')::int, greatest(0, (
                         (date_part('year', d.until_on + 1) - date_part('year', d.starts_on)) * 12
                         + date_part('month', d.until_on + 1) - date_part('month', d.starts_on))::int))""",
    "days_learned": "least((d.asked -> 'days_learned')::int, greatest(0, d.until_on - d.starts_on + 1))",
    "begun": "(d.starts_on > %(on)s OR d.withdrawn_on < d.starts_on OR NULL)",
}
_CALLED = {"begun": "not_begun"}
_CIRCUMSTANCES = """
CREATE TEMPORARY TABLE circumstances AS
SELECT d.enrollment_id, jsonb_strip_nulls(jsonb_build_object({pieces})) AS told
FROM (SELECT *, least(withdrawn_on, %(on)s)::date AS until_on FROM dirty WHERE asked <> '{{}}') d
"""

# The work that can pay in their offerings, as far as this night sees it.
_WORK = """
CREATE TEMPORARY TABLE work AS
SELECT a.id AS assignment_id, a.module_id, a.offering_id FROM assignment_facts a
WHERE a.offering_id IN (SELECT offering_id FROM dirty) AND a.batch_id <= %(through_batch)s
"""
# The modules of their offerings, with their credit and how much work each requires.
_PART = """
CREATE TEMPORARY TABLE part AS
SELECT o.id AS offering_id, m.id AS module_id, m.credit_numerator::bigint, m.credit_denominator::bigint,
       count(w.assignment_id)::int AS required
FROM (SELECT id, course_id FROM offering_facts WHERE id IN (SELECT offering_id FROM dirty)) o
JOIN module_facts m ON m.course_id = o.course_id
LEFT JOIN work w ON w.offering_id = o.id AND w.module_id = m.id
GROUP BY o.id, m.id, m.credit_numerator, m.credit_denominator
"""

# What they completed while enrolled (`completed`) and outside that time (`outside`), by module. A void carries the
# dates of the row that it voids, so the signs of a pair cancel.
_COUNTED = """
CREATE TEMPORARY TABLE counted AS
SELECT c.enrollment_id, a.module_id,
       sum(c.sign) FILTER (WHERE c.inside) AS completed, sum(c.sign) FILTER (WHERE NOT c.inside) AS outside
FROM dirty d
CROSS JOIN LATERAL (SELECT f.enrollment_id, f.assignment_id, 1 - 2 * (f.sequence %% 2) AS sign,
                           f.completed_on BETWEEN d.enrolled_on AND d.withdrawn_on AS inside
                    FROM (SELECT * FROM completion_facts WHERE enrollment_id = d.enrollment_id OFFSET 0) f
                    WHERE f.batch_id <= %(through_batch)s AND f.completed_on <= %(on)s AND NOT f.carried_over) c
JOIN work a USING (assignment_id)
GROUP BY c.enrollment_id, a.module_id
"""

# Completions that stand outside their enrollment's dates, each with the kind of its discrepancy.
_OUTSIDE = """
CREATE TEMPORARY TABLE outside AS
SELECT c.enrollment_id, a.module_id, c.assignment_id, c.sequence, d.provider_id,
       CASE WHEN c.completed_on < d.enrolled_on THEN 'before_enrolment' ELSE 'after_withdrawal' END AS kind
FROM (SELECT * FROM dirty WHERE enrollment_id IN (SELECT enrollment_id FROM counted WHERE outside <> 0) OFFSET 0) d
CROSS JOIN LATERAL (SELECT DISTINCT ON (f.assignment_id) f.enrollment_id, f.assignment_id, f.sequence, f.completed_on
                    FROM (SELECT * FROM completion_facts WHERE enrollment_id = d.enrollment_id OFFSET 0) f
                    WHERE f.batch_id <= %(through_batch)s AND f.completed_on <= %(on)s AND NOT f.carried_over
                      AND f.completed_on NOT BETWEEN d.enrolled_on AND d.withdrawn_on
                    ORDER BY f.assignment_id, f.sequence DESC) c
JOIN work a USING (assignment_id)
WHERE c.sequence %% 2 = 0
"""

# Module by module: an accepted discrepancy counts, a dismissed one never does, any other is held.
_DECIDED = """
    SELECT o.enrollment_id, o.module_id, count(*) AS decided, count(*) FILTER (WHERE r.outcome = 'accepted') AS accepted
    FROM outside o
    JOIN funding_discrepancy x ON x.program_id = %(program)s
         AND (x.enrollment_id, x.assignment_id, x.sequence) = (o.enrollment_id, o.assignment_id, o.sequence)
    JOIN funding_discrepancyresolution r ON r.discrepancy_id = x.id AND r.consumed_by_id IS NOT NULL
    WHERE r.outcome IN ('accepted', 'dismissed')
    GROUP BY o.enrollment_id, o.module_id
"""
_STATE = """
    SELECT s.* FROM dirty d
    CROSS JOIN LATERAL (SELECT enrollment_id, module_id, case_id, claims, earned_cents, posted_cents, year_ahead_id
                        FROM funding_earningstate WHERE program_id = %(program)s AND enrollment_id = d.enrollment_id OFFSET 0) s
"""
_BESIDE_ITS_STATE = """
       t.required, t.credit_numerator, t.credit_denominator, s.case_id AS case_before, d.year_id, s.year_ahead_id AS year_before,
       coalesce(s.claims, 0) AS claims, coalesce(s.earned_cents, 0) AS earned_before, coalesce(s.posted_cents, 0) AS posted
"""
# The modules that have anything to say; where a version can pay without work, all of them.
_FOR_WORK = "counted c FULL JOIN state s USING (enrollment_id, module_id)"
_FOR_ALL = """(SELECT d.enrollment_id, p.module_id FROM dirty d JOIN part p USING (offering_id)) every
LEFT JOIN counted c USING (enrollment_id, module_id) LEFT JOIN state s USING (enrollment_id, module_id)"""
_BY_MODULE = f"""
CREATE TEMPORARY TABLE measured AS
WITH state AS ({_STATE}), decided AS ({_DECIDED})
SELECT enrollment_id, module_id, d.provider_id, d.offering_id, d.policy_version, d.rate_from, {{told}} AS circumstances,
       (coalesce(c.completed, 0) + coalesce(x.accepted, 0))::int AS completed,
       (coalesce(c.outside, 0) - coalesce(x.decided, 0))::int AS held,
{_BESIDE_ITS_STATE}
FROM {{rows}}
LEFT JOIN decided x USING (enrollment_id, module_id)
JOIN dirty d USING (enrollment_id)
{{circumstances}}
JOIN part t USING (offering_id, module_id)
"""
# Whole enrollments: the sums over their modules, under module 0.
_BY_ENROLLMENT = f"""
CREATE TEMPORARY TABLE measured AS
WITH state AS ({_STATE}), decided AS ({_DECIDED}), done AS (
    SELECT d.enrollment_id, sum(coalesce(c.completed, 0) + coalesce(x.accepted, 0))::int AS completed,
           sum(coalesce(c.outside, 0) - coalesce(x.decided, 0))::int AS held, count(*) AS modules,
           count(*) FILTER (WHERE t.required > 0 AND coalesce(c.completed, 0) + coalesce(x.accepted, 0) >= t.required)
           AS modules_completed
    FROM dirty d JOIN part t USING (offering_id)
    LEFT JOIN counted c USING (enrollment_id, module_id) LEFT JOIN decided x USING (enrollment_id, module_id)
    GROUP BY d.enrollment_id)
SELECT enrollment_id, 0::bigint AS module_id, d.provider_id, d.offering_id, d.policy_version, d.rate_from,
       {{told}} || CASE WHEN d.asked ? 'modules'
                      THEN jsonb_build_object('modules', c.modules, 'modules_completed', c.modules_completed)
                      ELSE '{{{{}}}}' END AS circumstances,
       c.completed, c.held,
{_BESIDE_ITS_STATE}
FROM done c LEFT JOIN state s USING (enrollment_id)
JOIN dirty d USING (enrollment_id)
{{circumstances}}
JOIN whole t USING (offering_id)
"""

# The shard's tables stay from its first transaction to its second; those of an attempt that failed go with the next.
FORGET = "DROP TABLE IF EXISTS " + ", ".join(
    f"pg_temp.{table}"
    for table in (
        "listed", "dirty", "circumstances", "work", "part", "whole", "counted", "outside", "measured", "cases", "priced", "payee",
        "changed", "moved",
    )
)  # fmt: skip


def set_planner(cursor: CursorWrapper) -> None:
    """For this transaction: plans made for the tables of one shard."""
    cursor.execute("SET LOCAL work_mem = '256MB'")
    # Enough for tables that hold one shard: a plan needs their size and shape, not their every value.
    cursor.execute("SET LOCAL default_statistics_target = 10")
    # The figures of a case repeat column by column, so the planner mistrusts a hash of all of them and would rather sort.
    cursor.execute("SET LOCAL enable_mergejoin = off")


def measure_shard(
    *, cursor: CursorWrapper, values: dict[str, Any], program: Program, versions: list[PolicyVersion], reads: Mapping[int, Reads]
) -> None:
    """`values` name the run, shard, watermark and business date; `versions` are in the order of their first days, `reads` by
    their ids. Leaves the tables named above in the transaction."""
    asked = {version: asked_of(one) for version, one in reads.items()}
    values = values | _governing(versions, reads, asked)
    set_planner(cursor)
    cursor.execute(FORGET)
    cursor.execute(_LISTED, values)
    cursor.execute("ANALYZE listed")
    cursor.execute(_DIRTY, values)
    cursor.execute("ANALYZE dirty")
    told = _tell_circumstances(cursor, values, set().union(*asked.values()))
    cursor.execute(_WORK, values)
    cursor.execute("ANALYZE work")
    cursor.execute(_PART, values)
    cursor.execute("ANALYZE part")
    cursor.execute(_COUNTED, values)
    cursor.execute("ANALYZE counted")
    cursor.execute(_OUTSIDE, values)
    if program.unit == Program.Unit.ENROLLMENT:
        _add_up_courses(cursor)
        measured = _BY_ENROLLMENT
    else:
        measured = _BY_MODULE
    rows = _FOR_WORK if all(one.only_for_work for one in reads.values()) else _FOR_ALL
    cursor.execute(measured.format(rows=rows, **told), values)
    cursor.execute("ANALYZE measured")


def _governing(versions: list[PolicyVersion], reads: Mapping[int, Reads], asked: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    found = list(spans([(version.pk, version.in_force_from, reads[version.pk]) for version in versions]))
    columns: list[list[Any]] = [list(column) for column in zip(*found, strict=True)]
    governed: list[int] = columns[0]
    firsts: list[date] = columns[1]
    return {
        "versions": governed,
        "firsts": firsts,
        "lasts": columns[2],
        "rates": columns[3],
        "by_day": [reads[version].by_day for version in governed],
        "asked": [json.dumps(asked[version]) for version in governed],
    }


def _tell_circumstances(cursor: CursorWrapper, values: dict[str, Any], asked: set[str]) -> dict[str, str]:
    """How `measured` comes by the circumstances: from a table of them, or empty where no version asks for any."""
    if not (pieces := [name for name in _PIECES if name in asked]):
        return {"told": "'{}'::jsonb", "circumstances": ""}
    told = ", ".join(f"'{_CALLED.get(name, name)}', CASE WHEN d.asked ? '{name}' THEN {_PIECES[name]} END" for name in pieces)
    cursor.execute(_CIRCUMSTANCES.format(pieces=told), values)
    cursor.execute("ANALYZE circumstances")
    return {"told": "coalesce(k.told, '{}')", "circumstances": "LEFT JOIN circumstances k USING (enrollment_id)"}


def _add_up_courses(cursor: CursorWrapper) -> None:
    """The credit of each offering's whole course, added up exactly, and the work that it requires."""
    cursor.execute("SELECT offering_id, credit_numerator, credit_denominator, required FROM part")
    credit: dict[int, Fraction] = {}
    required: dict[int, int] = {}
    for offering, numerator, denominator, work in cursor.fetchall():
        credit[offering] = credit.get(offering, Fraction(0)) + Fraction(numerator, denominator)
        required[offering] = required.get(offering, 0) + work
    cursor.execute(
        "CREATE TEMPORARY TABLE whole AS SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::int[]) "
        "AS whole (offering_id, credit_numerator, credit_denominator, required)",
        [list(credit), [c.numerator for c in credit.values()], [c.denominator for c in credit.values()],
         [required[offering] for offering in credit]],
    )  # fmt: skip
