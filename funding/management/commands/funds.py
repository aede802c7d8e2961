"""manage.py funds: what stands in every appropriation and wallet."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from database.areas import acting_as
from funding.calc.money import in_words
from funding.models import Program
from funding.queries.funds import funds


class Command(BaseCommand):
    help = "List the funds of the programs: what is free, what is reserved, what is spent."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--program", help="only this program")
        parser.add_argument("--json", action="store_true", help="print a JSON list, amounts in cents")

    def handle(self, *, program: str | None, json: bool, **options: Any) -> None:
        with acting_as("area_funding"):
            known = list(Program.objects.order_by("code").values_list("code", flat=True))
            if program is not None and program not in known:
                raise CommandError(f"There is no program {program!r}; there is: {', '.join(known) or 'none yet'}.")
            found = funds(program_code=program)
        if json:
            self._print_json(found)
        elif not found:
            self.stdout.write(
                "There is no fund. `manage.py appropriation` opens a year's; without one, settlements pay all that is due."
            )
        for fund in found if not json else []:
            self.stdout.write(in_a_line(fund))

    def _print_json(self, found: list[dict[str, Any]]) -> None:
        self.stdout.write(json.dumps(found))


def in_a_line(fund: dict[str, Any]) -> str:
    """What stands in a fund (a row of queries/funds.py) in one line."""
    amounts = ", ".join(f"{in_words(fund[f'{what}_cents'], fund['currency'])} {what}" for what in ("free", "reserved", "spent"))
    limits = [
        f"at most {in_words(fund[f'{what}_limit_cents'], fund['currency'])} {words}"
        for what, words in (("item", "an item"), ("lifetime", "in its life"))
        if fund[f"{what}_limit_cents"] is not None
    ]
    until = [f"until {fund['expires_on']}"] if fund["expires_on"] else []
    before = (
        [f"{in_words(fund['uncounted_cents'], fund['currency'])} of this year were settled before there was one and are not counted"]
        if fund["uncounted_cents"]
        else []
    )
    return f"{fund['program']}  {fund['code']}: {amounts}{''.join(f'; {term}' for term in [*limits, *until, *before])}"
