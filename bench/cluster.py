"""The bench's own PostgreSQL: the local server's binaries and start, with a real server's memory, and its own databases."""

import os
import shutil
from pathlib import Path
from typing import Any

import psycopg

from database import local_servers
from database.local_servers.places import claim_folder, places_of, remove_folder

ROOT = Path(__file__).resolve().parent.parent
# Outside the checkout's .local, whose removal means starting the demonstration over; on a disk, as /tmp need not be.
HOME = Path("/var/tmp") / f"credence-bench-{os.geteuid()}"
GB = 2**30

# What a timing must not be disturbed by (checkpoints, vacuums in the background) and what a server of this size has.
# fsync, synchronous_commit and full_page_writes stay on.
SETTINGS = {
    "work_mem": "256MB",
    "maintenance_work_mem": "1GB",
    "effective_cache_size": "12GB",
    "max_wal_size": "12GB",
    "min_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
}
SHOWN = (
    "server_version", "shared_buffers", "work_mem", "max_wal_size", "checkpoint_timeout", "autovacuum", "fsync",
    "synchronous_commit", "full_page_writes", "wal_compression", "wal_level", "jit", "max_parallel_workers_per_gather",
)  # fmt: skip


def memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def database_settings(login: str, name: str) -> dict[str, Any]:
    """Django's entry for `name` in the bench's cluster."""
    return local_servers.database_settings(HOME, login) | {"NAME": name}


def connect(name: str = "credence") -> psycopg.Connection:
    """A connection of the owner, in autocommit, with the product's search path."""
    found = database_settings("credence_owner", name)
    return psycopg.connect(
        host=found["HOST"],
        port=found["PORT"],
        user=found["USER"],
        dbname=name,
        passfile=found["OPTIONS"]["passfile"],
        options="-c search_path=public,learning,funding,accountability,audit -c timezone=UTC -c jit=off",
        autocommit=True,
    )


def start() -> None:
    """Bring the cluster up with SETTINGS in force."""
    claim_folder(HOME, os.geteuid(), os.getegid())
    local_servers.ensure_running(HOME, redis=False)
    buffers = min(8, max(1, memory_bytes() // GB // 3))
    wanted = SETTINGS | {"shared_buffers": f"{buffers}GB"}
    with connect() as connection:
        for name, value in wanted.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    local_servers.stop(HOME)
    local_servers.ensure_running(HOME, redis=False)


def settings_in_force() -> dict[str, str]:
    with connect() as connection:
        return {name: connection.execute(f"SHOW {name}").fetchone()[0] for name in SHOWN}


def database_exists(name: str) -> bool:
    with connect() as connection:
        return connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount == 1


def create_database(name: str) -> None:
    with connect() as connection:
        connection.execute(f'CREATE DATABASE "{name}"')


def drop_database(name: str) -> None:
    with connect() as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def remove() -> None:
    """Stop the cluster and take its folders away."""
    local_servers.stop(HOME)
    state = places_of(HOME).state
    for folder in {state, HOME}:
        if folder.exists():
            remove_folder(folder)
    shutil.rmtree(HOME, ignore_errors=True)
