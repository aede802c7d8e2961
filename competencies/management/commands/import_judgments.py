"""manage.py import_judgments FILE.csv: judgements from a file (layout: docs/formats.md)."""

import csv
import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from competencies.actions.import_judgments import TOLD, JudgmentIntake, import_judgments
from competencies.exchange.judgment_file import FileProblem, read_judgments

SHOWN = 20


class Command(BaseCommand):
    help = "Import judgements from a CSV file: student, competency, level, worked_on, judged_by, and kind, reason where wanted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="do everything, then take it back")
        parser.add_argument("--json", action="store_true", help="print the counts as one JSON object")
        parser.add_argument("--report", type=Path, metavar="FILE", help=f"write the refused rows as CSV, the first {TOLD}")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = import_judgments(rows=read_judgments(options["file"]), at=datetime.now(UTC), dry_run=options["dry_run"])
            if options["report"]:
                _write_report(options["report"], done)
        except FileProblem as problem:
            raise CommandError(str(problem)) from None
        except OSError as problem:
            raise CommandError(f"{options['report']} cannot be written: {problem.strerror}.") from None
        say = self.stderr.write if options["json"] else self.stdout.write
        for one in done.refusals[:SHOWN]:
            say(f"line {one.line}: {one.field or 'the line'}: {one.said}")
        counts = {"created": done.created, "exists": done.exists, "refused": done.refused}
        if options["json"]:
            self.stdout.write(json.dumps(counts | {"dry_run": options["dry_run"]}))
            return
        for name, count in counts.items():
            self.stdout.write(f"{name:<12}{count:>10,}")
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was kept.")


def _write_report(path: Path, done: JudgmentIntake) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "field", "why"])
        writer.writerows([one.line, one.field, one.said] for one in done.refusals)
