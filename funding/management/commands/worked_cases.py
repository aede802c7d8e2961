"""Run the worked cases beside a policy: facts in, and every line to the figure that the source gives."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from funding.calc.engine.cases import CaseFile, read_cases, run_case
from funding.management.commands.policy import policy_from
from rulebook.load import RuleError


def cases_from(path: str) -> CaseFile:
    """The cases of a file. Raises CommandError in words."""
    try:
        return read_cases(Path(path).read_text(encoding="utf-8"), path)
    except OSError as problem:
        raise CommandError(f"{path} cannot be read: {problem.strerror}") from None
    except (RuleError, UnicodeDecodeError) as problem:
        raise CommandError(str(problem)) from None


class Command(BaseCommand):
    help = "Run worked cases: exit code 1 and every difference where a case does not hold. Reads no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="+", metavar="FILE.cases.yaml")
        parser.add_argument("--json", action="store_true", help="print the outcomes as JSON")

    def handle(self, *, file: list[str], json: bool, **options: Any) -> None:
        outcomes = []
        for path in file:
            cases = cases_from(path)
            document = policy_from(str(Path(path).parent / cases.policy))
            outcomes += [(path, run_case(document, case)) for case in cases.cases]
        failed = [outcome for _, outcome in outcomes if outcome.differences]
        if json:
            self._print_json(outcomes)
        else:
            for path, outcome in outcomes:
                self.stdout.write(f"{'differs' if outcome.differences else 'holds'}  {outcome.case.name}  ({path})")
                for difference in outcome.differences:
                    self.stdout.write(f"    {difference}")
        if failed:
            raise CommandError(f"{len(failed)} of {len(outcomes)} cases differ")
        if not json:
            self.stdout.write(f"{len(outcomes)} of {len(outcomes)} cases hold")

    def _print_json(self, outcomes: list[Any]) -> None:
        rows = [
            {"case": one.case.name, "file": path, "holds": not one.differences, "differences": one.differences}
            for path, one in outcomes
        ]
        self.stdout.write(json.dumps(rows))
