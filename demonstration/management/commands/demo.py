"""The demonstration: from an empty database to provider payments, their explanation and the two sites."""

import datetime
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from database.areas import acting_as
from demonstration import people_to_sign_in, school_year, state
from demonstration.sites import serve
from demonstration.worker import WorkerGone, must_live, night_worker
from funding.actions.release_batch import release_batch
from funding.actions.release_demonstration import release_demonstration
from funding.calc.money import in_words
from funding.queries.months import month_ends
from funding.queries.nights import batches_waiting, night_is_done
from funding.queries.statements import statements
from funding.tasks import night

DAYS_UNTIL_RELEASE = 5


class Command(BaseCommand):
    help = "Seed a demonstration (or take in a folder of the Open University's files), run its nights, show the payments, serve."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--size", type=int, default=3000, help="students of the demonstration state (default 3000)")
        parser.add_argument("--data", type=Path, help="a folder with the Open University's files, instead of the state")
        parser.add_argument("--serve", action="store_true", help="serve the learning and the office site at the end")

    def handle(self, *, size: int, data: Path | None, serve: bool, **options: Any) -> None:
        self.console = Console(width=None if sys.stdout.isatty() else 110)
        if not 1 <= size <= 200_000:
            raise CommandError("--size takes 1 to 200,000 students.")
        if data is not None and not data.is_dir():
            raise CommandError(f"{data} is no folder; give the one that holds the Open University's CSV files.")
        self._say("Migrating the database, then its rights and guards.")
        call_command("migrate", verbosity=0)
        if data is not None:
            self._say(f"Taking in {data}.")
            call_command("import_oulad", str(data))
            program, catalogue, before_night = "oulad-completion", "oulad", lambda month: None
        else:
            grown = state.grow(students=size)
            self._say(f"A demonstration state of {grown.students:,} students, grown from seed {state.SEED}.")
            if grown.students != size:
                self._say("It was grown before; for another size, `make stop`, delete .local and start over.")
            program, catalogue, before_night = "state-completion", state.CATALOGUE, grown.report_month
        release_demonstration(program_code=program)
        if data is not None:
            with acting_as("area_funding"):
                months = month_ends(catalogue=catalogue)
        else:
            months = list(state.MONTH_ENDS)
        self._run_nights(program, months, before_night)
        sign_ins = people_to_sign_in.seat(provider_code=self._providers(program)[0], catalogue=catalogue)
        if data is None:
            self._grow_school_year()
            sign_ins |= people_to_sign_in.seat_at_school(school_code=next(iter(school_year.SCHOOLS)))
        self._release_all_but_the_last(program, released_by=sign_ins["payment_releaser"].user_id)
        self._show_payments(program)
        if serve:
            self._serve(sign_ins)

    def _say(self, words: str) -> None:
        self.console.print(words, highlight=False)

    def _grow_school_year(self) -> None:
        columns = (TextColumn("School year"), BarColumn(), MofNCompleteColumn(), TextColumn("groups of students"), TimeElapsedColumn())
        with Progress(*columns, console=self.console) as progress:
            bar = progress.add_task("", total=None)
            grown = school_year.grow(
                teacher_id=people_to_sign_in.appoint_teacher(),
                progress=lambda done, of: progress.update(bar, completed=done, total=of),
            )
            if not grown.judgments:
                progress.update(bar, total=grown.classes // 2, completed=grown.classes // 2)
        recorded = f"{grown.judgments:,} judgements were recorded" if grown.judgments else "their judgements were recorded before"
        self._say(f"{grown.classes:,} classes; {recorded}. No night can read any of them.")

    def _run_nights(self, program: str, months: list[datetime.date], before_night: Callable[[datetime.date], None]) -> None:
        columns = (TextColumn("Nights"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with night_worker() as worker, Progress(*columns, console=self.console) as progress:
            bar = progress.add_task("", total=len(months))
            for month in months:
                progress.update(bar, description=month.isoformat())
                before_night(month)
                self._await_night(program, month, worker)
                progress.advance(bar)

    def _await_night(self, program: str, month: datetime.date, worker: Any) -> None:
        """Ring, and watch the tables: a run that is done is done, whoever did it."""
        rung = 0.0
        while not self._is_done(program, month):
            try:
                must_live(worker)
            except WorkerGone as gone:
                raise CommandError(str(gone)) from None
            if time.monotonic() - rung > 30:
                night.delay(program, month.isoformat())
                rung = time.monotonic()
            time.sleep(0.05)

    def _is_done(self, program: str, month: datetime.date) -> bool:
        with acting_as("area_funding"):
            return night_is_done(program_code=program, business_date=month)

    def _release_all_but_the_last(self, program: str, released_by: int) -> None:
        with acting_as("area_funding"):
            waiting = [batch for batch in batches_waiting() if batch["program"] == program]
        for batch in waiting[:-1]:
            on = batch["business_date"] + datetime.timedelta(days=DAYS_UNTIL_RELEASE)
            release_batch(batch_id=batch["id"], released_by=released_by, on=on)

    def _providers(self, program: str) -> list[str]:
        with acting_as("area_funding"):
            return [statement["provider"] for statement in statements(program_code=program)]

    def _show_payments(self, program: str) -> None:
        with acting_as("area_funding"):
            found = statements(program_code=program)
        if not found:
            raise CommandError("No night has run, so there is nothing to show: there was no completion on file.")
        table = Table(title=f"Provider payments of {program} as of {found[0]['as_of']}")
        for heading in ("Provider", "Earned", "Posted", "Paid", "Carried on", "Held", "On hold"):
            table.add_column(heading, justify="left" if heading == "Provider" else "right")
        for row in found:
            carried = row["lines"][-1]["carried_out_cents"] if row["lines"] else 0
            cents = (row["earned_cents"], row["posted_cents"], row["paid_cents"], carried, row["held_cents"])
            table.add_row(row["provider"], *(in_words(amount, row["currency"]) for amount in cents), f"{row['held_lines']:,}")
        self.console.print(table)
        if any(line["carried_out_cents"] for row in found for line in row["lines"][-1:]):
            self._say("Carried on: paid before, withdrawn since; the provider's next payments make up for it.")
        first = found[0]
        self._say(f"\nThe statement of {first['provider']} (`manage.py statement --provider {first['provider']}`):")
        call_command("statement", provider=first["provider"], program=program, stdout=self.stdout)
        lines = [line for line in first["lines"] if line["amount_cents"]]
        if lines:
            self._say(f"\nOne line explained (`manage.py explain {lines[0]['id']}`):")
            call_command("explain", lines[0]["id"], transfers=1, stdout=self.stdout)

    def _serve(self, sign_ins: dict[str, "people_to_sign_in.SignIn"]) -> None:
        call_command("collectstatic", interactive=False, verbosity=0)

        def announce(addresses: dict[str, str]) -> None:
            table = Table(title=f"Sign-ins (password: {people_to_sign_in.PASSWORD})")
            for heading in ("Site", "Address", "Sign in as", "Who that is"):
                table.add_column(heading)
            for sign_in in sign_ins.values():
                table.add_row(sign_in.site, addresses[sign_in.site], sign_in.username, sign_in.words)
            self.console.print(table)
            self._say('A second factor is offered (under "Your sign-in") and not required; a real deployment requires it of staff.')
            self._say("Serving until Ctrl-C; the local servers stay up until `make stop`.")

        serve(announce)
