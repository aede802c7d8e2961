"""Explain a payment line down to the completions."""

import json
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from database.areas import acting_as
from funding.calc.money import in_words
from funding.queries.explanation import NoSuchLine, explain_line
from rulebook.load import Citation


def a_count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ArgumentTypeError(f"{text!r} is no number of transfers")
    return int(text)


class Command(BaseCommand):
    help = "Explain a payment line: transfers, claims, cases with their arithmetic and citation, completions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("line", type=int, help="the line's id, as `statement` shows it")
        parser.add_argument("--json", action="store_true", help="print all of it as JSON")
        parser.add_argument("--transfers", type=a_count, default=3, help="how many transfers to show in words (default 3)")

    def handle(self, *, line: int, json: bool, transfers: int, **options: Any) -> None:
        try:
            with acting_as("area_funding"):
                explanation = explain_line(line_id=line, limit=None if json else transfers)
        except NoSuchLine as problem:
            raise CommandError(str(problem)) from None
        if json:
            self._print_json(explanation)
        else:
            self._print(explanation)

    def _print_json(self, explanation: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(explanation))

    def _print(self, explanation: dict[str, Any]) -> None:
        currency = explanation["currency"]
        self.stdout.write(f"Payment line {explanation['line']} of {explanation['provider']} {explanation['provider_name']}")
        self.stdout.write(explanation["in_words"])
        for transfer in explanation["transfers"]:
            self.stdout.write(
                f"\n  {transfer['date']}  {in_words(transfer['amount_cents'], currency)}  {transfer['kind']}  "
                f"from {transfer['source']}, enrollment {transfer['enrollment']}, {transfer['offering']}"
                + (f", module {transfer['module']}" if transfer["module"] else "")
            )
            claim = transfer["claim"]
            self.stdout.write(
                f"    claim {claim['number']}: earned to date {in_words(claim['earned_cents'], currency)}, "
                f"before {in_words(claim['earned_before_cents'], currency)}"
            )
            if told := transfer["case"]["told"]:
                self.stdout.write(f"    the record says besides: {told}")
            for step in transfer["case"]["trace"]:
                self.stdout.write(f"    - {step['words']} {step['arithmetic']} = {step['result']}")
                if step["citation"]:
                    self.stdout.write(f"      by {Citation(**step['citation']).in_words}")
            for completion in transfer["completions"]:
                note = " (outside the enrollment's dates)" if completion["outside_enrollment"] else ""
                self.stdout.write(f"      {completion['completed_on']}  assignment {completion['assignment']}{note}")
        rest = explanation["transfers_total"] - len(explanation["transfers"])
        if rest > 0:
            self.stdout.write(f"\n  and {rest} more; `explain {explanation['line']} --json` shows every one.")
