"""Where the local servers of a checkout lie, and whose the folders are."""

import fcntl
import hashlib
import os
import pwd
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

DATABASE = "credence"
LOGINS = (
    "credence_owner",
    "credence_learning",
    "credence_office",
    "credence_funding",
    "credence_accountability",
    "credence_beat",
)
PORT = "5432"  # names the socket's file, no TCP port
WAY_OUT = "Or set DATABASE_URL to a PostgreSQL 15 or newer, and REDIS_URL to a Redis 7.2 or newer."
# sun_path holds 107 bytes and a NUL on Linux, 103 and a NUL on macOS.
SOCKET_PATH_BYTES = 103


class LocalServerError(RuntimeError):
    """A local server cannot be started or stopped; the message names the cause and the way out."""


@dataclass(frozen=True)
class Places:
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
    def postgres_socket(self) -> Path:
        return self.sockets / f".s.PGSQL.{PORT}"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def passfile(self) -> Path:
        return self.home / "pgpass"


def places_of(project_root: Path) -> Places:
    """The places of the checkout at `project_root` for the present user. Creates nothing."""
    root = os.path.realpath(project_root)
    name = "credence-" + hashlib.sha256(os.fsencode(root)).hexdigest()[:12]
    home = Path(root) / ".local"
    if os.geteuid() == 0:
        state = Path("/var/tmp") / name  # noqa: S108 - claim_folder refuses one that another user made
        return Places(name, home, state, state / "run")
    places = Places(name, home, home, home / "run")
    fits = len(os.fsencode(places.postgres_socket)) <= SOCKET_PATH_BYTES
    # Other signs would need escaping in a URL or in PostgreSQL's list of folders.
    if fits and re.fullmatch(r"[A-Za-z0-9/._-]+", str(places.sockets)):
        return places
    return Places(name, home, home, Path("/tmp") / f"{name}-{os.geteuid()}")  # noqa: S108 - likewise


def account() -> pwd.struct_passwd:
    """Who the servers run as: the caller, or for root an account without rights."""
    if os.geteuid() != 0:
        # Containers run users that have no entry: only the numbers are needed.
        return pwd.struct_passwd(("", "", os.geteuid(), os.getegid(), "", "", ""))
    for name in ("nobody", "daemon"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise LocalServerError(f"PostgreSQL refuses to run as root, and there is no account 'nobody'. {WAY_OUT}")


@contextmanager
def locked(places: Places) -> Iterator[int]:
    """Hold the checkout's lock. Yields its descriptor: a child that keeps it open keeps the lock."""
    try:
        claim_folder(places.home, os.geteuid(), os.getegid())
        lock = os.open(places.home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise LocalServerError(f"{places.home} cannot be written: {error.strerror}. {WAY_OUT}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def prepare_folders(places: Places, *, anew: bool = False) -> bool:
    """Make the servers' folders; with `anew`, empty. True when they are another checkout's and must be made anew.

    Root's lie outside the checkout and so outlive it; `.local/where` tells that they are this one's.
    """
    server, pointer = account(), places.home / "where"
    if places.state != places.home:
        claim_folder(places.state, server.pw_uid, server.pw_gid)
        if anew:
            remove_folder(places.state)
            claim_folder(places.state, server.pw_uid, server.pw_gid)
        elif not pointer.exists() and any(places.state.iterdir()):
            return True
        pointer.write_text(f"{places.state}\n")
    claim_folder(places.sockets, server.pw_uid, server.pw_gid)
    return False


def claim_folder(folder: Path, uid: int, gid: int) -> None:
    """Make the folder that user's alone. Another user's folder of that name is refused, not trusted."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (uid, os.geteuid()):
        raise LocalServerError(
            f"{folder} is no folder of yours: it belongs to user id {found.st_uid} and you are {os.geteuid()}. "
            "Run this as that user, or have it removed."
        )
    if found.st_uid != uid:
        os.chown(folder, uid, gid, follow_symlinks=False)
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)


def remove_folder(folder: Path) -> None:
    """Remove a folder of ours with all in it, write-protected or not; nothing happens where there is none."""
    if not folder.exists():
        return
    folder.chmod(0o700)
    for parent, names, _ in os.walk(folder):
        for path in (Path(parent, name) for name in names):
            if not path.is_symlink():
                path.chmod(0o700)
    shutil.rmtree(folder)


def write_private(path: Path, text: str, uid: int) -> None:
    """Put a file that only that user can read in its place, at one stroke."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        if uid != os.geteuid():
            os.fchown(file.fileno(), uid, -1)
    fresh.replace(path)
