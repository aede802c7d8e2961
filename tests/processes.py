"""Real workers and beats in tests: started as a deployment starts them, by environment variables alone."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.db import connection

from config.celery import app
from database import local_servers
from database.local_servers.places import places_of
from tests import keeper
from tests.committed import runtime_logins
from tests.local_servers.checkouts import fresh_checkout

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def own_redis() -> Iterator[str]:
    """A Redis of the test's own, by its URL, so that no worker of a demonstration takes the test's messages."""
    with fresh_checkout() as root:
        local_servers.ensure_running(root, postgres=False)
        yield local_servers.broker_url(root)


def local_database_url(root: Path, login: str, database: str) -> str:
    """How a deployment would name a database of the local servers of the checkout at `root`."""
    places = places_of(root)
    password = re.search(rf":{login}:(\w+)$", places.passfile.read_text(), re.MULTILINE)[1]
    return f"postgres://{login}:{password}@/{places.sockets}/{database}"


def test_database_url(login: str) -> str:
    """The same for the database of this test, wherever it is."""
    name = connection.settings_dict["NAME"]
    if settings.EMBEDDED_POSTGRES:
        return local_database_url(settings.BASE_DIR, login, name)
    with runtime_logins(login) as opened:
        password = opened.info.password
    host, port = connection.settings_dict["HOST"], connection.settings_dict["PORT"] or 5432
    where = f"@/{host}" if host.startswith("/") else f"@{quote(host)}:{port}"
    return f"postgres://{login}:{password}{where}/{name}"


def owner_connection() -> psycopg.Connection:
    """A second connection of the owner to the test's database, in autocommit."""
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    return psycopg.connect(**parameters, autocommit=True)


def environment(process: str, database_url: str, redis_url: str) -> dict[str, str]:
    return {
        **os.environ,
        "CREDENCE_PROCESS": process,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": "tests-only",
        "CREDENCE_SECOND_FACTOR_KEY": "tests-only",
        "PYTHONPATH": str(ROOT),
    }


@contextmanager
def celery(kind: str, *options: str, env: dict[str, str], log: Path, app_module: str = "config") -> Iterator[subprocess.Popen]:
    """`celery -A <app_module> <kind> …` in a session of its own, ended hard afterwards; what it said goes to `log`."""
    command = [sys.executable, "-m", "celery", "-A", app_module, kind, "--loglevel", "WARNING", *options]
    with log.open("ab") as output:
        started = subprocess.Popen(command, cwd=log.parent, env=env, stdout=output, stderr=output, start_new_session=True)
    with keeper.kept("group", started.pid):
        try:
            yield started
        finally:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()


def send(task: str, *arguments: object, redis_url: str) -> None:
    with app.connection_for_write(redis_url) as bell:
        app.send_task(task, arguments, connection=bell)
