"""The drills' own ground: a throw-away PostgreSQL and Redis, the prepared night, and workers that can be killed on it."""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import redis

from database import local_servers
from database.local_servers import postgres_server, programs, redis_server
from database.local_servers.places import places_of
from tests import keeper, processes
from tests.copies import written
from tests.drills import prepared
from tests.local_servers.checkouts import connect

PATIENCE_SECONDS = 120
# In a drill a minute of the timetable lasts this long.
TICK_SECONDS = 2.0

WHERE = f"""
    SELECT CASE WHEN first.id IS NULL THEN 'before the first night was opened'
                WHEN first.finished_at IS NULL AND EXISTS (SELECT FROM funding.funding_runshard s
                     WHERE s.run_id = first.id AND s.done_at IS NULL) THEN 'amid the first night''s shards'
                WHEN first.finished_at IS NULL THEN 'before the first night was finished'
                WHEN second.id IS NULL THEN 'between the nights'
                WHEN second.finished_at IS NULL AND EXISTS (SELECT FROM funding.funding_runshard s
                     WHERE s.run_id = second.id AND s.done_at IS NULL) THEN 'amid the second night''s shards'
                WHEN second.finished_at IS NULL THEN 'before the second night was finished' END
    FROM (SELECT) one
    LEFT JOIN funding.funding_run first ON first.business_date = '{prepared.NIGHTS[0]}'
    LEFT JOIN funding.funding_run second ON second.business_date = '{prepared.NIGHTS[1]}'
"""
INDEXES = """
    SELECT c.oid::regclass::text FROM pg_class c JOIN pg_am a ON a.oid = c.relam
    WHERE c.relkind = 'i' AND c.relnamespace = 'funding'::regnamespace AND a.amname = 'btree'
"""


class Ground:
    """Servers of the drill's own at `root`; database `prepared` is what every night begins from, `night` the one at work."""

    def __init__(self, root: Path):
        self.root, self.places = root, places_of(root)
        self._watching: psycopg.Connection | None = None
        # What else a minute brings: the service manager that starts a worker again which has ended.
        self.each_tick: Callable[[], None] = lambda: None
        local_servers.ensure_running(root)
        self.redis_url = local_servers.broker_url(root)
        self._execute("CREATE DATABASE prepared")
        subprocess.run([sys.executable, "-m", "tests.drills.prepared"], env=self.environment("owner", "prepared"), check=True)

    def environment(self, process: str, database: str) -> dict[str, str]:
        url = processes.local_database_url(self.root, f"credence_{process}", database)
        return processes.environment(process, url, self.redis_url) | {"DJANGO_SETTINGS_MODULE": "config.settings"}

    def _execute(self, sql: str, database: str = "credence") -> list[tuple]:
        with connect(self.root, dbname=database) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def begin_a_night(self) -> None:
        """The prepared state once more, and an empty bell."""
        self.flush_redis()
        if self._watching:
            self._watching.close()
            self._watching = None
        self._execute("DROP DATABASE IF EXISTS night WITH (FORCE)")
        # Not by the default strategy: after a crash, its copy of a sequence hands out once more what it gave since.
        self._execute("CREATE DATABASE night TEMPLATE prepared STRATEGY file_copy")

    def tick(self) -> None:
        """What the beat does once a minute."""
        self.each_tick()
        processes.send("funding.sweep", prepared.TODAY.isoformat(), redis_url=self.redis_url)

    def where(self) -> str | None:
        """How far the nights are, in words; None once both are done."""
        # Asked every hundredth of a second, so by one connection; a crash ends it.
        for _ in range(2):
            with suppress(psycopg.OperationalError):
                self._watching = self._watching or connect(self.root, dbname="night")
                return self._watching.execute(WHERE).fetchone()[0]
            self._watching = None
        raise AssertionError("The night's database does not answer.")

    def done_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.where():
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.01)  # the other side is another process: the tables are all that we share
        return True

    def see_it_through(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.done_within(TICK_SECONDS):
            assert time.monotonic() < deadline, f"the night came no further than {self.where()}"
            self.tick()

    def books(self) -> dict[str, list[tuple]]:
        with connect(self.root, dbname="night") as connection:
            return written(connection)

    def crash_postgresql(self) -> None:
        command = [postgres_server.program(self.places, "pg_ctl"), "stop", "-m", "immediate", "-D", str(self.places.data)]
        programs.run(self.places, command)
        local_servers.ensure_running(self.root)

    def flush_redis(self) -> None:
        with redis.Redis(unix_socket_path=str(self.places.redis_socket)) as bell:
            bell.flushall()

    def kill_redis(self) -> None:
        title = re.compile(re.escape(os.fsencode(self.places.redis_socket)))
        for pid in programs.processes(redis_server.NAMES, self.places.sockets, title):
            os.kill(pid, signal.SIGKILL)
        local_servers.ensure_running(self.root)

    def index_faults(self) -> list[tuple]:
        """What amcheck says of every B-tree of the money, each held against its table; nothing where all are sound."""
        self._execute("CREATE EXTENSION IF NOT EXISTS amcheck", "night")
        indexes = self._execute(INDEXES, "night")
        assert indexes
        faults = []
        for (index,) in indexes:
            try:
                self._execute(f"SELECT bt_index_parent_check('{index}', true)", "night")
            except psycopg.errors.IndexCorrupted as corrupted:
                faults.append((index, str(corrupted)))
        return faults


class Nursery:
    """Bears workers on the ground's `night` database; one is alive at a time."""

    def __init__(self, ground: Ground, log: Path):
        self._output = log.open("ab")
        self._mother = subprocess.Popen(
            [sys.executable, "-m", "tests.drills.nursery"], env=ground.environment("funding", "night"), cwd=processes.ROOT,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._output,
        )  # fmt: skip
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.pool: list[int] = []
        self.ended_by_themselves = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self._mother.stdout:
            word, _, pid = line.decode().strip().partition(" ")
            if word == "process":
                self.pool.append(int(pid))
            else:
                self._answers.put(pid or word)

    def bear_again_if_ended(self) -> None:
        """As a service manager does. A worker that loses its Redis at a bad moment ends by itself (kombu 5.7)."""
        try:
            os.kill(self.worker, 0)
        except ProcessLookupError:
            self.ended_by_themselves += 1
            self.kill_all()
            self.bear()

    def bear(self) -> None:
        """A new worker that listens."""
        self.pool = []
        self._mother.stdin.write(b"\n")
        self._mother.stdin.flush()
        self.worker = int(self._answers.get(timeout=PATIENCE_SECONDS))
        keeper.begin("group", self.worker)
        assert self._answers.get(timeout=PATIENCE_SECONDS) == "ready"

    def kill_one(self, chance) -> None:
        """SIGKILL to one of the two processes that work; the worker itself lives on."""
        with suppress(ProcessLookupError):
            os.kill(chance.choice(self.pool[-2:]), signal.SIGKILL)

    def kill_all(self) -> None:
        """SIGKILL to the worker with all its processes, as when a machine dies; returns when none is left."""
        with suppress(ProcessLookupError):
            os.killpg(self.worker, signal.SIGKILL)
            while True:
                os.killpg(self.worker, 0)
                time.sleep(0.002)  # they are no children of ours: there is no event to wait for
        keeper.end(self.worker)

    def close(self) -> None:
        self.kill_all()
        self._mother.stdin.close()
        self._mother.wait()
        self._output.close()
