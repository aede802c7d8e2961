"""A real PostgreSQL and a real Redis for the demonstration and the tests, without apt, docker or root.

The programs come out of wheels; PostgreSQL's own `pg_ctl` does the work. Both listen on unix sockets in folders
closed to other users, never on TCP, and stay up until `python -m database.local_servers stop`. Everything lies in
`.local/` of the checkout, except that PostgreSQL refuses root: there both servers run as an account without rights,
with their data in `/var/tmp/credence-<hash of the path>`, to which `.local/where` points. Removing `.local` means
starting over. Local servers are for demonstrations and tests: a deployment sets DATABASE_URL and REDIS_URL.

`database_settings`, `redis_url` and `broker_url` only compute paths; `ensure_running` and `stop` act.
"""

from pathlib import Path
from typing import Any

from database.local_servers import postgres_server, redis_server
from database.local_servers.places import DATABASE, LOGINS, PORT, LocalServerError, locked, places_of, prepare_folders

__all__ = ["LOGINS", "LocalServerError", "broker_url", "database_settings", "ensure_running", "redis_url", "stop"]


def database_settings(project_root: Path, login: str) -> dict[str, Any]:
    """Django's DATABASES entry for one of LOGINS, without a search path. Starts and reads nothing.

    It holds no password: libpq reads `.local/pgpass` when it connects.
    """
    if login not in LOGINS:
        raise ValueError(f"{login!r} is no login of the local database; it has {', '.join(LOGINS)}.")
    places = places_of(project_root)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE,
        "USER": login,
        "HOST": str(places.sockets),
        "PORT": PORT,
        "OPTIONS": {"passfile": str(places.passfile)},
    }


def redis_url(project_root: Path) -> str:
    """The local Redis as Django's cache names it. Starts nothing."""
    return f"unix://{places_of(project_root).redis_socket}?db=1"


def broker_url(project_root: Path) -> str:
    """The local Redis as Celery names it. Starts nothing."""
    return f"redis+socket://{places_of(project_root).redis_socket}?virtual_host=0"


def ensure_running(project_root: Path, *, postgres: bool = True, redis: bool = True) -> None:
    """Bring up what is not up: afterwards the cluster, the database and every login exist and can be reached.

    Any number of processes may call this at once. What a crash left (stale or cut pid files, sockets, half-made
    clusters, orphaned server processes) is cleared away first. Raises LocalServerError.
    """
    places = places_of(project_root)
    if (not postgres or postgres_server.is_up(places)) and (not redis or redis_server.is_up(places)):
        return
    with locked(places) as lock:
        if prepare_folders(places):
            # Left by a checkout at this path whose .local was removed: that means starting over.
            postgres_server.end(places)
            redis_server.end(places)
            prepare_folders(places, anew=True)
        if postgres and not postgres_server.is_up(places):
            postgres_server.start(places, lock)
        if redis and not redis_server.is_up(places):
            redis_server.start(places)


def stop(project_root: Path) -> None:
    """End both servers of this checkout; nothing happens where none runs. Raises LocalServerError."""
    places = places_of(project_root)
    with locked(places):
        postgres_server.end(places)
        redis_server.end(places)
