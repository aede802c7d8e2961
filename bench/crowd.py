"""`python -m bench.crowd [--seconds 120] [--keep]`: forty people at once on the pages of a class of 500, served as in production.

Fourteen teachers, twenty students, four guardians and two counsellors each open page after page, and stop to read between
them (0.5 to 2.5 seconds at random); each teacher saves thirty cells at a time. Afterwards every edit that was answered as
saved is looked for in the database. Each kind of page stands beside the same page asked of an idle server.
"""

import argparse
import contextlib
import os
import random
import secrets
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import django

DATABASE = "bench_crowd"
# Both processes read the sessions that this one makes, each with its own login.
os.environ.update(DJANGO_SETTINGS_MODULE="bench.settings", CREDENCE_BENCH_DATABASE=DATABASE)
os.environ.setdefault("SECRET_KEY", secrets.token_hex())
django.setup()

from django.conf import settings  # noqa: E402 - settings are read only now
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from bench import cluster  # noqa: E402
from bench.crowded_class import SEED, TODAY, CrowdedClass, grow  # noqa: E402
from bench.report import Report, progress  # noqa: E402
from bench.visiting import Answer, Browser, Edit, Visit  # noqa: E402
from competencies.models import MasteryJudgment  # noqa: E402
from database import local_servers  # noqa: E402

PORT = 8765
WORKERS = 2
IDLE_ROUNDS = 12
READING = (0.5, 2.5)
WANTED_P95 = 1.0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.crowd", description="Forty people at once; see docs/performance.md.")
    parser.add_argument("--seconds", type=float, default=120, help="how long (default 120)")
    parser.add_argument("--keep", action="store_true", help="leave the cluster and its data")
    return parser.parse_args()


def main() -> None:
    wanted = arguments()
    progress("starting the bench's cluster")
    cluster.start()
    local_servers.ensure_running(settings.BASE_DIR, postgres=False)
    try:
        crowd = _made()
        with _served():
            progress("asking an idle server")
            idle = _idle(crowd)
            progress(f"{len(crowd.visitors)} people for {wanted.seconds:g} seconds")
            load = os.getloadavg()[0]
            answers, edits = _crowded(crowd, wanted.seconds)
        Report().machine(f"{len(crowd.visitors)} sessions, {WORKERS} gunicorn workers, load before {load:.1f}", SEED)
        good = _told(idle, answers, edits, wanted.seconds)
    finally:
        connection.close()
        if not wanted.keep:
            cluster.remove()
    sys.exit(0 if good else 1)


def _made() -> CrowdedClass:
    connection.close()
    cluster.drop_database(DATABASE)
    cluster.create_database(DATABASE)
    progress("migrating")
    call_command("migrate", verbosity=0)
    crowd = grow()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return crowd


@contextlib.contextmanager
def _served() -> Iterator[None]:
    """The learning site by gunicorn under its own login, as `make demo` and production serve it."""
    call_command("collectstatic", interactive=False, verbosity=0)
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{PORT}", "--workers", str(WORKERS),
               "--no-control-socket", "--log-level", "warning"]  # fmt: skip
    server = subprocess.Popen(command, cwd=cluster.ROOT, env={**os.environ, "CREDENCE_PROCESS": "learning"})
    try:
        Browser(PORT, "").wait_until_served()
        yield
    finally:
        server.terminate()
        server.wait()


def _idle(crowd: CrowdedClass) -> list[Answer]:
    """One person of each role alone, so that each page is asked of a server that does nothing else. Edits nothing."""
    answers: list[Answer] = []
    for role in ("teacher", "student", "guardian", "counsellor"):
        one = next(visitor for visitor in crowd.visitors if visitor.role == role)
        visit = Visit(Browser(PORT, one.session), one, crowd.section, random.Random(SEED), edits=False)
        for number in range(IDLE_ROUNDS + 1):
            found = list(visit.round())
            # The first meets a worker that has not answered anything yet.
            answers += found if number else []
    return answers


def _crowded(crowd: CrowdedClass, seconds: float) -> tuple[list[Answer], list[Edit]]:
    until = time.monotonic() + seconds
    visits = [
        Visit(Browser(PORT, one.session), one, crowd.section, random.Random(SEED + place), edits=True)
        for place, one in enumerate(crowd.visitors)
    ]
    answers: list[list[Answer]] = [[] for _ in visits]

    def stay(place: int) -> None:
        pause = random.Random(place)
        while True:
            for answer in visits[place].round():
                answers[place].append(answer)
                if time.monotonic() > until:
                    return
                time.sleep(pause.uniform(*READING))

    threads = [threading.Thread(target=stay, args=[place]) for place in range(len(visits))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [one for found in answers for one in found], [edit for visit in visits for edit in visit.edited]


def _ms(values: list[float]) -> tuple[float, float, float]:
    """Median, 95th percentile and largest of seconds, in milliseconds."""
    return tuple(1000 * value for value in (statistics.median(values), percentile(values, 95), max(values)))  # type: ignore[return-value]


def percentile(values: list[float], of: int) -> float:
    """The smallest value that `of` in a hundred do not pass."""
    return sorted(values)[max(0, -(-len(values) * of // 100) - 1)]


def _told(idle: list[Answer], answers: list[Answer], edits: list[Edit], seconds: float) -> bool:
    """Prints what was measured; whether all that is wanted holds."""
    print("| page | idle, ms | asked | median, ms | p95, ms | longest, ms | KB |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for kind in sorted({one.kind for one in answers}):
        took = [one.seconds for one in answers if one.kind == kind]
        alone = [one.seconds for one in idle if one.kind == kind]
        size = statistics.median(one.bytes for one in answers if one.kind == kind)
        beside = f"{_ms(alone)[0]:.0f}" if alone else ""
        print(f"| {kind} | {beside} | {len(took)} | " + " | ".join(f"{value:.0f}" for value in _ms(took)) + f" | {size / 1000:.0f} |")
    median, p95, longest = _ms([one.seconds for one in answers])
    print(f"| all | {_ms([one.seconds for one in idle])[0]:.0f} | {len(answers)} | {median:.0f} | {p95:.0f} | {longest:.0f} | |")
    wrong = [one for one in answers if one.status != 200]
    lost, twice = _looked_for(edits)
    print(f"\n{len(answers) / seconds:.1f} answers a second. Errors: {len(wrong)}.")
    print(f"Edits answered as saved: {len(edits)}; lost: {lost}; recorded twice: {twice}.")
    print(f"95 in 100 within {p95:.0f} ms; wanted: {WANTED_P95 * 1000:.0f} ms.")
    for one in wrong[:10]:
        print(f"  {one.status} for {one.kind}: {one.said[:300]}")
    return not wrong and not lost and not twice and p95 <= WANTED_P95 * 1000


def _looked_for(edits: list[Edit]) -> tuple[int, int]:
    """How many edits that were answered as saved the record does not hold, and how many it holds more than once."""
    judged = MasteryJudgment.objects.filter(recorded_at__gte=TODAY).values_list(
        "judged_by_id", "student__uuid", "competency__uuid", "rank"
    )
    counted: dict[tuple, int] = {}
    for by, student, competency, rank in judged:
        key = (by, str(student), str(competency), rank)
        counted[key] = counted.get(key, 0) + 1
    told = {(edit.by, edit.student, edit.competency, edit.level) for edit in edits}
    return sum(key not in counted for key in told), sum(count > 1 for count in counted.values())


if __name__ == "__main__":
    main()
