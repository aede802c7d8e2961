"""manage.py import_prerequisites FILE.csv --framework UUID: which competency comes before which (layout: docs/formats.md)."""

import json
import uuid
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from competencies.actions.import_prerequisites import import_prerequisites
from competencies.calc.framework_content import PackageRefused
from competencies.exchange.bounded_json import LARGEST_BYTES
from competencies.exchange.prerequisites_csv import read_prerequisites


class Command(BaseCommand):
    help = "Import prerequisites from a CSV file: prerequisite, competency."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--framework", type=uuid.UUID, required=True, metavar="UUID")
        parser.add_argument(
            "--replace", action="store_true", help="the list is whole: retire the uploaded pairs that it does not name"
        )
        parser.add_argument("--dry-run", action="store_true", help="only tell what would change")
        parser.add_argument("--json", action="store_true", help="print everything as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["file"].open("rb") as file:
                rows = read_prerequisites(file.read(LARGEST_BYTES + 1))
            done = import_prerequisites(
                framework=options["framework"],
                rows=rows,
                at=datetime.now(UTC),
                apply=not options["dry_run"],
                replace=options["replace"],
            )
        except OSError as problem:
            raise CommandError(f"{options['file']} cannot be read: {problem.strerror}.") from None
        except PackageRefused as problem:
            raise CommandError(f"{options['file'].name}: {problem} Nothing was taken.") from None
        if options["json"]:
            self.stdout.write(json.dumps({**asdict(done), "dry_run": options["dry_run"]}, ensure_ascii=False))
            return
        for name in ("added", "returned", "unchanged", "retired"):
            self.stdout.write(f"{name:<12}{getattr(done, name):>8,}")
        for one in done.refused:
            self.stdout.write(f"{options['file'].name}, {one.where}: refused. {one.detail}")
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was kept.")
