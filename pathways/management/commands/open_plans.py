"""manage.py open_plans SCHOOL_CODE: a learning plan for every student of a school who has none."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pathways.access import UnknownSchool, school_id_by
from pathways.actions.open_plan import open_plans


class Command(BaseCommand):
    help = "Give every student who is at the school today a learning plan, where there is none yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("school", metavar="SCHOOL_CODE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            school = school_id_by(code=options["school"])
        except UnknownSchool as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"Plans opened: {open_plans(school_id=school, at=datetime.now(UTC)):,}.")
