"""manage.py appropriation PROGRAM YEAR: what a legislature gives a program for a fiscal year."""

import json
import re
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from database.areas import acting_as
from funding.access import MayNot, person_who_may
from funding.actions.appropriate import add_to_appropriation, set_appropriation
from funding.actions.move_money import MovementRefused
from funding.actions.open_fund import FundRefused
from funding.management.commands.funds import in_a_line
from funding.queries.funds import funds


def cents(text: str) -> int:
    """Whole cents of an amount written like 1234.56; ArgumentTypeError for anything else."""
    if not re.fullmatch(r"\d{1,15}(\.\d{2})?", text, re.ASCII):
        raise ArgumentTypeError(f"{text!r} is no amount; write it like 1500000.00 or 1500000")
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part or 0)


def fiscal_year(text: str) -> int:
    """A year of four digits; ArgumentTypeError for anything else."""
    if not re.fullmatch(r"[12]\d{3}", text, re.ASCII):
        raise ArgumentTypeError(f"{text!r} is no fiscal year; write the year that it ends in, like 2026")
    return int(text)


class Command(BaseCommand):
    help = (
        "Say how much there is for a program's fiscal year, which bears the year that it ends in. From then on no settlement of "
        "that year pays more than is there. Added to, never edited: each change is a movement with its reason."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("program", help="the program's code")
        parser.add_argument("year", type=fiscal_year, help="the fiscal year")
        amount = parser.add_mutually_exclusive_group(required=True)
        amount.add_argument("--add", type=cents, metavar="AMOUNT", help="so much more, once for each reason")
        amount.add_argument("--set", type=cents, metavar="AMOUNT", help="so much in all, with what is reserved and spent")
        parser.add_argument("--reason", required=True, help="the act that gives or takes it")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="the finance officer who says so")
        parser.add_argument("--json", action="store_true", help="print the fund as JSON, amounts in cents")

    def handle(self, *, program: str, year: int, reason: str, by: str, json: bool, **options: Any) -> None:
        today = timezone.localdate()
        told: dict[str, Any] = {"program_code": program, "fiscal_year": year, "reason": reason, "on": today}
        before = _standing(program)
        try:
            person = person_who_may("appropriate", username=by, day=today)
            if options["add"] is not None:
                fund = add_to_appropriation(amount_cents=options["add"], by=person, **told)
            else:
                fund = set_appropriation(total_cents=options["set"], by=person, **told)
        except (FundRefused, MovementRefused, MayNot) as refusal:
            raise CommandError(str(refusal)) from None
        after = _standing(program)[fund.code]
        if json:
            self._print_json(after)
        else:
            same = "Nothing was changed; it was so before. " if before.get(fund.code) == after else ""
            self.stdout.write(same + in_a_line(after))

    def _print_json(self, fund: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(fund))


def _standing(program: str) -> dict[str, dict[str, Any]]:
    with acting_as("area_funding"):
        return {fund["code"]: fund for fund in funds(program_code=program)}
