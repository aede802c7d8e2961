"""manage.py issue_token PROVIDER --catalogue CODE: a key to the completions API, shown once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from enrollments.actions.open_api_feed import open_api_feed
from enrollments.queries.catalogue import catalogues
from people.access import provider_by_code


class Command(BaseCommand):
    help = "Give a provider a token for POST /api/v1/completions; it is shown once and cannot be read again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("provider", help="the provider's code")
        parser.add_argument("--catalogue", required=True, help="the list of courses that the provider reports on")
        parser.add_argument("--label", default="", help="what uses the token")

    def handle(self, *args: Any, **options: Any) -> None:
        provider = provider_by_code(options["provider"])
        if provider is None:
            raise CommandError(f"There is no provider {options['provider']!r}.")
        if options["catalogue"] not in (known := catalogues()):
            raise CommandError(f"There is no catalogue {options['catalogue']!r}; there is: {', '.join(known) or 'none yet'}.")
        try:
            token = open_api_feed(provider=provider, label=options["label"], catalogue=options["catalogue"])
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(token)
