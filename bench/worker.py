"""A worker's process: `python -m bench.worker` reads a night's date a line and answers with what it took.

It logs in as the funding worker does. Starting Python stays out of the timing: it says "ready" first.
"""

import datetime
import json
import os
import subprocess
import sys
import time
from typing import Any

from bench import cluster


class Workers:
    """`count` processes on one database, doing the same night at once, as workers on a queue do."""

    def __init__(self, database: str, count: int) -> None:
        environment = os.environ | {
            "CREDENCE_PROCESS": "funding",
            "CREDENCE_BENCH_DATABASE": database,
            "DJANGO_SETTINGS_MODULE": "bench.settings",
        }
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-m", "bench.worker"],
                cwd=cluster.ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )
            for _ in range(count)
        ]  # fmt: skip
        for process in self._processes:
            assert _answer(process) == {"ready": True}

    def night(self, program: str, on: datetime.date) -> dict[str, Any]:
        """The night, from the call until the last worker is done: `seconds`, the run's `result`, the workers' `memory_mb`."""
        begun = time.perf_counter()
        for process in self._processes:
            assert process.stdin
            process.stdin.write(f"{program} {on}\n")
            process.stdin.flush()
        answers = [_answer(process) for process in self._processes]
        return answers[0] | {
            "seconds": time.perf_counter() - begun,
            "memory_mb": max(answer["memory_mb"] for answer in answers),
        }

    def close(self) -> None:
        for process in self._processes:
            process.communicate()

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"A worker ended with {process.wait()}; its error stands above.")
    return json.loads(line)


def main() -> None:
    import django

    django.setup()
    from django.db import connection

    from bench.report import peak_memory_mb, say
    from funding.actions.run_night import run_night

    connection.ensure_connection()
    say(json.dumps({"ready": True}))
    for line in sys.stdin:
        program, on = line.split()
        run = run_night(program_code=program, business_date=datetime.date.fromisoformat(on))
        answer = {"run": run.pk, "on": run.business_date.isoformat(), "digest": run.digest, **run.result}
        say(json.dumps(answer | {"memory_mb": peak_memory_mb()}))


if __name__ == "__main__":
    main()
