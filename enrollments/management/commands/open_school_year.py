"""manage.py open_school_year CODE FROM TO TERM:FROM:TO ...: the terms that rosters name."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from enrollments.actions.open_school_year import SchoolYearRefused, open_school_year


def term(text: str) -> tuple[str, tuple[date, date]]:
    try:
        code, first, last = text.split(":")
        return code, (date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no term; write it as CODE:YYYY-MM-DD:YYYY-MM-DD") from None


class Command(BaseCommand):
    help = "Open a school year with its terms, e.g. open_school_year 2026-27 2026-08-15 2027-06-15 fall:2026-08-15:2026-12-20"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code")
        parser.add_argument("starts_on", type=date.fromisoformat)
        parser.add_argument("ends_on", type=date.fromisoformat)
        parser.add_argument("terms", type=term, nargs="+", metavar="TERM:FROM:TO")

    def handle(self, *args: Any, **options: Any) -> None:
        codes = [code for code, _ in options["terms"]]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise CommandError(f"The term {twice[0]} is given twice; give each term its own code. Nothing was opened.")
        try:
            open_school_year(
                code=options["code"], starts_on=options["starts_on"], ends_on=options["ends_on"], terms=dict(options["terms"])
            )
        except SchoolYearRefused as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"School year {options['code']} with {len(options['terms'])} terms.")
