"""manage.py export_portfolio STUDENT_UUID FILE.zip: a student's portfolio as one bundle (docs/formats.md)."""

import uuid
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pathways.access import UnknownStudent, student_id_by
from pathways.actions.export_portfolio import export_portfolio


class Command(BaseCommand):
    help = "Write a student's portfolio as one zip: a page that reads offline, JSON, and the files of the evidence."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("student", type=uuid.UUID, metavar="STUDENT_UUID")
        parser.add_argument("file", type=Path, metavar="FILE.zip", help="must not exist yet")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            student = student_id_by(key=options["student"])
            with file.open("xb") as into:
                export_portfolio(student_id=student, into=into, at=datetime.now(UTC))
        except UnknownStudent as problem:
            raise CommandError(str(problem)) from None
        except OSError as problem:
            raise CommandError(f"{file} cannot be written: {problem.strerror}.") from None
        self.stdout.write(f"Written: {file.stat().st_size:,} bytes.")
