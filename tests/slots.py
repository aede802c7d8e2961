"""A PostgreSQL database and a Redis database for each process that tests, so that the processes of one run do not meet, nor two runs.

A process takes the lowest free number by a lock that ends with its connection, however the process ends. What a killed one
left in its databases is thrown away by whoever takes that number next.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.db import connection
from django.test.utils import override_settings

# A Redis has 16 databases; the first two are the demonstration's.
SLOTS, FIRST_REDIS_DATABASE = 14, 2
# The first of two numbers of an advisory lock, in the cluster's database `postgres`; the second is the slot, or MAKING.
OF_TESTS, MAKING = 7_265_737, 1_000


class NoSlotLeft(RuntimeError):
    """As many processes test against these servers as can."""


def _maintenance() -> psycopg.Connection:
    """The owner in the cluster's own database, in a transaction."""
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    return psycopg.connect(**parameters)


@contextmanager
def taken_slot() -> Iterator[int]:
    """A number from 0 that no other process holds until this one leaves, or dies."""
    with _maintenance() as holding:
        for slot in range(SLOTS):
            if holding.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [OF_TESTS, slot]).fetchone()[0]:
                break
        else:
            raise NoSlotLeft(f"{SLOTS} processes test against these servers already; wait for one of them, or take others.")
        yield slot
        holding.rollback()


@contextmanager
def nobody_else_makes_a_database() -> Iterator[None]:
    """Roles belong to the cluster: two first migrations at once would both make them."""
    with _maintenance() as holding:
        holding.execute("SELECT pg_advisory_xact_lock(%s, %s)", [OF_TESTS, MAKING])
        yield
        holding.rollback()


def _schema_files() -> str:
    """A hash of all that makes the schema, its rights and its guards: the migrations, database/, and Django's own by its lock."""
    root = Path(settings.BASE_DIR)
    files = [root / "requirements.txt", *root.glob("*/migrations/*.py"), *root.glob("database/*.py"), *root.glob("database/*.sql")]
    content = hashlib.sha256()
    for file in sorted(files):
        content.update(f"{file.relative_to(root)}\0".encode() + file.read_bytes() + b"\0")
    return content.hexdigest()[:12]


def make_test_database() -> None:
    """Create the database that `own_databases` named, as a copy of one that the same schema files made before, if there is one.

    Migrations take seconds, a copy none; what runs after every migrate (database/firewall.py) runs on the copy too.
    """
    wanted, test = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
    own, stem = test["NAME"], f"test_{wanted}_template_"
    template = f"{stem}{_schema_files()}"
    with nobody_else_makes_a_database():
        if template not in _databases(stem):
            throw_away_what_was_left(stem.removesuffix("_"))
            test["NAME"] = f"{stem}half_made"
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            connection.close()
            with _maintenance() as owner:
                owner.execute(f'ALTER DATABASE "{test["NAME"]}" RENAME TO "{template}"')
            connection.settings_dict["NAME"] = wanted
        test |= {"NAME": own, "TEMPLATE": template}
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)


def _databases(stem: str) -> set[str]:
    with _maintenance() as owner:
        return {name for (name,) in owner.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [stem])}


def throw_away_what_was_left(name: str) -> None:
    """The database of this name and the copies of it (tests/copies.py), whoever is still connected to them."""
    for left in _databases(name):
        if left == name or left.startswith(f"{name}_"):
            with _maintenance() as owner:
                owner.autocommit = True
                owner.execute(f'DROP DATABASE IF EXISTS "{left}" WITH (FORCE)')


def redis_url_of(url: str, slot: int) -> str:
    """The Redis database of a slot at the server of `url`, as Django's cache names it."""
    number = FIRST_REDIS_DATABASE + slot
    if url.startswith("unix:"):
        return f"{url.partition('?')[0]}?db={number}"
    return urlunsplit(urlsplit(url)._replace(path=f"/{number}"))


@contextmanager
def own_databases() -> Iterator[str]:
    """Django's test database and cache are this process's own while this lasts; its database's name."""
    with taken_slot() as slot:
        name = f"test_{connection.settings_dict['NAME']}_{slot}"
        throw_away_what_was_left(name)
        connection.settings_dict["TEST"]["NAME"] = name
        cache = settings.CACHES["default"]
        with override_settings(CACHES={"default": cache | {"LOCATION": redis_url_of(cache["LOCATION"], slot)}}):
            yield name
