"""A killed run of the tests leaves nothing at work."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from database.local_servers.places import places_of
from tests.keeper import SOURCE
from tests.local_servers.checkouts import server_processes

# Each says what it has begun and then waits to be killed.
WORKER = """
import subprocess, sys
from tests import keeper
worker = subprocess.Popen(["sleep", "600"], start_new_session=True)
keeper.begin("group", worker.pid)
print(worker.pid, flush=True)
sys.stdin.read()
"""
SERVER = """
import sys
from database.local_servers import ensure_running
from tests.local_servers.checkouts import fresh_checkout
with fresh_checkout() as root:
    ensure_running(root, postgres=False)
    print(root, flush=True)
    sys.stdin.read()
"""
ENDED = """
import subprocess, sys
from tests import keeper
other = subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
with keeper.kept("group", other.pid):
    pass
print(other.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def killed():
    """killed(program) -> the first line that it said, once it is killed and nothing holds its outputs any more: whatever it
    began does, and so does the run's keeper."""
    started = []

    def kill(program):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SOURCE), *sys.path])}
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        running = subprocess.Popen([sys.executable, "-c", program], **pipes, env=environment, text=True, start_new_session=True)
        started.append(running)
        said = running.stdout.readline().strip()
        os.killpg(running.pid, signal.SIGKILL)
        assert said, running.stderr.read()
        assert running.communicate(timeout=60) == ("", "")
        return said

    yield kill
    for one in started:
        one.kill()
        one.wait()


def test_a_worker_ends_with_the_run_that_was_killed(killed):
    assert int(killed(WORKER))


def test_servers_and_folders_of_a_killed_run_are_gone(killed):
    root = Path(killed(SERVER))
    assert server_processes(places_of(root)) == []
    assert not root.parent.exists()


def test_what_the_run_has_ended_itself_is_left_alone(killed):
    """Its number may have passed to another process by then."""
    other = int(killed(ENDED))
    os.kill(other, 0)
    os.kill(other, signal.SIGKILL)
