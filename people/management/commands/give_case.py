"""manage.py give_case COUNSELLOR STUDENT ...: give a counsellor the cases of students, or end them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from people.access import user_by_username
from people.actions.appoint import MoneyOrLearning
from people.actions.give_case import give_cases
from people.management.dates import add_days, days_of, ended
from people.queries.held import unended_cases


class Command(BaseCommand):
    help = "Give a counsellor the cases of students from a day on, or end them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("counsellor", help="a username")
        parser.add_argument("student", nargs="+", help="usernames")
        add_days(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        counsellor = user_by_username(options["counsellor"])
        students = [user_by_username(name) for name in options["student"]]
        keys = [one.pk for one in students if one is not None]
        if counsellor is None or len(keys) < len(students) or counsellor.pk in keys:
            raise CommandError("The counsellor and the students are people on file; check the usernames. Nothing was done.")
        if options["end"]:
            given = unended_cases(counsellor_id=counsellor.pk, student_ids=keys)
            self.stdout.write(f"Ended: {ended('case', given, options['end'])}.")
            return
        starts_on, until = days_of(options)
        try:
            give_cases(counsellor_id=counsellor.pk, student_ids=keys, starts_on=starts_on, ends_on=until)
        except MoneyOrLearning as refused:
            raise CommandError(str(refused)) from None
