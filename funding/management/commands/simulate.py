"""Several policies over the same learning: what each would pay, to whom; nothing is written to the books."""

import datetime
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.loader import render_to_string
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import override
from rich.console import Console
from rich.progress import Progress

from database.areas import acting_as
from funding.calc.engine.document import Document
from funding.calc.engine.evaluate import NotPriced
from funding.calc.engine.facts import FactRefused
from funding.calc.engine.recorded import NotRecorded
from funding.calc.primitives.kinds import CannotMean
from funding.calc.simulated_policy import OverFacts, OverRecord
from funding.calc.simulation import NO_NEED, Compared, compare
from funding.calc.simulation_report import TABLES, bars, report_of
from funding.calc.standing import MILESTONE, NEED, PRIOR_LEARNING, standing
from funding.exchange.learning_file import LearningFile, LearningRefused
from funding.management.commands.policy import policy_from
from funding.queries.measures import unknown_milestones
from funding.queries.recorded_year import recorded_catalogues, recorded_learning

# As many as a page has colours for.
MOST = 6
# Years that a person can mean, and as many of them as one report may span.
FIRST_YEAR, LAST_YEAR, MOST_YEARS = 1900, 2199, 100


class Command(BaseCommand):
    help = "Policies over the same learning, side by side: who gains, who loses. Writes nothing to the books."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--policy", required=True, metavar="FILE.yaml", help="the policy as it is: the base")
        parser.add_argument(
            "--against", required=True, action="extend", nargs="+", metavar="FILE.yaml", help="what to compare it with, once or more"
        )
        parser.add_argument("--catalogue", help="whose recorded learning, as `state` or `oulad`")
        parser.add_argument("--year", type=int, help="learning that started from 1 July of this year to the next 30 June")
        parser.add_argument("--years", type=int, default=1, help="how many years from then on (default 1)")
        parser.add_argument(
            "--as-of", type=datetime.date.fromisoformat, help="as it stood on this day (default: the end of the year after)"
        )
        parser.add_argument("--facts", metavar="FILE", help="learning from a file (.csv, .csv.gz, .ndjson) and not from the record")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")
        parser.add_argument("--html", metavar="FILE.html", help="write the report as one page with pictures")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], default="en", help="of the page")

    def handle(self, *, policy: str, against: list[str], facts: str | None, json: bool, html: str | None, language: str,
               **options: Any) -> None:  # fmt: skip
        documents = [policy_from(path) for path in (policy, *against)]
        if len(documents) > MOST:
            raise CommandError(f"At most {MOST} policies stand side by side; here are {len(documents)}.")
        if other := next((one for one in documents if one.currency != documents[0].currency), None):
            currencies = f"{policy} pays in {documents[0].currency} and {other.file} in {other.currency}"
            raise CommandError(f"{currencies}; they cannot stand side by side.")
        if html:
            _refuse_no_place(Path(html))
        report = _over_file(documents, Path(facts)) if facts else _over_record(documents, **options)
        if html:
            with override(language):
                page = render_to_string("funding/simulation.html", page_of(report))
            try:
                Path(html).write_text(page, encoding="utf-8")
            except OSError as problem:
                raise CommandError(f"{html} cannot be written: {problem.strerror}") from None
        if json:
            self._print_json(report)
        else:
            with override("en"):
                self._print(report)

    def _print_json(self, report: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(report))

    def _print(self, report: dict[str, Any]) -> None:
        self.stdout.write(f"{learning_in_words(report)}\n{report['cases']} distinct cases priced")
        for one in report["policies"]:
            self.stdout.write(f"{one['letter']}  {one['name']}" + (" (high stakes)" if one["stakes"] == "high" else ""))
        for text, _none in asked_in_words(report):
            self.stdout.write(text)
        for title, rows in tables_of(report):
            heads = f"{'change':>18}{'':>9}{'each':>14}{'unit of need':>14}{'swing':>8}"
            self.stdout.write(f"\n{title} ({report['currency']})\n{'':4}{'amount':>18}{heads}")
            for row in rows:
                self.stdout.write(f"{row['label']}: {row['units']} enrollment-modules, {row['in_need']} of students in need")
                for cell in row["policies"]:
                    change = f"{cell['change']:>18}{_percent(cell['change_share']):>9}" if cell["letter"] != "A" else " " * 27
                    rest = f"{cell['per_unit']:>14}{cell['per_need'] or '-':>14}{_percent(cell['swing']):>8}"
                    self.stdout.write(f"  {cell['letter']} {cell['amount']:>18}{change}{rest}")
        for question in report["policies"][0]["questions"]:
            self.stdout.write(f"\n{question}")
            for one in report["policies"]:
                self.stdout.write(f"  {one['letter']}  {one['questions'][question]}")


def _percent(share: Decimal | None) -> str:
    return "" if share is None else f"{share}%"


def _refuse_no_place(page: Path) -> None:
    """Before anything is priced, which may take its time."""
    if page.is_dir():
        raise CommandError(f"{page} is a folder; name the file in it, as {page / 'report.html'}.")
    if not page.parent.is_dir():
        raise CommandError(f"{page} cannot be written: there is no folder {page.parent}.")


def _over_record(documents: Sequence[Document], *, catalogue: str | None, year: int | None, years: int, as_of: datetime.date | None,
                 **options: Any) -> dict[str, Any]:  # fmt: skip
    if catalogue is None or year is None:
        raise CommandError("Name the learning: --catalogue CODE --year YEAR for the record's, or --facts FILE.")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise CommandError(f"--year is a year from {FIRST_YEAR} to {LAST_YEAR}, not {year}.")
    if not 1 <= years <= MOST_YEARS:
        raise CommandError(f"--years is a number from 1 to {MOST_YEARS}, not {years}.")
    first, last = datetime.date(year, 7, 1), datetime.date(year + years, 6, 30)
    try:
        pricers = [OverRecord(document) for document in documents]
    except NotRecorded as problem:
        raise CommandError(str(problem)) from None
    with acting_as("area_funding"):
        for document, pricer in zip(documents, pricers, strict=True):
            if unknown := unknown_milestones(pricer.asked.milestones):
                raise CommandError(f"{document.file}: {unknown}")
        known = recorded_catalogues()
        if catalogue not in known:
            raise CommandError(f"Catalogue {catalogue!r} is not on file; on file are {', '.join(known) or 'none yet'}.")
        stood = as_of or datetime.date(year + years + 1, 6, 30)
        rows = list(recorded_learning(catalogue=catalogue, first=first, last=last, as_of=stood, policies=pricers))
    if not rows:
        raise CommandError(f"Catalogue {catalogue!r} has no learning that started from {first} to {last}.")
    try:
        compared = _watched(rows, sum(row.count * row.units for row in rows), lambda learning, tell: compare(pricers, learning, tell))
    except (NotPriced, CannotMean) as problem:
        raise CommandError(str(problem)) from None
    told = {"catalogue": catalogue, "from": first.isoformat(), "to": last.isoformat()}
    return report_of(documents, compared, told, sum(len(pricer.priced) for pricer in pricers), standing(pricers, rows))


def _over_file(documents: Sequence[Document], path: Path) -> dict[str, Any]:
    file, pricers = LearningFile(path, documents), [OverFacts(document) for document in documents]
    try:
        compared = _watched(file, None, lambda learning, tell: compare(pricers, learning, tell))
    except LearningRefused as problem:
        raise CommandError(str(problem)) from None
    except (FactRefused, NotPriced, CannotMean) as problem:
        raise CommandError(str(file.error(problem))) from None
    if not compared.total.count:
        raise CommandError(f"{path} has no row of learning.")
    return report_of(documents, compared, {"file": path.name}, sum(len(pricer.priced) for pricer in pricers))


def _watched(learning: Iterable[Any], total: int | None, run: Callable[[Iterable[Any], Callable[[int], None]], Compared]) -> Compared:
    """The comparison with a bar where somebody watches; `total` None where nobody knows beforehand."""
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("Pricing", total=total)
        return run(learning, lambda units: bar.update(task, advance=units))


def learning_in_words(report: dict[str, Any]) -> str:
    """Whose learning it was, for a title."""
    learning, units = report["learning"], number_format(report["units"], force_grouping=True)
    if "file" in learning:
        return _("%(units)s enrollment-modules of the file %(file)s.") % {"units": units, "file": learning["file"]}
    first, last = (date_format(datetime.date.fromisoformat(learning[end])) for end in ("from", "to"))
    span = {"units": units, "catalogue": learning["catalogue"], "from": first, "to": last}
    return _("%(units)s enrollment-modules of %(catalogue)s that started from %(from)s to %(to)s.") % span


def asked_in_words(report: dict[str, Any]) -> list[tuple[str, bool]]:
    """(how far a need, milestone or prior learning that policies ask for stands, whether for nobody)."""
    kinds = {NEED: _("the need %(word)s"), MILESTONE: _("the milestone %(word)s"), PRIOR_LEARNING: _("the prior learning %(word)s")}
    told = []
    for one in report["asked"]:
        asked, units = kinds[one["of"]] % {"word": one["word"]}, number_format(report["units"], force_grouping=True)
        values = {"policies": ", ".join(one["letters"]), "asked": asked, "units": units}
        if one["stands"]:
            values["stands"] = number_format(one["stands"], force_grouping=True)
            told.append((_("%(policies)s: %(asked)s stands for %(stands)s of %(units)s enrollment-modules.") % values, False))
        else:
            text = _("%(policies)s: %(asked)s stands for none of the %(units)s enrollment-modules; all are paid as without it.")
            told.append((text % values, True))
    return told


def tables_of(report: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """(title, rows with the widths of their bars), the whole first; a name that is a code of ours is told in words."""
    words = {
        "all": _("All together"), "": _("unknown"), NO_NEED: _("in no category of need"), "low_income": _("low income"),
        "special_education": _("special education"), "language": _("learning the language"), "under 25%": _("under 25%"),
        "25% to 50%": _("25% to 50%"), "50% to 75%": _("50% to 75%"), "75% and more": _("75% and more"),
    }  # fmt: skip
    titles = {
        "by_provider": _("By provider"), "by_district": _("By home district"), "by_group": _("By category of need"),
        "by_concentration": _("By the share of students in need at the provider"),
    }  # fmt: skip
    parts = [(_("In all"), [report["total"]]), *((titles[name], report[name]) for name in TABLES)]
    return [
        (
            title,
            [
                {
                    **row,
                    "label": words.get(row["name"], row["name"]),
                    "policies": [
                        {**_numbers(cell), "bar": bar, "change_bar": abs(change)}
                        for cell, (bar, change) in zip(row["policies"], drawn, strict=True)
                    ],
                }
                for row, drawn in zip(rows, bars(rows), strict=True)
            ],
        )
        for title, rows in parts
    ]


def _numbers(cell: dict[str, Any]) -> dict[str, Any]:
    """The cell with its amounts and shares (as per cent) as numbers, which a page writes in its language."""
    kept = {"letter": cell["letter"], "gains": cell["gains"], "loses": cell["loses"]}
    return kept | {name: value and Decimal(value.removesuffix("%")) for name, value in cell.items() if name not in kept}


def page_of(report: dict[str, Any]) -> dict[str, Any]:
    """What the page shows: the report, its tables, the providers from the smallest on, and the questions with every answer."""
    (_all, (whole,)), *tables = tables_of(report)
    policies = [_outcome_in_numbers(one) for one in report["policies"]]
    return {
        "report": report,
        "learning": learning_in_words(report),
        "asked": asked_in_words(report),
        "policies": [{**policy, "whole": cell} for policy, cell in zip(policies, whole["policies"], strict=True)],
        "whole": whole,
        "tables": tables,
        "smallest": sorted(tables[0][1], key=lambda row: (row["units"], row["name"])),
        "questions": [(question, [(one["letter"], one["questions"][question]) for one in policies])
                      for question in policies[0]["questions"]],
    }  # fmt: skip


def _outcome_in_numbers(policy: dict[str, Any]) -> dict[str, Any]:
    """The policy with the greatest gain and loss as numbers."""
    if "against_base" not in policy:
        return policy
    outcome = policy["against_base"]["by_provider"]
    ends = {end: outcome[end] and {**outcome[end], "change": Decimal(outcome[end]["change"])} for end in ("most", "least")}
    return policy | {"providers": outcome | ends}
