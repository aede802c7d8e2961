"""What a killed test run would leave at work is ended all the same: workers, servers of the tests' own, and their folders.

A process of the run's own reads a pipe that only the run writes to. The pipe ends with the run, however that ends, and then
what is still named is ended. Nothing here needs Django.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
PROGRAM = "from tests.keeper import keep; keep()"


class _Keeper:
    """The writing end, of this process alone: a child that was forked must not speak for its parent."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SOURCE), *sys.path])}
        self.of = os.getpid()
        # In a session of its own, so that what ends the run's group leaves it.
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM], env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
        )

    def say(self, word: str, what: object) -> None:
        os.write(self.process.stdin.fileno(), f"{word} {what}\n".encode())


_running: list[_Keeper] = []


def _keeper() -> _Keeper:
    if not _running or _running[-1].of != os.getpid():
        _running.append(_Keeper())
    return _running[-1]


def begin(kind: str, what: object) -> None:
    """Until `end`, this is ended with the run: kind "group" is a process group's id, "checkout" the folder of a checkout."""
    _keeper().say(kind, what)


def end(what: object) -> None:
    """The run has ended it itself."""
    _keeper().say("ended", what)


@contextmanager
def kept(kind: str, what: object) -> Iterator[None]:
    """`begin` now, `end` on leaving."""
    begin(kind, what)
    try:
        yield
    finally:
        end(what)


def keep() -> None:
    """The other side: listen until the run has ended, then end what it left."""
    for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked, signal.SIG_IGN)
    left: dict[str, str] = {}
    for line in sys.stdin:
        word, _, what = line.rstrip("\n").partition(" ")
        if word == "ended":
            left.pop(what, None)
        else:
            left[what] = word
    for what, kind in left.items():
        with suppress(OSError):
            _END[kind](what)


def _end_group(group: str) -> None:
    os.killpg(int(group), signal.SIGKILL)


def _end_checkout(folder: str) -> None:
    from tests.local_servers.checkouts import remove_checkouts

    remove_checkouts(Path(folder))


_END = {"group": _end_group, "checkout": _end_checkout}
