"""manage.py export_framework UUID: a framework as a CASE package, as it was last stated."""

import json
import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from competencies.exchange.case_writer import write_package
from competencies.queries.framework_package import package_of
from competencies.queries.frameworks import framework_by_uuid
from database.areas import acting_as


class Command(BaseCommand):
    help = "Print a framework as a CASE package: 1.0, or 1.1 where it says what 1.0 cannot."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("framework", type=uuid.UUID, metavar="UUID")

    def handle(self, *args: Any, **options: Any) -> None:
        with acting_as("area_learning"):
            framework = framework_by_uuid(options["framework"])
            if framework is None:
                raise CommandError(
                    f"There is no framework {options['framework']}; import_framework tells the identifier of each that it takes."
                )
            package, stamped = package_of(framework)
        self.stdout.write(json.dumps(write_package(package, stamped=stamped), ensure_ascii=False, indent=1))
