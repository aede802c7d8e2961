"""Print each provider's success rate."""

import datetime
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accountability.actions.record_success_rates import record_success_rates
from accountability.queries import RateRefused, barred_catalogues, success_rates
from database.areas import acting_as


class Command(BaseCommand):
    help = "Each provider's success rate: courses succeeded over enrollments beyond the welcome period. Knows no money."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--catalogue", help="only the courses of this catalogue")
        parser.add_argument("--json", action="store_true", help="print a JSON list")
        parser.add_argument("--record", type=datetime.date.fromisoformat, metavar="DAY", help="also write them down as of a day")

    def handle(self, *, catalogue: str | None, json: bool, record: datetime.date | None, **options: Any) -> None:
        try:
            if record is not None:
                record_success_rates(as_of=record, catalogue=catalogue)
            with acting_as("area_accountability"):
                rates, barred = success_rates(catalogue=catalogue), barred_catalogues()
        except RateRefused as refusal:
            raise CommandError(str(refusal)) from None
        for sentence in barred.values() if catalogue is None else ():
            self.stderr.write(sentence)
        if catalogue is not None and not rates:
            raise CommandError(f"No course of a catalogue {catalogue!r} has enrollments.")
        if json:
            self._print_json(rates)
            return
        for rate in rates:
            tenths = rate["succeeded"] * 1000 // rate["enrolled"] if rate["enrolled"] else 0
            self.stdout.write(
                f"{rate['provider']:<12}{rate['succeeded']:>8} of {rate['enrolled']:>8} succeeded  {tenths // 10}.{tenths % 10} %"
            )

    def _print_json(self, rates: list[dict[str, Any]]) -> None:
        self.stdout.write(json.dumps(rates))
