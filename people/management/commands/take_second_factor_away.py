"""manage.py take_second_factor_away USERNAME: for somebody who has lost the phone and the recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from people.access import user_by_username
from people.actions.take_second_factor_away import take_second_factor_away


class Command(BaseCommand):
    help = "Take a person's second factor away, once you have made sure who asks. They set up another at the next sign-in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = user_by_username(options["username"])
        if user is None or not take_second_factor_away(user_id=user.pk):
            raise CommandError(f"There is nobody of the name {options['username']!r} with a second factor.")
        self.stdout.write("Taken away.")
