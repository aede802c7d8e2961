"""`make fuzz`: thousands of requests made from the API's own description, as three roles, against a live server. None may be
answered by a fault of ours.

The server is the one of a deployment (gunicorn, with the learning site's own login) on this test's database. What makes the
requests is installed apart (requirements-fuzz.txt), because its plugin slows every start of the tests.
"""

import datetime
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.scopes import SCOPES
from people.actions.issue_personal_token import issue_personal_token
from tests.api.world import a_world
from tests.processes import test_database_url as database_url

ROOT = Path(__file__).resolve().parents[2]
FUZZER = ROOT / ".local" / "fuzz" / "bin" / "st"
ROLES = ("teacher", "student", "district_administrator")
SEED = 20260131


@contextmanager
def live_server(log):
    """The learning site's server on a free port; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "CREDENCE_PROCESS": "learning",
        "DATABASE_URL": database_url("credence_learning"),
        "SECRET_KEY": "of-this-test-alone",
        "CREDENCE_SECOND_FACTOR_KEY": "of-this-test-alone",
    }
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    command += ["--log-level", "error", "--access-logfile", "-", "--access-logformat", "answered %(s)s"]
    # A page, such as the one that says that there is none, names static files by their hashes.
    subprocess.run([sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"], cwd=ROOT, check=True)
    with log.open("wb") as output, subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output) as server:
        try:
            address = f"http://127.0.0.1:{port}/api/v1"
            wait_for(f"{address}/schema", server)
            yield address
        finally:
            server.terminate()


def wait_for(address, server):
    for _ in range(150):
        assert server.poll() is None, "the server ended"
        try:
            urllib.request.urlopen(address, timeout=10).close()
        except urllib.error.URLError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"{address} does not answer")


def real_names(world):
    """A configuration under which every address names objects that there are: made-up ones would all be answered 404."""
    named = {name.strip("<>").partition(":")[2]: value for name, value in world.names.items()}
    named |= {"number": world.judgment}
    lines = [f'"path.{name}" = "{value}"' for name, value in named.items() if name != "rest"]
    return "\n".join(["[parameters]", *lines, ""])


def run_fuzzer(address, token, cases, report):
    """As many cases an address as make `cases` together; (number of cases, what it printed, whether all was well)."""
    with urllib.request.urlopen(f"{address}/schema", timeout=60) as schema:
        operations = schema.read().count(b'"operationId"')
    command = [
        FUZZER,
        "run",
        f"{address}/schema",
        "--url",
        address.removesuffix("/api/v1"),
        "--header",
        f"Authorization: Bearer {token}",
    ]
    command += [
        "--checks",
        "not_a_server_error",
        "--phases",
        "examples,coverage,fuzzing",
        "--max-examples",
        str(cases // operations + 1),
    ]
    command += ["--seed", str(SEED), "--generation-database", "none", "--request-timeout", "30", "--continue-on-failure", "--no-color"]
    done = subprocess.run(command, cwd=report, capture_output=True, text=True)
    printed = done.stdout + done.stderr
    counted = re.search(r"([\d,]+) generated", printed)
    return int(counted[1].replace(",", "")) if counted else 0, printed, done.returncode == 0


@pytest.mark.skipif(not FUZZER.exists(), reason="make fuzz installs what makes the requests")
def test_no_request_from_the_description_is_answered_by_a_fault_of_ours(committed_db, tmp_path, fuzz_cases):
    world = a_world()
    made, ends = 0, datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    log = tmp_path / "server.log"
    with live_server(log) as address:
        (tmp_path / "schemathesis.toml").write_text(real_names(world))
        for role in ROLES:
            token = issue_personal_token(user_id=world.people[role].pk, label="fuzz", scopes=list(SCOPES), expires_at=ends)
            count, printed, well = run_fuzzer(address, token, fuzz_cases // len(ROLES), tmp_path)
            made += count
            print(f"{role}: {count} cases, seed {SEED}")
            assert well, printed[-20_000:] + log.read_text()[-20_000:]
    print("answers:", dict(sorted(Counter(re.findall(r"answered (\d+)", log.read_text())).items())))
    assert "Traceback" not in log.read_text()
    assert made >= fuzz_cases
