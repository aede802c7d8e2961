"""manage.py appoint USERNAME KIND: give a person a role, or end it; a person who is new gets something to sign in with once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from people.access import organization_by_code, user_by_username
from people.actions.appoint import MoneyOrLearning, appoint
from people.actions.give_one_time_secret import give_one_time_secret
from people.management.dates import add_days, days_of, ended
from people.models import Role
from people.queries.held import unended_roles


class Command(BaseCommand):
    help = "Give a person a role from a day on, or end it. A new person's one-time secret is shown once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("kind", choices=Role.Kind.values)
        parser.add_argument("--organization", default="", metavar="CODE", help="the school, district or provider that it is for")
        parser.add_argument("--name", default="", help="the full name of a person who is new")
        add_days(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        known = user_by_username(options["username"])
        place = organization_by_code(options["organization"], kind=options["kind"]) if options["organization"] else None
        if options["organization"] and place is None:
            raise CommandError(f"There is no organization {options['organization']!r} where anybody is {options['kind']}.")
        if options["end"]:
            held = unended_roles(user_id=known.pk, kind=options["kind"], organization=place) if known else []
            self.stdout.write(f"Ended: {ended('role', held, options['end'])}.")
            return
        if known is None and not options["name"]:
            raise CommandError(f"There is nobody of the name {options['username']!r}; --name says who is to be put on file.")
        starts_on, until = days_of(options)
        try:
            person = appoint(
                username=options["username"],
                full_name=options["name"],
                kind=options["kind"],
                starts_on=starts_on,
                organization=place,
                ends_on=until,
            )
        except MoneyOrLearning as refused:
            raise CommandError(str(refused)) from None
        if known is None:
            self.stdout.write(give_one_time_secret(user_id=person.pk, at=timezone.now()))
