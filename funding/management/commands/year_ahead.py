"""Years that are paid ahead: opened on a prediction, shown, re-estimated, trued up."""

import datetime
import json
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from database.areas import acting_as
from funding.access import viewer_from
from funding.actions.open_year_ahead import open_year_ahead
from funding.actions.predict_year import YearAheadRefused
from funding.actions.re_estimate_year import re_estimate_year
from funding.actions.true_up_year import true_up_year
from funding.calc.money import in_words
from funding.calc.primitives.kinds import CannotMean
from funding.calc.year_ahead import monthly
from funding.exchange.year_ahead_files import FileRefused, read_anticipated, read_schedule
from funding.management.commands.nightly import a_date
from funding.queries.years_ahead import NoSuchProgram, years_of
from people.access import user_by_username
from people.roles import roles_on

REFUSALS = (YearAheadRefused, NoSuchProgram, FileRefused, CannotMean)
AMOUNTS = {
    "predicted": "predicted",
    "advanced": "advanced",
    "earned": "earned",
    "trued_up": "trued up",
    "to_true_up": "still to true up",
}


def a_span(text: str) -> tuple[datetime.date, datetime.date]:
    """FIRST..LAST as two days."""
    first, dots, last = text.partition("..")
    if not dots:
        raise ArgumentTypeError(f"{text!r} is no span of days; write FIRST..LAST, like 2025-07-01..2026-06-30")
    return a_date(first), a_date(last)


class Command(BaseCommand):
    help = "Pay a year of learning ahead: predict it from a year before, advance it by night, re-estimate it, true it up."

    def add_arguments(self, parser: CommandParser) -> None:
        doing = parser.add_subparsers(dest="doing", required=True)
        opening = self._verb(doing, "open", "predict the year and have the nights advance it")
        opening.add_argument("--year", required=True, type=a_span, metavar="FIRST..LAST", help="learning that starts in these days")
        opening.add_argument("--from", dest="before", required=True, type=a_span, metavar="FIRST..LAST",
                             help="the learning before, by whose share completed it is predicted")  # fmt: skip
        how = opening.add_mutually_exclusive_group(required=True)
        how.add_argument("--instalments", type=int, help="as many equal ones, a month apart from the first day on")
        how.add_argument("--schedule", type=Path, metavar="FILE.csv", help="columns due_on and share; the shares make 1")
        re_estimate = self._verb(doing, "reestimate", "predict it anew; what was advanced stays")
        for one in (opening, re_estimate):
            one.add_argument("--on", type=a_date, help="as known on this day; default today")
            one.add_argument("--anticipated", type=Path, metavar="FILE.csv",
                             help="columns provider, credit, count: instead of the year's enrollments on file")  # fmt: skip
        true_up = self._verb(doing, "true_up", "settle it against what was earned, with the next night")
        true_up.add_argument("--parts", type=int, default=1, help="take what is owed back in so many monthly parts (default 1)")
        for one in (re_estimate, true_up):
            one.add_argument("--year", required=True, type=a_date, metavar="FIRST", help="the year's first day")
        for one in (opening, re_estimate, true_up):
            one.add_argument("--by", required=True, metavar="USERNAME", help="the finance officer who says so")
        self._verb(doing, "show", "what was predicted, advanced, earned and trued up so far")

    def _verb(self, doing: Any, name: str, words: str) -> ArgumentParser:
        verb: ArgumentParser = doing.add_parser(name, help=words)
        verb.add_argument("program", help="the program's code")
        verb.add_argument("--json", action="store_true", help="print the years as JSON")
        return verb

    def handle(self, *, doing: str, program: str, **options: Any) -> None:
        try:
            said = {"open": self._open, "reestimate": self._re_estimate, "true_up": self._true_up}.get(doing, self._nothing)(
                program, options
            )
            with acting_as("area_funding"):
                years, currency = years_of(program_code=program)
        except REFUSALS as refusal:
            raise CommandError(str(refusal)) from None
        if options["json"]:
            self.stdout.write(json.dumps(years))
        else:
            self._print(said, years, currency)

    def _open(self, program: str, options: dict[str, Any]) -> str:
        first_on, last_on = options["year"]
        schedule = read_schedule(options["schedule"]) if options["schedule"] else monthly(first_on, options["instalments"])
        open_year_ahead(
            program_code=program,
            first_on=first_on,
            last_on=last_on,
            predicted_from=options["before"],
            schedule=schedule,
            on=options["on"] or timezone.localdate(),
            opened_by=_officer(options["by"]),
            anticipated=_anticipated(options),
        )
        return "Opened. The nights advance it from now on."

    def _re_estimate(self, program: str, options: dict[str, Any]) -> str:
        re_estimate_year(
            program_code=program,
            first_on=options["year"],
            on=options["on"] or timezone.localdate(),
            made_by=_officer(options["by"]),
            anticipated=_anticipated(options),
        )
        return "Predicted anew. The instalments to come follow it."

    def _true_up(self, program: str, options: dict[str, Any]) -> str:
        by = _officer(options["by"])
        asked = true_up_year(program_code=program, first_on=options["year"], asked_by=by, parts=options["parts"])
        return f"True-up {asked.number} is posted by the program's next night."

    def _nothing(self, program: str, options: dict[str, Any]) -> str:
        return ""

    def _print(self, said: str, years: list[dict[str, Any]], currency: str) -> None:
        if said:
            self.stdout.write(said)
        if not years:
            self.stdout.write("No year of this program is paid ahead. `year_ahead open --help` says how one is opened.")
        for year in years:
            self.stdout.write(
                f"\nLearning that starts from {year['first_on']} to {year['last_on']}, predicted from that of "
                f"{year['predicted_from'][0]} to {year['predicted_from'][1]}, in {len(year['schedule'])} instalments"
            )
            self.stdout.write(f"  {'provider':<16}" + "".join(f"{words:>22}" for words in AMOUNTS.values()))
            for one in year["providers"]:
                amounts = "".join(f"{in_words(one[f'{name}_cents'], currency):>22}" for name in AMOUNTS)
                self.stdout.write(f"  {one['provider']:<16}{amounts}")


def _anticipated(options: dict[str, Any]) -> Any:
    return read_anticipated(options["anticipated"]) if options["anticipated"] else None


def _officer(username: str) -> int:
    """The id of the finance officer of that name; CommandError where there is none."""
    user = user_by_username(username)
    if user is None or not viewer_from(roles_on(user_id=user.pk, day=timezone.localdate())).may("pay_ahead"):
        raise CommandError(f"--by {username}: there is no finance officer of that name. Nothing was done.")
    return int(user.pk)
