"""Print the trial balance, or write it as CSV."""

import csv
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from database.areas import acting_as
from funding.calc.money import in_words
from funding.management.commands.nightly import a_date
from funding.models import Program
from funding.queries.trial_balance import trial_balance


class Command(BaseCommand):
    help = "Print every account's debits and credits; they cancel to 0 over all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--program", help="only this program")
        parser.add_argument("--as-of", type=a_date, help="up to a day, like 2014-07-31")
        parser.add_argument("--csv", action="store_true", help="print CSV, amounts in cents")

    def handle(self, *, program: str | None, as_of: Any, csv: bool, **options: Any) -> None:
        with acting_as("area_funding"):
            if program is not None and program not in (known := list(Program.objects.order_by("code").values_list("code", flat=True))):
                raise CommandError(f"There is no program {program!r}; there is: {', '.join(known) or 'none yet'}.")
            balances = trial_balance(program_code=program, as_of=as_of)
        if csv:
            self._print_csv(balances)
            return
        for row in balances:
            self.stdout.write(f"{row['program']:<24}{row['account']:<28}{in_words(row['balance_cents'], ''):>24}")
        self.stdout.write(f"{'':<24}{'difference':<28}{in_words(sum(row['balance_cents'] for row in balances), ''):>24}")

    def _print_csv(self, balances: list[dict[str, Any]]) -> None:
        writer = csv.DictWriter(self.stdout, fieldnames=["program", "account", "debit_cents", "credit_cents", "balance_cents"])
        writer.writeheader()
        writer.writerows(balances)
