"""Two policies over the recorded learning: what each would pay, to whom; nothing is written to the books."""

import datetime
import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.loader import render_to_string
from rich.console import Console
from rich.progress import Progress

from database.areas import acting_as
from funding.calc.engine.document import Document
from funding.calc.engine.evaluate import NotPriced
from funding.calc.engine.questions import questions
from funding.calc.engine.recorded import NotRecorded
from funding.calc.money import CENT, half_up_to_cents
from funding.calc.primitives.kinds import CannotMean
from funding.calc.simulation import Compared, Sum, compare
from funding.management.commands.policy import policy_from
from funding.queries.recorded_year import recorded_learning

TABLES = (
    ("by_provider", "provider"),
    ("by_district", "district"),
    ("by_group", "group"),
    ("by_concentration", "need at the provider"),
)


class Command(BaseCommand):
    help = "Two policies over the same recorded learning, side by side: who gains, who loses. Writes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--policy", required=True, metavar="FILE.yaml", help="the policy as it is")
        parser.add_argument("--against", required=True, metavar="FILE.yaml", help="the policy to compare it with")
        parser.add_argument("--catalogue", required=True, help="whose learning, as `state` or `oulad`")
        parser.add_argument(
            "--year", required=True, type=int, help="learning that started from 1 July of this year to the next 30 June"
        )
        parser.add_argument("--years", type=int, default=1, help="how many years from then on (default 1)")
        parser.add_argument(
            "--as-of", type=datetime.date.fromisoformat, help="as it stood on this day (default: the end of the year after)"
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")
        parser.add_argument("--html", metavar="FILE.html", help="write the report as one page with pictures")

    def handle(self, *, policy: str, against: str, catalogue: str, year: int, years: int, as_of: datetime.date | None, json: bool,
               html: str | None, **options: Any) -> None:  # fmt: skip
        first, second = policy_from(policy), policy_from(against)
        if first.currency != second.currency:
            raise CommandError(
                f"{policy} pays in {first.currency} and {against} in {second.currency}; they cannot stand side by side."
            )
        span = (datetime.date(year, 7, 1), datetime.date(year + years, 6, 30))
        compared = self._compare(first, second, catalogue, span, as_of or datetime.date(year + years + 1, 6, 30))
        if not compared.units:
            raise CommandError(f"Catalogue {catalogue!r} has no learning that started from {span[0]} to {span[1]}.")
        report = report_of(first, second, compared, catalogue, span)
        if html:
            Path(html).write_text(
                render_to_string("funding/simulation.html", {"report": report, "tables": _tables(report)}), encoding="utf-8"
            )
        if json:
            self._print_json(report)
        else:
            self._print(report)

    def _compare(
        self, first: Document, second: Document, catalogue: str, span: tuple[datetime.date, datetime.date], as_of: datetime.date
    ) -> Compared:
        with acting_as("area_funding"), Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
            rows = list(recorded_learning(catalogue=catalogue, first=span[0], last=span[1], as_of=as_of))
            task = bar.add_task("Pricing", total=sum(row.count for row in rows))
            try:
                return compare(
                    first, second, ((row.provider, row.district, row.learning, row.count) for row in rows),
                    lambda units: bar.update(task, advance=units),
                )  # fmt: skip
            except (NotPriced, NotRecorded, CannotMean) as problem:
                raise CommandError(str(problem)) from None

    def _print_json(self, report: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(report))

    def _print(self, report: dict[str, Any]) -> None:
        a, b = (one["policy"] for one in report["policies"])
        self.stdout.write(f"{report['catalogue']}, learning from {report['from']} to {report['to']}: "
                          f"{report['units']} enrollment-modules, {report['cases']} distinct cases priced")  # fmt: skip
        for name, title in TABLES:
            self.stdout.write(f"\n{title:24}{'units':>10}{a:>22}{b:>22}{'change':>20}{'swing of ' + b:>26}")
            for row in [*report[name], *([report["total"]] if name == "by_provider" else [])]:
                amounts = "".join(f"{row[key]:>22}" for key in ("first", "second"))
                self.stdout.write(
                    f"{row['name'] or 'unknown':24}{row['units']:>10}{amounts}{row['change']:>20}{row['second_swing']:>26}"
                )
        for one in report["policies"]:
            self.stdout.write(f"\n{one['name']}")
            for question, answer in one["questions"].items():
                self.stdout.write(f"  {question}\n    {answer}")


def report_of(
    first: Document, second: Document, compared: Compared, catalogue: str, span: tuple[datetime.date, datetime.date]
) -> dict[str, Any]:
    """The comparison as plain values: amounts as text, to the cent; swings as a percentage with one decimal."""
    return {
        "catalogue": catalogue,
        "from": span[0].isoformat(),
        "to": span[1].isoformat(),
        "currency": first.currency,
        "units": compared.units,
        "cases": compared.cases,
        "policies": [
            {"policy": one.policy, "name": one.name, "sha256": one.sha256, "stakes": one.stakes, "questions": dict(questions(one))}
            for one in (first, second)
        ],
        "total": _row("all", compared.total, compared.total),
        **{name: [_row(key, row, compared.total) for key, row in getattr(compared, name).items()] for name, _ in TABLES},
    }


def _row(name: str, one: Sum, total: Sum) -> dict[str, Any]:
    largest = max(*total.amounts, CENT)
    return {
        "name": name,
        "units": one.count,
        "needs": one.needs,
        "first": _money(one.amounts[0]),
        "second": _money(one.amounts[1]),
        "change": _money(one.change),
        "first_per_unit": _money(one.per_unit(0)),
        "second_per_unit": _money(one.per_unit(1)),
        "first_swing": f"{one.swing(0) * 100:.1f}%",
        "second_swing": f"{one.swing(1) * 100:.1f}%",
        "gains": one.change > 0,
        "loses": one.change < 0,
        "second_per_need": _money(one.amounts[1] / one.needs) if one.needs else "",
        "first_width": int(one.amounts[0] * 1000 / largest),
        "second_width": int(one.amounts[1] * 1000 / largest),
    }


def _money(amount: Fraction) -> str:
    cents = half_up_to_cents(amount)
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _tables(report: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """What the page shows: its tables by title, the whole first."""
    return [("All", [report["total"]]), *((title.capitalize(), report[name]) for name, title in TABLES)]
