"""manage.py import_oulad FOLDER: the Open University dataset, real completions for the demonstration."""

import json
from argparse import ArgumentParser
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from enrollments.actions.attest_oulad import attest_oulad
from enrollments.actions.import_oulad import import_oulad
from enrollments.actions.record_attested import AttestationRefused
from enrollments.exchange.delimited import FileProblem
from enrollments.exchange.oulad_folder import COLUMNS, OuladFolder, find_file
from enrollments.exchange.outcome_report import OutcomeReport
from enrollments.management.progress import reading


class Command(BaseCommand):
    help = "Import a folder with the Open University Learning Analytics Dataset (plain or gzipped CSV)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--json", action="store_true", help="print the counts as one JSON object")
        parser.add_argument("--apply-changes", action="store_true", help="take rows that differ from what is on file")
        parser.add_argument("--attest-success", action="store_true", help="then attest each pass as the milestone passed")
        parser.add_argument("--report", type=Path, metavar="FILE", help="write every refused or changed row as CSV")
        parser.add_argument("--today", type=date.fromisoformat, metavar="DATE", help="the intake's day; default today")

    def handle(self, *args: Any, **options: Any) -> None:
        today = options["today"] or datetime.now(UTC).date()
        say = self.stderr.write if options["json"] else self.stdout.write
        if not options["folder"].is_dir():
            raise CommandError(f"{options['folder']} is no folder; give the one that holds the dataset's CSV files.")
        try:
            sizes = {name: find_file(options["folder"], name).stat().st_size for name in COLUMNS}
            with (
                reading(sizes) as on_bytes,
                OuladFolder(options["folder"], on_bytes) as folder,
                OutcomeReport(options["report"], say) as report,
            ):
                known: dict[str, Any] = {"today": today, "on_outcome": report.add, "apply_changes": options["apply_changes"]}
                done = import_oulad(folder=folder, **known)
                if options["attest_success"]:
                    with OuladFolder(options["folder"]) as again:
                        attested = attest_oulad(folder=again, **known).counts
                    done.counts |= {f"milestones_{status}": count for status, count in attested.items()}
        except (FileProblem, OSError, AttestationRefused) as problem:
            raise CommandError(str(problem)) from None
        if options["json"]:
            self.stdout.write(json.dumps({**done.counts, "batch": done.batch}))
            return
        for name, count in done.counts.items():
            self.stdout.write(f"{name.replace('_', ' '):<24}{count:>10,}")
        self.stdout.write("Nothing new." if done.batch is None else f"Written as batch {done.batch}.")
