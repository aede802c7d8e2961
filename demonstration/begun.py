"""What `make demo` has begun and not ended, so that `make stop` can: a demonstration that is killed leaves its sites and worker."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def _file(root: Path) -> Path:
    return root / ".local" / "begun"


@contextmanager
def noted(root: Path, pid: int) -> Iterator[None]:
    """While this lasts, the process stands in `.local/begun` of the checkout, with the moment of its start."""
    file = _file(root)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    with file.open("a") as written:
        written.write(f"{pid} {started_at(pid)}\n")
    try:
        yield
    finally:
        left = [line for line in _lines(root) if line.split()[0] != str(pid)]
        file.write_text("".join(f"{line}\n" for line in left))


def end_what_was_left(root: Path) -> int:
    """How many processes of a killed demonstration were asked to end. A number that has passed to another process is left alone."""
    ended = 0
    for line in _lines(root):
        pid, _, started = line.partition(" ")
        with suppress(ProcessLookupError, PermissionError):
            if started and started_at(int(pid)) == started:
                os.kill(int(pid), signal.SIGTERM)
                ended += 1
    _file(root).unlink(missing_ok=True)
    return ended


def started_at(pid: int) -> str:
    """The kernel's tick at which the process began; nothing where that cannot be known, and then nobody ends it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def _lines(root: Path) -> list[str]:
    try:
        return [line for line in _file(root).read_text().splitlines() if line]
    except OSError:
        return []
