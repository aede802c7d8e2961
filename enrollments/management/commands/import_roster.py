"""manage.py import_roster FILE.csv: who is in which class (layout: docs/formats.md)."""

import json
from argparse import ArgumentParser
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from enrollments.actions.import_roster import RosterChange, RosterRefused, import_roster
from enrollments.calc.completion_rows import Refusal, RowOutcome
from enrollments.exchange.delimited import FileProblem
from enrollments.exchange.outcome_report import OutcomeReport
from enrollments.exchange.roster_file import read_roster
from enrollments.management.progress import reading

SHOWN = 20


class Command(BaseCommand):
    help = "Import a roster of classes: students with grades, teachers, co-teachers and substitutes, with dates."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--catalogue", default="school", metavar="CODE", help="the list that course_code is of; default school")
        parser.add_argument("--add-missing", action="store_true", help="add schools and courses that are not on file yet")
        parser.add_argument("--end-missing", action="store_true", help="end whoever the file leaves out of its schools and terms")
        parser.add_argument("--yes", action="store_true", help="end them even where they are more than one in ten")
        parser.add_argument("--dry-run", action="store_true", help="show every difference, then take it back")
        parser.add_argument("--json", action="store_true", help="print the counts as one JSON object")
        parser.add_argument("--report", type=Path, metavar="FILE", help="write every refused or changed line as CSV")
        parser.add_argument("--today", type=date.fromisoformat, metavar="DATE", help="the day of the import; default today")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        say = self.stderr.write if options["json"] else self.stdout.write
        shown = 0
        try:
            with reading({file.name: file.stat().st_size}) as on_bytes, OutcomeReport(options["report"], say) as report:

                def on_change(change: RosterChange) -> None:
                    nonlocal shown
                    shown += 1
                    if options["dry_run"] or shown <= SHOWN:
                        place = f"line {change.line}" if change.line else "not in the file"
                        say(f"{change.what}: {change.words} ({place}): {change.old or '-'} -> {change.new}")

                def on_refusal(refused: Refusal) -> None:
                    outcome = RowOutcome(refused.row, refused.source_id, "refused", refused.reason, refused.field, refused.detail)
                    report.add(file.name, outcome)

                done = import_roster(
                    rows=read_roster(file, lambda at: on_bytes(file.name, at)),
                    catalogue=options["catalogue"],
                    today=options["today"] or datetime.now(UTC).date(),
                    on_change=on_change,
                    on_refusal=on_refusal,
                    add_missing=options["add_missing"],
                    end_missing=options["end_missing"],
                    many_may_end=options["yes"],
                    dry_run=options["dry_run"],
                )
        except OSError as problem:
            raise CommandError(f"{file} cannot be read: {problem.strerror}.") from None
        except (FileProblem, RosterRefused) as problem:
            raise CommandError(str(problem)) from None
        if options["json"]:
            self.stdout.write(json.dumps({**done.counts, "dry_run": options["dry_run"]}))
            return
        for name, count in done.counts.items():
            self.stdout.write(f"{name.replace('_', ' '):<16}{count:>10,}")
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was kept.")
