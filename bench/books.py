"""One database of the bench: made, filled, switched to, brought back to before its first night."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.core.management import call_command
from django.db import connection

from bench import cluster, data
from bench.report import progress
from database.areas import acting_as
from enrollments.actions.completion_stage import make_stage, prepare_stage, write_staged
from enrollments.actions.draw_batch import draw_batch

# Nothing of these is ever emptied by the product; a bench that times a first night again has to.
_FUNDING = "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables WHERE schemaname = 'funding'"


class Books:
    """A database with a history of `size`; `days` counts the nights after the year's."""

    def __init__(self, size: data.Size) -> None:
        self.size = size
        self.name = f"bench_{size.completions}"
        self.draws = data.Draws(size)
        self.evening = data.YEAR_ENDS

    def use(self) -> None:
        """Point Django at this database."""
        if connection.settings_dict["NAME"] != self.name:
            connection.close()
            connection.settings_dict["NAME"] = self.name

    def stands(self) -> bool:
        """Whether a run with --keep left it behind; then what was drawn from it stays drawn."""
        if not cluster.database_exists(self.name):
            return False
        self.use()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM learning.enrollments_completion WHERE batch_id > (SELECT max(id) FROM "
                "learning.enrollments_intakebatch WHERE kind = 'bench')"
            )
            self.draws.used = (cursor.fetchone()[0] + 1) // 2
        return True

    def make(self) -> None:
        cluster.drop_database(self.name)
        cluster.create_database(self.name)
        self.use()
        progress(f"{self.name}: migrating")
        call_command("migrate", verbosity=0)
        progress(f"{self.name}: generating")
        data.generate(self.size)
        progress(f"{self.name}: vacuuming")
        self.tidy()

    def copy(self, name: str) -> "Books":
        """Another database of that name with the same content; nothing may be connected meanwhile."""
        connection.close()
        cluster.drop_database(name)
        with cluster.connect() as owner:
            owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{self.name}" STRATEGY file_copy')
        made = Books(self.size)
        made.name, made.draws.used, made.evening = name, self.draws.used, self.evening
        return made

    def drop(self) -> None:
        connection.close()
        cluster.drop_database(self.name)

    @property
    def million(self) -> str:
        return f"{self.size.completions / 10**6:g}"

    def tidy(self, *, checkpoint: bool = True) -> None:
        """What autovacuum, which is off, would have done by now; and a checkpoint, so that none falls into a timing."""
        self.use()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")
            if checkpoint:
                cursor.execute("CHECKPOINT")

    def forget_nights(self) -> None:
        """Empty the books, as before the first night; the facts stay."""
        self.use()
        with connection.cursor() as cursor:
            cursor.execute(_FUNDING)
            tables = cursor.fetchone()[0]
            cursor.execute(
                f"SET session_replication_role = replica; TRUNCATE {tables} RESTART IDENTITY; RESET session_replication_role"
            )
        data.release()
        self.evening = data.YEAR_ENDS

    def next_evening(self) -> datetime.date:
        self.evening += datetime.timedelta(days=1)
        return self.evening

    def take_in(self, draws: int, on: datetime.date) -> int:
        self.use()
        return take_in(self.draws, draws, on)


def take_in(drawn: data.Draws, draws: int, on: datetime.date) -> int:
    """2 x `draws` new completions of that day through the product's set-based intake; how many it wrote."""
    statement, values = drawn.take(draws)
    with acting_as("area_learning"), connection.cursor() as cursor:
        make_stage()
        cursor.execute(
            "INSERT INTO intake_stage SELECT row_number() OVER (), source_id, enrollment, assignment, %(on)s, false, false "
            f"FROM ({statement}) new",
            values | {"on": on},
        )
        prepare_stage()
        return write_batch(on)


def write_batch(today: datetime.date) -> int:
    """What is staged, written as one batch; the number of rows written."""
    written = []

    def write(batch: int) -> int:
        written.append(write_staged(batch=batch, source_system_id=1, provider_id=None, today=today))
        return written[-1]

    draw_batch(source_system_id=1, kind="bench_new", write=write)
    return written[-1]


class _TakeBack(Exception):
    pass


@contextmanager
def taken_back() -> Iterator[None]:
    """A transaction as the funding worker that leaves nothing."""
    with suppress(_TakeBack), acting_as("area_funding"):
        yield
        raise _TakeBack
