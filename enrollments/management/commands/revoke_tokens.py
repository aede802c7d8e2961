"""manage.py revoke_tokens PROVIDER: from now on none of the provider's tokens opens the completions API."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from people.access import provider_by_code
from people.actions.issue_token import revoke_tokens_of


class Command(BaseCommand):
    help = "Revoke every token of a provider, at once; give it a new one with issue_token."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("provider", help="the provider's code")

    def handle(self, *args: Any, **options: Any) -> None:
        provider = provider_by_code(options["provider"])
        if provider is None:
            raise CommandError(f"There is no provider {options['provider']!r}.")
        self.stdout.write(f"{revoke_tokens_of(provider=provider)} tokens revoked.")
