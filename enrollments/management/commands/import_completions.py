"""manage.py import_completions FILE.csv --source CODE: completions from a file (layout: docs/formats.md)."""

import json
from argparse import ArgumentParser
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from enrollments.access import UnknownSource, source_system_by_code
from enrollments.actions.record_completions import record_completions
from enrollments.exchange.completion_file import read_completions
from enrollments.exchange.delimited import FileProblem
from enrollments.exchange.outcome_report import OutcomeReport
from enrollments.management.progress import reading


class Command(BaseCommand):
    help = "Import completions from a CSV file: source_id, enrollment, assignment, completed_on, carried_over."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, metavar="CODE", help="the source system that the rows come from")
        parser.add_argument("--dry-run", action="store_true", help="do everything, then take it back")
        parser.add_argument("--apply-changes", action="store_true", help="take rows that differ, as void and new")
        parser.add_argument("--json", action="store_true", help="print the counts as one JSON object")
        parser.add_argument("--report", type=Path, metavar="FILE", help="write every refused or changed row as CSV")
        parser.add_argument("--today", type=date.fromisoformat, metavar="DATE", help="the intake's day; default today")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        say = self.stderr.write if options["json"] else self.stdout.write
        try:
            with (
                reading({file.name: file.stat().st_size}) as on_bytes,
                OutcomeReport(options["report"], say) as report,
            ):
                done = record_completions(
                    rows=read_completions(file, lambda at: on_bytes(file.name, at)),
                    source_system=source_system_by_code(options["source"]),
                    kind="completions_file",
                    today=options["today"] or datetime.now(UTC).date(),
                    on_outcome=lambda outcome: report.add(file.name, outcome),
                    apply_changes=options["apply_changes"],
                    dry_run=options["dry_run"],
                )
        except OSError as problem:
            raise CommandError(f"{file} cannot be read: {problem.strerror}.") from None
        except (FileProblem, UnknownSource) as problem:
            raise CommandError(str(problem)) from None
        if options["json"]:
            counts = {**done.counts, "conflicts": done.counts["conflict"], "batch": done.batch}
            self.stdout.write(json.dumps({**counts, "dry_run": options["dry_run"]}))
            return
        for name, count in done.counts.items():
            self.stdout.write(f"{name:<12}{count:>10,}")
        nothing = "Dry run: nothing was kept." if options["dry_run"] else "Nothing new."
        self.stdout.write(nothing if done.batch is None else f"Written as batch {done.batch}.")
