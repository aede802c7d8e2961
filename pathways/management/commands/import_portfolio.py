"""manage.py import_portfolio FILE.zip --student USERNAME: a portfolio from another school, as proposed placement."""

from argparse import ArgumentParser
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from pathways.access import UnknownStudent, bringer_for, student_id_by
from pathways.actions.import_portfolio import PortfolioRefused, import_portfolio
from pathways.exchange.portfolio_bundle import BUNDLE_BYTES
from people.access import NotInReach


class Command(BaseCommand):
    help = "Take in a portfolio bundle: record its evidence and propose what it says is mastered; a person confirms."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.zip")
        parser.add_argument("--student", required=True, metavar="USERNAME", help="whose portfolio it is here")
        parser.add_argument("--by", metavar="USERNAME", help="who brings it; default the student")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        student, brought_by = _people(options["student"], options["by"])
        try:
            with file.open("rb") as opened:
                bundle = opened.read(BUNDLE_BYTES + 1)
            arrived = import_portfolio(
                bundle=bundle,
                student_id=student,
                brought_by=brought_by,
                at=datetime.now(UTC),
            )
        except OSError as problem:
            raise CommandError(f"{file} cannot be read: {problem.strerror}.") from None
        except PortfolioRefused as problem:
            raise CommandError(str(problem)) from None
        if not arrived.new:
            self.stdout.write("This bundle had arrived before; nothing was changed.")
            return
        for warning in arrived.warnings:
            self.stderr.write(warning)
        matched = Counter(placement.matched_by for placement in arrived.placements)
        found = ", ".join(f"{how}: {count}" for how, count in sorted(matched.items()))
        self.stdout.write(f"Evidence {arrived.evidence}, placements proposed {len(arrived.placements)} ({found or 'none'}).")


def _people(student: str, by: str | None) -> tuple[int, int]:
    """The ids of the student and of whoever brings the bundle: one who may, or (without `by`) the student, in the owner's shell."""
    try:
        found = student_id_by(username=student)
    except UnknownStudent as problem:
        raise CommandError(f"--student {student}: {problem}") from None
    if by is None:
        return found, found
    try:
        return found, bringer_for(username=by, student_id=found, day=datetime.now(UTC).date())
    except UnknownStudent as problem:
        raise CommandError(f"--by {by}: {problem}") from None
    except (NotInReach, PermissionDenied):
        raise CommandError(
            f"--by {by}: this person may not bring this student's portfolio; name the student, "
            "or a counsellor or school administrator of the student's, or leave --by out."
        ) from None
