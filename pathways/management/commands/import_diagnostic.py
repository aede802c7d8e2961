"""manage.py import_diagnostic FILE.csv --judged-by USERNAME: results of a diagnostic from a file (layout: docs/formats.md)."""

import json
from argparse import ArgumentParser
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from enrollments.exchange.delimited import FileProblem
from enrollments.exchange.outcome_report import OutcomeReport
from pathways.actions.import_diagnostic import import_diagnostic
from pathways.actions.run_diagnostic import DiagnosticRefused
from pathways.exchange.diagnostic_file import read_diagnostic


class Command(BaseCommand):
    help = "Import the results of a diagnostic from a CSV file: student, competency, level, taken_on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--judged-by", required=True, metavar="USERNAME", help="the educator who answers for the results")
        parser.add_argument("--finish-by", type=date.fromisoformat, metavar="DATE", help="give the steps of the paths dates up to it")
        parser.add_argument("--dry-run", action="store_true", help="do everything, then take it back")
        parser.add_argument("--json", action="store_true", help="print the counts as one JSON object")
        parser.add_argument("--report", type=Path, metavar="FILE", help="write every refused row as CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        say = self.stderr.write if options["json"] else self.stdout.write
        try:
            with OutcomeReport(options["report"], say) as report:
                counts = import_diagnostic(
                    rows=read_diagnostic(file),
                    judged_by=options["judged_by"],
                    at=datetime.now(UTC),
                    on_outcome=lambda outcome: report.add(file.name, outcome),
                    finish_by=options["finish_by"],
                    dry_run=options["dry_run"],
                )
        except OSError as problem:
            raise CommandError(f"{problem.filename} cannot be opened: {problem.strerror}.") from None
        except (FileProblem, DiagnosticRefused) as problem:
            raise CommandError(str(problem)) from None
        if options["json"]:
            self.stdout.write(json.dumps({**counts, "dry_run": options["dry_run"]}))
            return
        for name, count in counts.items():
            self.stdout.write(f"{name:<12}{count:>10,}")
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was kept.")
