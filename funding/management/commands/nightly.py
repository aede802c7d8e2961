"""Run a program's night from the command line."""

import datetime
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress

from funding.actions.open_run import NightRefused
from funding.actions.release_demonstration import release_demonstration
from funding.actions.run_night import run_night


def a_date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


class Command(BaseCommand):
    help = "Run the night of a program: every completion up to the date becomes money, exactly once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--program", required=True, help="the program's code")
        parser.add_argument("--date", required=True, type=a_date, help="the business date, like 2014-07-31")
        parser.add_argument("--json", action="store_true", help="print the run as JSON")

    def handle(self, *, program: str, date: datetime.date, json: bool, **options: Any) -> None:
        release_demonstration(program_code=program)
        try:
            with Progress(console=Console(stderr=True), disable=json or not sys.stderr.isatty()) as progress:
                bar = progress.add_task(f"Night of {date}", total=None)
                run = run_night(program_code=program, business_date=date, shard_done=lambda: progress.advance(bar))
        except NightRefused as refusal:
            raise CommandError(str(refusal)) from None
        self._print(run, as_json=json)

    def _print(self, run: Any, as_json: bool) -> None:
        answer = {"run": run.pk, "business_date": run.business_date.isoformat(), **run.result, "digest": run.digest}
        if as_json:
            self.stdout.write(json.dumps(answer))
            return
        for name, value in answer.items():
            self.stdout.write(f"{name.replace('_', ' '):20} {value}")
