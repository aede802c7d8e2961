"""Check a policy file without facts or database: what it cannot mean is refused with the file and the line."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from funding.calc.engine.document import Document, read_document
from rulebook.load import RuleError


def policy_from(path: str) -> Document:
    """The policy of a file. Raises CommandError in words."""
    try:
        return read_document(Path(path).read_text(encoding="utf-8"), path)
    except OSError as problem:
        raise CommandError(f"{path} cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except RuleError as problem:
        raise CommandError(str(problem)) from None


class Command(BaseCommand):
    help = "check FILE: read a policy file as a whole and say what it does, or refuse it with its line."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        doing = parser.add_subparsers(dest="doing", required=True)
        check = doing.add_parser("check", help="read the file; exit code 1 and the line if it cannot mean anything")
        check.add_argument("file", nargs="+")

    def handle(self, *, file: list[str], **options: Any) -> None:
        for path in file:
            policy = policy_from(path)
            self.stdout.write(f"{path}: {policy.name}")
            self.stdout.write(f"  in force from {policy.in_force_from}, {policy.stakes} stakes, SHA-256 {policy.sha256}")
            for line in policy.lines.values():
                self.stdout.write(f"  {line.name}: {line.says} ({line.rule}; {policy.kinds[line.name]})")
            for flow in policy.pays:
                self.stdout.write(f"  pays {flow.line} to {flow.to} from {flow.source}")
            for flow in policy.charges:
                self.stdout.write(f"  charges {flow.line} to {flow.to}, for {flow.source}")
