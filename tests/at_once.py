"""The same thing in many processes at once, each with a connection and real commits of its own."""

import multiprocessing
import os
import traceback
from collections.abc import Callable
from typing import Any

from django.db import connection


def at_once(count: int, what: Callable[[int], Any]) -> list[Any]:
    """What `what(number)` returned in each of `count` processes that began it together. Fails with their errors, if any."""
    fork = multiprocessing.get_context("fork")
    together, answers = fork.Barrier(count), fork.SimpleQueue()
    # A child that inherited the parent's socket would end the parent's session with its own.
    connection.close()

    def live(number: int) -> None:
        # A parent that was killed before it had born them all would leave the others waiting.
        together.wait(timeout=60)
        try:
            answers.put((what(number), None))
        except BaseException:
            answers.put((None, traceback.format_exc()))
        os._exit(0)

    started = [fork.Process(target=live, args=(number,)) for number in range(count)]
    for process in started:
        process.start()
    returned = [answers.get() for _ in started]
    for process in started:
        process.join()
    errors = [error for _, error in returned if error]
    assert not errors, errors[0]
    return [answer for answer, _ in returned]
