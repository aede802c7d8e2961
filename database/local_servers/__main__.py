"""`python -m database.local_servers start|stop|status` for the checkout that this file lies in."""

# ruff: noqa: T201 - a command line prints

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from database.local_servers import LocalServerError, ensure_running, postgres_server, redis_server, stop
from database.local_servers.places import DATABASE, LOGINS, places_of


def main(arguments: Sequence[str]) -> int:
    """0 when done, or up; 1 after an error, or when something is down; 2 for a word that is no command."""
    if list(arguments) not in (["start"], ["stop"], ["status"]):
        print("usage: python -m database.local_servers start|stop|status", file=sys.stderr)
        return 2
    root = Path(__file__).resolve().parents[2]
    wanted = {"PostgreSQL": "DATABASE_URL" not in os.environ, "Redis": "REDIS_URL" not in os.environ}
    try:
        if arguments[0] == "start":
            ensure_running(root, postgres=wanted["PostgreSQL"], redis=wanted["Redis"])
        elif arguments[0] == "stop":
            stop(root)
    except LocalServerError as error:
        print(error, file=sys.stderr)
        return 1
    places = places_of(root)
    up = {"PostgreSQL": postgres_server.is_up(places), "Redis": redis_server.is_up(places)}
    for name, variable in (("PostgreSQL", "DATABASE_URL"), ("Redis", "REDIS_URL")):
        note = "" if wanted[name] else f" ({variable} is set, so the local one is not used)"
        print(f"{name} {'is running' if up[name] else 'is stopped'}{note}")
    if up["PostgreSQL"]:
        print(f"Data in {places.data}, log in {places.postgres_log}. To look inside:")
        psql = postgres_server.program(places, "psql")
        print(f"  PGPASSFILE={places.passfile} {psql} -h {places.sockets} -U {LOGINS[0]} {DATABASE}")
    return 0 if arguments[0] == "stop" or all(up[name] for name in up if wanted[name]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
