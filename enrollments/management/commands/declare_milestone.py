"""manage.py declare_milestone CODE --measure MEASURE --says WORDS: a milestone that can be attested, and what it attests."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from enrollments.actions.declare_milestone import MilestoneRefused, declare_milestone


class Command(BaseCommand):
    help = "Declare a milestone that can be attested. Its measure is course_success where it says that a course was passed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="as policies name it, e.g. passed")
        parser.add_argument("--measure", required=True, help="what it attests; what pays by it judges nobody by it")
        parser.add_argument("--says", required=True, metavar="WORDS", help="what it is, for people")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            new = declare_milestone(code=options["code"], measure=options["measure"], says=options["says"])
        except MilestoneRefused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write("Declared." if new else "On file already.")
