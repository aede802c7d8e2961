"""The real nightly worker, for as long as the demonstration's nights run."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from demonstration.begun import noted


class WorkerGone(RuntimeError):
    """The worker ended before its nights did; the text names its log."""


@contextmanager
def night_worker() -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker on the funding queue, logged in as the funding worker, two shards at a time."""
    log = Path(settings.BASE_DIR) / ".local" / "worker.log"
    log.parent.mkdir(mode=0o700, exist_ok=True)
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-Q", "funding", "-c", "2", "--loglevel", "WARNING",
               "--without-gossip", "--without-mingle"]  # fmt: skip
    with log.open("ab") as output:
        worker = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env={**os.environ, "CREDENCE_PROCESS": "funding"}, stdout=output, stderr=output
        )
        with noted(Path(settings.BASE_DIR), worker.pid):
            try:
                yield worker
            finally:
                worker.terminate()
                try:
                    worker.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    worker.kill()
                    worker.wait()


def must_live(worker: subprocess.Popen[bytes]) -> None:
    if worker.poll() is not None:
        raise WorkerGone(f"The nightly worker ended with code {worker.returncode}; .local/worker.log says why.")
