"""Where the drills' workers are born: a process with everything imported that forks a real worker for each line it reads.

A worker's life then begins in a tenth of the time, so that hundreds can be killed. `python -m tests.drills.nursery` with
the worker's environment answers "born <pid>", "process <pid>" for each process of its pool, and "ready" once it listens.
"""

import os
import signal
import sys

PROCESSES = "2"
OPTIONS = ("-Q", "funding", "-c", PROCESSES, "--pool", "prefork", "--loglevel", "WARNING", "--without-gossip", "--without-mingle")


def live(say) -> None:
    """Be a worker, in a process group of its own."""
    from celery.signals import worker_process_init, worker_ready

    from config.celery import app

    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    worker_process_init.connect(lambda **_: say(f"process {os.getpid()}"), weak=False)
    worker_ready.connect(lambda **_: say("ready"), weak=False)
    app.worker_main(["worker", *OPTIONS])


def main() -> None:
    import django

    django.setup()
    from config.celery import app
    from funding.actions import open_run
    from tests.drills.prepared import ENROLLMENTS_A_SHARD

    open_run.ENROLLMENTS_A_SHARD = ENROLLMENTS_A_SHARD
    app.loader.import_default_modules()
    # The answers keep the pipe to themselves: what Celery prints goes to the log.
    answers = os.dup(1)
    os.dup2(2, 1)

    def say(words: str) -> None:
        os.write(answers, f"{words}\n".encode())

    # The kernel reaps the killed.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        if (pid := os.fork()) == 0:
            live(say)
            os._exit(0)
        say(f"born {pid}")


if __name__ == "__main__":
    main()
