"""Print the statement of one provider, or of all."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from database.areas import acting_as
from funding.calc.money import in_words
from funding.management.commands.nightly import a_date
from funding.queries.statements import NothingToState, statements


class Command(BaseCommand):
    help = "State what a provider (or each of all) has earned, was posted, was paid and has on hold, as of a day."

    def add_arguments(self, parser: CommandParser) -> None:
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--provider", help="the provider's code")
        whose.add_argument("--all", action="store_true", help="every provider")
        parser.add_argument("--program", help="only this program")
        parser.add_argument("--as-of", type=a_date, help="a day, like 2014-07-31; without it, the last night")
        parser.add_argument("--json", action="store_true", help="print a JSON list")

    def handle(self, *, provider: str | None, program: str | None, as_of: Any, json: bool, **options: Any) -> None:
        try:
            with acting_as("area_funding"):
                found = statements(program_code=program, provider_code=provider, as_of=as_of)
        except NothingToState as problem:
            raise CommandError(str(problem)) from None
        if json:
            self._print_json(found)
        elif not found:
            by_then = f"No night had run by {as_of}" if as_of else "No night has run yet"
            self.stdout.write(f"{by_then}, so there is nothing to state. Run `manage.py nightly` first.")
        for statement in found if not json else []:
            self._print(statement)

    def _print_json(self, found: list[dict[str, Any]]) -> None:
        self.stdout.write(json.dumps(found))

    def _print(self, statement: dict[str, Any]) -> None:
        def money(cents: int) -> str:
            return in_words(cents, statement["currency"])

        self.stdout.write(
            f"\n{statement['provider']} {statement['provider_name']}, {statement['program']}, "
            f"as of {statement['as_of']} (last night {statement['last_night']})"
        )
        for label in ("earned", "posted", "paid", "held"):
            self.stdout.write(f"  {label:<8}{money(statement[f'{label}_cents']):>24}")
        self.stdout.write(f"  completions on hold {statement['held_lines']:>12}")
        for offering in statement["offerings"]:
            self.stdout.write(f"  {offering['code']:<24}{money(offering['earned_cents']):>24}")
        for year in statement["years_ahead"]:
            self.stdout.write(
                f"  learning that starts from {year['first_on']} to {year['last_on']}, paid ahead: {money(year['advanced_cents'])} "
                f"advanced of {money(year['predicted_cents'])} predicted, {money(year['earned_cents'])} earned, "
                f"{money(year['trued_up_cents'])} trued up"
            )
        for line in statement["lines"]:
            state = (
                f"released {line['released_on']}"
                if line["released_on"]
                else "waits for release"
                if line["amount_cents"]
                else "nothing to pay"
            )
            carried = f", carries {money(line['carried_out_cents'])} forward" if line["carried_out_cents"] else ""
            waits = f"; of {money(line['due_cents'])} due, the rest waits for the appropriation" if line["unpaid_cents"] else ""
            self.stdout.write(f"  line {line['id']:<6} {line['date']} {money(line['amount_cents']):>24}  {state}{carried}{waits}")
