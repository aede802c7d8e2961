"""Generated facts, set by set: whole course years of completions and the new ones of a day, the same for the same seed.

A course enrollment has 4 modules of 16 assignments, of which 8 to 12 are completed over the year: 40 completions on
average, so 25,000 enrollments make a million. Rows lie in date order, so those of one enrollment are scattered. The
j-th completion of a module is of assignment (7 j + module enrollment) mod 16, so the next ones are known without
looking. One in 100 was carried over; one in 100 enrollments was withdrawn near the end, so some work comes too late.
"""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from funding.actions.put_in_force import put_in_force

PROGRAM = "bench"
SEED = 20260701
YEAR_STARTS = datetime.date(2025, 8, 1)
# The evening of the full-year night; the last generated completion lies before it.
YEAR_ENDS = datetime.date(2026, 6, 30)
RATES = {datetime.date(2025, 7, 1): "986.88", datetime.date(2025, 9, 15): "1003.21"}
COURSES, MODULES, ASSIGNMENTS = 32, 4, 16

_POLICY = """
policy: completion
name: A program of the bench
currency: USD
in_force_from: 2025-07-01
governed_by: start_of_learning
stakes: low
program: {code: bench, catalogue: bench, fiscal_year_starts_month: 7, unit: module, timetable: by_hand}
basis: {title: The bench, section: invented, link: docs/performance.md}
rounding: {step: "0.01", mode: half_up, of: each_payment}
facts:
  start_of_learning: {is: date, measure: enrollment, label: the day on which learning started}
  credit: {is: number, measure: enrollment, label: credit of the module}
  assigned: {is: number, measure: enrollment, label: low-stakes assignments of the module}
  completed: {is: number, measure: completion, label: low-stakes assignments completed}
lines:
  counted: {says: No more than what was assigned counts., smallest: [completed, assigned]}
  share: {says: The share completed., quotient: {of: counted, by: assigned, if_nothing: zero}}
  earned: {says: "Rate, credit and the share completed.", product: [rate, credit, share]}
pays:
  - {line: earned, to: provider, from: state}
figures:
  rate:
    label: rate per credit
    unit: USD per credit
    values:
"""


@dataclass(frozen=True)
class Size:
    """How much is generated: `completions` about; the rest follows."""

    completions: int

    @property
    def enrollments(self) -> int:
        return self.completions // 40

    @property
    def providers(self) -> int:
        return min(512, max(2, self.enrollments // 8))

    @property
    def offerings(self) -> int:
        return 2 * self.providers


def _values(size: Size) -> dict[str, Any]:
    return {
        "seed": SEED,
        "enrollments": size.enrollments,
        "providers": size.providers,
        "offerings": size.offerings,
        "students": max(1, size.enrollments // 5),
        "starts": YEAR_STARTS,
        "weeks": (YEAR_ENDS - YEAR_STARTS).days // 7 + 1,
    }


def release() -> None:
    """Put the bench's policy in force: two rates, by the start of learning."""
    citation = "{title: The bench, section: invented, link: docs/performance.md}"
    values = "".join(f'      - {{from: {day}, value: "{rate}", citation: {citation}}}\n' for day, rate in RATES.items())
    put_in_force(content=_POLICY + values, written_by=1, approved_by=(2, 3), name="bench.yaml")


# `random` below is a hash of what is drawn for, so that nothing depends on the order of rows.
_RANDOM = "(hashint8extended({of}, %(seed)s) & 2147483647)"
_DONE = "(8 + " + _RANDOM + " %% 5)::int"

_ROSTER = f"""
INSERT INTO learning.people_organization (id, uuid, kind, code, name)
SELECT i, gen_random_uuid(), 'provider', 'P' || lpad(i::text, 4, '0'), 'Provider ' || i FROM generate_series(1, %(providers)s) i;
INSERT INTO learning.people_user (id, uuid, username, full_name, password, works_in_office, is_active)
SELECT i, gen_random_uuid(), 'student-' || i, 'Student ' || i, '!', false, true FROM generate_series(1, %(students)s) i;
INSERT INTO learning.enrollments_sourcesystem (id, code, catalogue) VALUES (1, 'bench', 'bench');
INSERT INTO learning.enrollments_intakebatch (id, source_system_id, kind)
SELECT i, 1, 'bench' FROM generate_series(1, %(weeks)s + 1) i;
INSERT INTO learning.enrollments_course (id, catalogue, code, title)
SELECT i, 'bench', 'C' || i, 'Course ' || i FROM generate_series(1, {COURSES}) i;
INSERT INTO learning.enrollments_module (id, course_id, code, title, credit_numerator, credit_denominator)
SELECT i, (i - 1) / {MODULES} + 1, 'M' || i, 'Module ' || i, 1 + i %% 8, 20 + i / 8
FROM generate_series(1, {COURSES * MODULES}) i;
INSERT INTO learning.enrollments_offering (id, course_id, provider_id, code, entry, starts_on, length_days)
SELECT i, (i * 7) %% {COURSES} + 1, (i - 1) / 2 + 1, 'O' || i, 'open', %(starts)s, 330 FROM generate_series(1, %(offerings)s) i;
INSERT INTO learning.enrollments_assignment (id, offering_id, module_id, code, title, stakes, required, batch_id)
SELECT ((o.id - 1) * {MODULES} + m - 1) * {ASSIGNMENTS} + a, o.id, (o.course_id - 1) * {MODULES} + m, m || '.' || a,
       'Work ' || m || '.' || a, 'low', true, 1
FROM learning.enrollments_offering o, generate_series(1, {MODULES}) m, generate_series(1, {ASSIGNMENTS}) a;
INSERT INTO learning.enrollments_enrollment (id, uuid, code, student_id, offering_id, enrolled_on, withdrawn_on, batch_id)
SELECT i, gen_random_uuid(), 'E' || i, (i - 1) %% %(students)s + 1, {_RANDOM.format(of="i")} %% %(offerings)s + 1,
       %(starts)s::date + ({_RANDOM.format(of="-i")} %% 75)::int,
       CASE WHEN {_RANDOM.format(of="i + 7")} %% 100 = 0 THEN %(starts)s::date + 250 END, 1
FROM generate_series(1, %(enrollments)s::bigint) i;
"""

# The j-th completion (1 to 16) of module `module` of `enrollment`, dated `day`, as the product's columns.
_ASSIGNMENT = (
    f"((e.offering_id - 1) * {MODULES} + x.module - 1) * {ASSIGNMENTS}"
    f" + (7 * x.j + x.enrollment * {MODULES} + x.module) %% {ASSIGNMENTS} + 1"
)
_SOURCE_ID = "'c' || x.enrollment || '-' || x.module || '-' || x.j"

_HISTORY = f"""
INSERT INTO learning.enrollments_completion
    (enrollment_id, assignment_id, sequence, source_system_id, source_id, source_revision, completed_on, carried_over, batch_id)
SELECT x.enrollment, {_ASSIGNMENT}, 0, 1, {_SOURCE_ID}, 0, day,
       {_RANDOM.format(of="(x.enrollment * 4 + x.module) * 16 + x.j")} %% 100 = 0, (day - %(starts)s::date) / 7 + 2
FROM (SELECT e.id AS enrollment, e.offering_id, e.enrolled_on, m AS module
      FROM learning.enrollments_enrollment e, generate_series(1, {MODULES}) m) e
CROSS JOIN LATERAL (SELECT e.enrollment, e.module, j, done
                    FROM (SELECT {_DONE.format(of="e.enrollment * 4 + e.module")} AS done OFFSET 0) k,
                         generate_series(1, k.done) j) x
CROSS JOIN LATERAL (SELECT e.enrolled_on + ((x.j - 1) * 235 / x.done)::int
                           + ({_RANDOM.format(of="x.enrollment * 64 + x.module * 16 + x.j")} %% 20)::int AS day) d
ORDER BY day
"""

# Draw number n names an enrollment (a permutation) and a pair of modules; each completes its next piece of work.
_NEW = f"""
SELECT {_SOURCE_ID} AS source_id, 'E' || x.enrollment AS enrollment, a.code AS assignment, x.enrollment AS enrollment_id,
       a.id AS assignment_id
FROM (SELECT enrollment, module, {_DONE.format(of="enrollment * 4 + module")} + 1 + lap / 2 AS j
      FROM (SELECT (n * 7919 + 13) %% %(enrollments)s + 1 AS enrollment, n / %(enrollments)s AS lap,
                   2 * (n / %(enrollments)s %% 2) + p AS module
            FROM generate_series(%(first)s::bigint, %(first)s::bigint + %(draws)s - 1) n, generate_series(1, 2) p) drawn) x
JOIN learning.enrollments_enrollment e ON e.id = x.enrollment
JOIN learning.enrollments_assignment a ON a.id = {_ASSIGNMENT}
"""


def generate(size: Size) -> None:
    """Fill an empty, migrated database with a roster, its year of completions and the policy."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET work_mem = '1GB'")
        for statement in _ROSTER.split(";\n"):
            if statement.strip():
                cursor.execute(statement, _values(size))
        cursor.execute("ANALYZE learning.enrollments_enrollment, learning.enrollments_offering")
        with rebuilt_afterwards(cursor, "learning.enrollments_completion"):
            cursor.execute(_HISTORY, _values(size))
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("RESET work_mem")
        for table in ("people_organization", "people_user", "enrollments_sourcesystem", "enrollments_intakebatch"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('learning.{table}', 'id'), max(id)) FROM learning.{table}")
    release()


@contextmanager
def rebuilt_afterwards(cursor: CursorWrapper, table: str) -> Iterator[None]:
    """Load without keys and indexes, then make them from the whole, as a bulk load does."""
    run = cursor.execute
    run(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p', 'u')", [table]
    )
    keys = cursor.fetchall()
    run(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indrelid = %s::regclass "
        "AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
        [table],
    )
    indexes = cursor.fetchall()
    for name, _ in keys:
        run(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _ in indexes:
        run(f"DROP INDEX {name}")
    yield
    for name, definition in keys:
        run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for _, definition in indexes:
        run(definition)


class Draws:
    """The new completions of one database, drawn one after another and never twice."""

    def __init__(self, size: Size) -> None:
        self.size, self.used = size, 0

    @property
    def left(self) -> int:
        # 8 to 12 of 16 are done, so every module has 4 more: 8 draws an enrollment, of 2 modules each.
        return 8 * self.size.enrollments - self.used

    def take(self, draws: int) -> tuple[str, dict[str, Any]]:
        """SQL (and its values) of the next 2 x `draws` completions: source_id, enrollment, assignment, enrollment_id,
        assignment_id. Each draw is another enrollment until all had one."""
        values = {"seed": SEED, "enrollments": self.size.enrollments, "first": self.used, "draws": draws}
        assert draws <= self.left, "no work is left to complete; take a larger size"
        self.used += draws
        return _NEW, values
