"""Hold the books against the facts."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from database.areas import acting_as
from funding.models import Program
from funding.queries.fund_verification import fund_findings
from funding.queries.trial_balance import trial_balance
from funding.queries.verification import findings
from funding.queries.year_ahead_verification import year_ahead_findings


class Command(BaseCommand):
    help = "Hold the books against the facts, by an independent recomputation. Exit code 1 and the row's name where they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--program", help="only this program")
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *, program: str | None, json: bool, **options: Any) -> None:
        found = []
        with acting_as("area_funding"):
            if program is not None and program not in (known := list(Program.objects.order_by("code").values_list("code", flat=True))):
                raise CommandError(f"There is no program {program!r}; there is: {', '.join(known) or 'none yet'}.")
            for one in Program.objects.order_by("code"):
                if program in (None, one.code):
                    differences = [*findings(program=one), *fund_findings(program=one), *year_ahead_findings(program=one)]
                    found += [{"program": one.code, **vars(finding)} for finding in differences]
            difference = sum(row["balance_cents"] for row in trial_balance(program_code=program))
        if json:
            self._print_json({"findings": found, "trial_balance_cents": difference})
        else:
            for finding in found:
                self.stdout.write(f"{finding['program']}: {finding['row']}: {finding['problem']} ({finding['check']})")
            self.stdout.write(f"{len(found)} differences; the trial balance is {difference}.")
        if found or difference:
            sys.exit(1)

    def _print_json(self, answer: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(answer))
