"""What the imports of attested facts have in common: one command each, told apart by its fact."""

import json
from argparse import ArgumentParser
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from enrollments.actions.record_attested import AttestationRefused, record_attested
from enrollments.exchange.attested_file import LAYOUTS, read_attested
from enrollments.exchange.delimited import FileProblem
from enrollments.exchange.outcome_report import OutcomeReport
from enrollments.management.progress import reading


class AttestedImport(BaseCommand):
    """`fact` is a key of LAYOUTS."""

    fact: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        columns, optional, _ = LAYOUTS[self.fact]
        parser.add_argument("file", type=Path, help=f"columns {', '.join(columns)}; may have {', '.join(optional)}")
        parser.add_argument("--catalogue", required=True, help="the list of courses that the enrollments are of")
        parser.add_argument(
            "--attested-by", required=True, metavar="USERNAME", help="the counsellor or administrator who answers for it"
        )
        parser.add_argument("--dry-run", action="store_true", help="do everything, then take it back")
        parser.add_argument("--apply-changes", action="store_true", help="take rows that differ, as void and new")
        parser.add_argument("--json", action="store_true", help="print the counts as one JSON object")
        parser.add_argument("--report", type=Path, metavar="FILE", help="write every refused or changed row as CSV")
        parser.add_argument("--today", type=date.fromisoformat, metavar="DATE", help="the intake's day; default today")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        say = self.stderr.write if options["json"] else self.stdout.write
        try:
            with reading({file.name: file.stat().st_size}) as on_bytes, OutcomeReport(options["report"], say) as report:
                done = record_attested(
                    fact=self.fact,
                    rows=read_attested(self.fact, file, lambda at: on_bytes(file.name, at)),
                    catalogue=options["catalogue"],
                    attested_by=options["attested_by"],
                    today=options["today"] or datetime.now(UTC).date(),
                    on_outcome=lambda outcome: report.add(file.name, outcome),
                    apply_changes=options["apply_changes"],
                    dry_run=options["dry_run"],
                )
        except OSError as problem:
            raise CommandError(f"{problem.filename} cannot be opened: {problem.strerror}.") from None
        except (FileProblem, AttestationRefused) as problem:
            raise CommandError(str(problem)) from None
        if options["json"]:
            self.stdout.write(json.dumps({**done.counts, "batch": done.batch, "dry_run": options["dry_run"]}))
            return
        for name, count in done.counts.items():
            self.stdout.write(f"{name:<12}{count:>10,}")
        nothing = "Dry run: nothing was kept." if options["dry_run"] else "Nothing new."
        self.stdout.write(nothing if done.batch is None else f"Written as batch {done.batch}.")
