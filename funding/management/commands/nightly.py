"""Run a program's night from the command line."""

import datetime
import json
import sys
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress

from database.areas import acting_as
from funding.actions.open_run import NightRefused
from funding.actions.release_demonstration import release_demonstration
from funding.actions.run_night import run_night
from funding.calc.money import in_words
from funding.queries.nights import night_is_done, paid_without_limit_cents


def a_date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day; write it as YYYY-MM-DD, like 2014-07-31") from None


class Command(BaseCommand):
    help = "Run the night of a program: every completion up to the date becomes money, exactly once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--program", required=True, help="the program's code")
        parser.add_argument("--date", required=True, type=a_date, help="the business date, like 2014-07-31; not after today")
        parser.add_argument("--json", action="store_true", help="print the run as JSON")

    def handle(self, *, program: str, date: datetime.date, json: bool, **options: Any) -> None:
        # Nights run in date order, so a mistyped year would swallow every night before it.
        if date > datetime.datetime.now(datetime.UTC).date():
            raise CommandError(f"{date} has not come yet; a night's business date is today (UTC) at the latest.")
        release_demonstration(program_code=program)
        with acting_as("area_funding"):
            already_recorded = night_is_done(program_code=program, business_date=date)
        try:
            with Progress(console=Console(stderr=True), disable=json or not sys.stderr.isatty()) as progress:
                bar = progress.add_task(f"Night of {date}", total=None)
                run = run_night(program_code=program, business_date=date, shard_done=lambda: progress.advance(bar))
        except NightRefused as refusal:
            raise CommandError(str(refusal)) from None
        if json:
            self._print_json(run, already_recorded)
        else:
            self._print(run, date, already_recorded)

    def _print_json(self, run: Any, already_recorded: bool) -> None:
        answer = {"run": run.pk, "business_date": run.business_date.isoformat(), **run.result, "digest": run.digest}
        self.stdout.write(json.dumps({**answer, "already_recorded": already_recorded}))

    def _print(self, run: Any, date: datetime.date, already_recorded: bool) -> None:
        if already_recorded:
            self.stdout.write(f"Nothing was done: the night of {run.business_date}, which covers {date}, was recorded before, as:")
        found = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in run.result["discrepancies"].items() if count)
        lines = {
            "run": run.pk,
            "business date": run.business_date,
            "claims changed": f"{run.result['claims_changed']:,}",
            "distinct cases": f"{run.result['distinct_cases']:,}",
            "transfers": f"{run.result['transfers']:,}",
            "posted": in_words(run.result["posted_cents"], run.program.currency),
            "discrepancies": found or "none",
            "digest": run.digest,
        }
        if run.result["not_in_force"]:
            lines["not paid"] = f"{run.result['not_in_force']:,} enrollment-modules: no policy was in force when learning started"
        if run.result["not_priced"]:
            why = "; ".join(run.result["problems"])
            lines["left as it was"] = f"{run.result['not_priced']:,} enrollment-modules: their policy has no price for them: {why}"
        for name in ("advanced", "trued up"):
            # A night recorded before years were paid ahead says nothing of them.
            if cents := run.result.get(f"{name.replace(' ', '_')}_cents"):
                lines[name] = in_words(cents, run.program.currency)
        with acting_as("area_funding"):
            waited = paid_without_limit_cents(run_id=run.pk)
        if waited:
            paid = in_words(waited, run.program.currency)
            lines["no limit"] = f"{paid} had waited for an appropriation and were paid, as this fiscal year has none"
        for name, value in lines.items():
            self.stdout.write(f"{name:<16}{value}")
