"""Checkouts of nothing but local servers, for the tests of the servers themselves."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from database import local_servers
from database.local_servers.places import Places, places_of
from tests import keeper

SOURCE = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0
START = "import pathlib, sys; from database.local_servers import *; ensure_running(pathlib.Path(sys.argv[1]))"


@contextmanager
def fresh_checkout(name: str = "checkout") -> Iterator[Path]:
    """An empty folder to run servers in; afterwards they are stopped and everything of theirs is gone."""
    above = Path(tempfile.mkdtemp(prefix="credence-", dir="/tmp"))
    root = above / name
    root.mkdir()
    with keeper.kept("checkout", above):
        try:
            yield root
        finally:
            remove_checkouts(above)


def remove_checkouts(above: Path) -> None:
    """The folder `above` with every checkout in it, their servers and what lies elsewhere."""
    for one in above.iterdir():  # it may have been moved
        local_servers.stop(one)
        for folder in (places_of(one).state, places_of(one).sockets):
            shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(above)


def connect(root: Path, login: str = "credence_owner", **more: str) -> psycopg.Connection:
    settings = local_servers.database_settings(root, login)
    parameters = {"dbname": settings["NAME"], "user": login, "host": settings["HOST"], "port": settings["PORT"]}
    return psycopg.connect(**parameters | settings["OPTIONS"] | more, autocommit=True)


def ask(root: Path, sql: str, login: str = "credence_owner") -> list[tuple]:
    with connect(root, login) as connection:
        return connection.execute(sql).fetchall()


def ask_redis(root: Path, command: str) -> list[str]:
    with socket.socket(socket.AF_UNIX) as connection, connection.makefile() as answer:
        connection.connect(str(places_of(root).redis_socket))
        connection.sendall(f"{command}\r\nQUIT\r\n".encode())
        lines = answer.read().split("\n")
    return [line for line in lines[:-2] if line[:1] not in ("*", "$")]


def postmaster(root: Path) -> int:
    return int((places_of(root).data / "postmaster.pid").read_text().split("\n")[0])


def server_processes(places: Places) -> list[int]:
    """Postmasters and Redis servers of the checkout, by their command lines alone."""
    mark = re.compile(rf"(/postgres\0-D.*\0cluster_name={places.name}\0)|(redis-server .*{places.redis_socket})")
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended while we looked
            if mark.search((entry / "cmdline").read_text().replace("\0-c\0", "\0")):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                found[int(entry.name)] = parent
    # A child carries its postmaster's command line until it has given itself a title.
    return sorted(pid for pid, parent in found.items() if parent not in found)


def start_in_another_process(root: Path, **more: object) -> subprocess.Popen:
    environment = {"PYTHONPATH": os.pathsep.join([str(SOURCE), *sys.path])}
    return subprocess.Popen([sys.executable, "-c", START, str(root)], env=environment, **more)
