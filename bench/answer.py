"""The same answer by an engine made for it: what every enrollment-module has earned, by DuckDB from its own copy.

The rule is domain.md's: rate x credit x completed / required, never beyond the whole, half up once per
enrollment-module, in whole numbers throughout.
"""

import datetime
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection

from bench import data

# Each pulled as CSV with a header; a missing date is an empty cell.
TABLES = {
    "completion": (
        "SELECT enrollment_id, assignment_id, sequence, completed_on, carried_over, batch_id FROM learning.enrollments_completion",
        "enrollment_id BIGINT, assignment_id BIGINT, sequence SMALLINT, completed_on DATE, carried_over BOOLEAN, batch_id BIGINT",
    ),
    "enrollment": (
        "SELECT id, provider_id, offering_id, learning_starts_on, coalesce(enrolled_on, '0001-01-01') AS enrolled_on, "
        "coalesce(withdrawn_on, '9999-12-31') AS withdrawn_on FROM learning.enrollment_facts",
        "id BIGINT, provider_id BIGINT, offering_id BIGINT, learning_starts_on DATE, enrolled_on DATE, withdrawn_on DATE",
    ),
    "assignment": (
        "SELECT id, module_id, offering_id FROM learning.assignment_facts",
        "id BIGINT, module_id BIGINT, offering_id BIGINT",
    ),
    "module": (
        "SELECT id, credit_numerator, credit_denominator FROM learning.module_facts",
        "id BIGINT, credit_numerator BIGINT, credit_denominator BIGINT",
    ),
}

COMPUTE = """
WITH done AS (
    SELECT c.enrollment_id, a.module_id, sum(1 - 2 * (c.sequence % 2)) AS completed
    FROM completion c JOIN enrollment e ON e.id = c.enrollment_id JOIN assignment a ON a.id = c.assignment_id
    WHERE c.completed_on <= $on AND NOT c.carried_over AND c.completed_on BETWEEN e.enrolled_on AND e.withdrawn_on
    GROUP BY ALL
), required AS (
    SELECT offering_id, module_id, count(*) AS required FROM assignment GROUP BY ALL
), whole AS (
    SELECT d.enrollment_id, d.module_id, e.provider_id, least(d.completed, r.required)::BIGINT AS completed, r.required,
           (SELECT max_by(cents, from_on) FROM rate WHERE from_on <= e.learning_starts_on) AS rate,
           m.credit_numerator, m.credit_denominator
    FROM done d JOIN enrollment e ON e.id = d.enrollment_id
    JOIN required r ON r.offering_id = e.offering_id AND r.module_id = d.module_id JOIN module m ON m.id = d.module_id
)
SELECT enrollment_id, module_id, provider_id,
       (2 * rate * credit_numerator * completed + credit_denominator * required) // (2 * credit_denominator * required) AS cents
FROM whole
"""
_DIFFERENCES = f"""
SELECT count(*) FROM ({COMPUTE}) c
FULL JOIN state s ON s.enrollment_id = c.enrollment_id AND s.module_id = c.module_id
FULL JOIN posted p ON p.enrollment_id = coalesce(c.enrollment_id, s.enrollment_id) AND p.module_id = coalesce(c.module_id, s.module_id)
WHERE coalesce(c.cents, 0) <> coalesce(s.earned_cents, 0) OR coalesce(c.cents, 0) <> coalesce(s.posted_cents, 0)
   OR coalesce(c.cents, 0) <> coalesce(p.cents, 0)
"""
BY_PROVIDER = f"SELECT provider_id, sum(cents)::BIGINT FROM ({COMPUTE}) GROUP BY provider_id"


def pull(sql: str, write: Callable[[bytes], Any]) -> None:
    """Stream a query's rows as CSV out of PostgreSQL."""
    with connection.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv, HEADER)") as copy:
        for block in copy:
            write(bytes(block))


def rate_cents() -> list[tuple[datetime.date, int]]:
    return [(day, int(rate.replace(".", ""))) for day, rate in data.RATES.items()]


class Duck:
    """DuckDB with its own copy of the database that Django points at, on two threads."""

    def __init__(self) -> None:
        import duckdb

        self._folder = tempfile.TemporaryDirectory(prefix="credence-bench-")
        self.connection = duckdb.connect(str(Path(self._folder.name) / "copy.duckdb"), config={"threads": 2})
        for table, (query, columns) in TABLES.items():
            self.load(table, query, columns)
        self.connection.execute("CREATE TABLE rate (from_on DATE, cents BIGINT)")
        self.connection.executemany("INSERT INTO rate VALUES (?, ?)", rate_cents())

    def load(self, table: str, query: str, columns: str) -> None:
        """The rows of a query in PostgreSQL as a table here."""
        file = Path(self._folder.name) / f"{table}.csv"
        with file.open("wb") as out:
            pull(query, out.write)
        self.connection.execute(f"CREATE TABLE {table} ({columns})")
        self.connection.execute(f"COPY {table} FROM '{file}' (FORMAT csv, HEADER)")
        file.unlink()

    def by_provider(self, on: datetime.date) -> dict[int, int]:
        """Cents earned to date, by provider."""
        return dict(self.connection.execute(BY_PROVIDER, {"on": on}).fetchall())

    def differences(self, on: datetime.date) -> int:
        """Enrollment-modules of which `state` or `posted` (loaded before) say other cents than this computation."""
        found = self.connection.execute(_DIFFERENCES, {"on": on}).fetchone()
        assert found
        return found[0]

    def close(self) -> None:
        self.connection.close()
        self._folder.cleanup()


def pulled(query: str) -> io.BytesIO:
    """A query's rows as CSV in memory."""
    buffer = io.BytesIO()
    pull(query, buffer.write)
    buffer.seek(0)
    return buffer
