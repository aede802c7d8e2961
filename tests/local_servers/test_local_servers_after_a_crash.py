"""The local servers come back from whatever a crash left behind."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from database import local_servers
from database.local_servers import ensure_running, postgres_server
from database.local_servers.places import account, places_of
from tests.local_servers.checkouts import (
    ask,
    ask_redis,
    connect,
    postmaster,
    server_processes,
    start_in_another_process,
)


def test_a_killed_postgresql_comes_back_though_a_query_was_still_at_work(running: Path) -> None:
    connection = connect(running)
    connection.pgconn.send_query(b"DO $$ BEGIN LOOP END LOOP; END $$")
    os.kill(postmaster(running), signal.SIGKILL)
    ensure_running(running)
    assert ask(running, "SELECT value FROM kept") == [(7,)]
    connection.pgconn.consume_input()
    connection.close()


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen]:
    """A living process of the servers' account that is no server."""
    process = subprocess.Popen(["sleep", "60"], user=account().pw_uid)
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_a_pid_file_whose_number_passed_to_another_process_is_not_believed(
    running: Path, stranger: subprocess.Popen, how: str
) -> None:
    places = places_of(running)
    text = re.sub(r"^\d+", str(stranger.pid), (places.data / "postmaster.pid").read_text())
    if how == "killed":
        os.kill(postmaster(running), signal.SIGKILL)
    else:
        local_servers.stop(running)
    (places.data / "postmaster.pid").write_text(text)
    (places.sockets / ".s.PGSQL.5432.lock").write_text(text)
    ensure_running(running)
    assert ask(running, "SELECT value FROM kept") == [(7,)]
    assert stranger.poll() is None


@pytest.mark.parametrize(("text", "alive"), [("", False), ("12", True), ("x\n", False)])
def test_a_pid_file_that_was_cut_short_is_cleared_away(running: Path, text: str, alive: bool) -> None:
    places = places_of(running)
    if not alive:
        local_servers.stop(running)
    (places.data / "postmaster.pid").write_text(text)
    (places.sockets / ".s.PGSQL.5432.lock").write_text(text)
    ensure_running(running)
    assert ask(running, "SELECT value FROM kept") == [(7,)]
    assert len(server_processes(places)) == 2


def test_a_killed_redis_comes_back_on_the_socket_that_it_left(running: Path) -> None:
    places = places_of(running)
    [told] = [line for line in ask_redis(running, "INFO server") if line.startswith("process_id:")]
    os.kill(int(told.partition(":")[2]), signal.SIGKILL)
    assert places.redis_socket.exists()
    ensure_running(running)
    assert ask_redis(running, "PING") == ["+PONG"]


def test_servers_whose_sockets_were_removed_are_replaced_not_doubled(running: Path) -> None:
    places = places_of(running)
    before = server_processes(places)
    places.redis_socket.unlink()
    places.postgres_socket.unlink()
    ensure_running(running)
    after = server_processes(places)
    assert len(after) == 2
    assert not set(after) & set(before)
    assert ask(running, "SELECT value FROM kept") == [(7,)]


def test_a_server_that_still_replays_its_log_does_not_count_as_up(running: Path) -> None:
    pid_file = places_of(running).data / "postmaster.pid"
    ready = pid_file.read_text()
    pid_file.write_text(ready.replace("ready   ", "starting"))
    assert not postgres_server.is_up(places_of(running))
    pid_file.write_text(ready)
    assert postgres_server.is_up(places_of(running))


def test_lost_or_open_passwords_are_set_anew_and_the_data_kept(running: Path) -> None:
    passfile = places_of(running).passfile
    for lose in (passfile.unlink, lambda: passfile.chmod(0o644)):
        before = passfile.read_text()
        lose()
        ensure_running(running)
        assert not set(passfile.read_text().split()) & set(before.split())
        assert passfile.stat().st_mode & 0o777 == 0o600
        assert ask(running, "SELECT value FROM kept") == [(7,)]
        assert ask(running, "SELECT 1", "credence_office") == [(1,)]


def test_a_first_start_killed_half_way_does_not_stand_in_the_way(checkout: Path) -> None:
    half = places_of(checkout).state / "data.new"
    starter = start_in_another_process(checkout)
    while not (half / "base/1").exists():
        with pytest.raises(subprocess.TimeoutExpired):
            starter.wait(timeout=0.01)
    starter.kill()  # its initdb lives on as an orphan
    starter.wait()
    ensure_running(checkout, redis=False)
    assert not places_of(checkout).redis_socket.exists()
    assert ask(checkout, "SELECT 1", "credence_learning") == [(1,)]
    assert not half.exists()


def test_a_write_protected_leftover_of_a_cluster_is_replaced(checkout: Path) -> None:
    places = places_of(checkout)
    for folder in (places.home, places.state):
        folder.mkdir(exist_ok=True)
    (places.home / "where").touch()
    for leftover in (places.data, places.state / "data.new"):
        (leftover / "base/1").mkdir(parents=True)
        (leftover / "base/1/112").touch(0o400)
        for folder in (leftover / "base/1", leftover / "base", leftover):
            folder.chmod(0o500)
    ensure_running(checkout, redis=False)
    assert ask(checkout, "SELECT 1") == [(1,)]
