"""manage.py class_secrets SCHOOL YEAR TERM CLASS: new secrets for a class, shown once, to be cut up and handed out."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from enrollments.access import section_by_codes
from enrollments.actions.give_class_secrets import give_class_secrets


class Command(BaseCommand):
    help = "Give every student of a class a new secret for signing in with the class code; it is shown once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name in ("school", "school_year", "term", "section"):
            parser.add_argument(name, help=f"the code of the {name.replace('_', ' ')}")

    def handle(self, *args: Any, **options: Any) -> None:
        codes = {name: options[name] for name in ("school", "school_year", "term", "section")}
        section = section_by_codes(**codes)
        if section is None:
            raise CommandError(f"There is no class {' '.join(codes.values())}; import_roster brings classes.")
        for given in give_class_secrets(section_id=section.pk, day=datetime.now(UTC).date()):
            self.stdout.write(f"{given.name}\tclass code {section.sign_in_code}\tsecret {given.secret}")
