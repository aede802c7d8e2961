"""manage.py issue_personal_token USERNAME --scopes ...: a person's key to the API, shown once; --revoke takes all back."""

from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from api.scopes import SCOPES, UnknownScope, check
from people.access import user_by_username
from people.actions.issue_personal_token import TokenRefused, issue_personal_token, revoke_personal_tokens


class Command(BaseCommand):
    help = "Give a person a token for the API; it can do what the person may, within its scopes, and is shown once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--scopes", nargs="+", default=[], metavar="SCOPE", help=f"of {', '.join(SCOPES)}")
        parser.add_argument("--label", default="", help="what uses the token")
        parser.add_argument("--days", type=int, default=90, help="how long it opens anything; default 90")
        parser.add_argument("--revoke", action="store_true", help="take back every token of the person instead")

    def handle(self, *args: Any, **options: Any) -> None:
        user = user_by_username(options["username"])
        if user is None:
            raise CommandError(f"There is nobody of the name {options['username']!r}.")
        at = datetime.now(UTC)
        if options["revoke"]:
            self.stdout.write(f"Taken back: {revoke_personal_tokens(user_id=user.pk, at=at)}.")
            return
        if not 1 <= options["days"] <= 366:
            raise CommandError("A token lives for 1 to 366 days.")
        try:
            scopes = check(options["scopes"])
        except UnknownScope as problem:
            raise CommandError(str(problem)) from None
        expires_at = at + timedelta(days=options["days"])
        try:
            token = issue_personal_token(user_id=user.pk, label=options["label"], scopes=scopes, expires_at=expires_at)
        except TokenRefused as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(token)
