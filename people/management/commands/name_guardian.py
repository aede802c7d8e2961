"""manage.py name_guardian GUARDIAN STUDENT: record which adult answers for which student, or end it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from people.access import user_by_username
from people.actions.appoint import MoneyOrLearning
from people.actions.name_guardian import name_guardian
from people.management.dates import add_days, days_of, ended
from people.queries.held import unended_guardianships


class Command(BaseCommand):
    help = "Name a guardian of a student from a day on, or end it. Both are people on file; appoint puts a guardian there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("guardian", help="a username")
        parser.add_argument("student", help="a username")
        add_days(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        guardian, student = user_by_username(options["guardian"]), user_by_username(options["student"])
        if guardian is None or student is None or guardian == student:
            raise CommandError("The guardian and the student are two people on file; check the usernames.")
        if options["end"]:
            named = unended_guardianships(guardian_id=guardian.pk, student_id=student.pk)
            self.stdout.write(f"Ended: {ended('guardianship', named, options['end'])}.")
            return
        starts_on, until = days_of(options)
        try:
            name_guardian(guardian=guardian, student=student, starts_on=starts_on, ends_on=until)
        except MoneyOrLearning as refused:
            raise CommandError(str(refused)) from None
