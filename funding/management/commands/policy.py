"""Policy files without facts or database: what one cannot mean is refused with its line; what changed between two is told."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from funding.calc.engine.differences import differences
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
    help = "check FILE: say what a policy file does, or refuse it with its line. differences OLD NEW: what changed, in words."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        doing = parser.add_subparsers(dest="doing", required=True)
        check = doing.add_parser("check", help="read the file; exit code 1 and the line if it cannot mean anything")
        check.add_argument("file", nargs="+")
        differ = doing.add_parser("differences", help="what changed from one version to the next, in words")
        differ.add_argument("file", nargs=2, metavar="OLD NEW")

    def handle(self, *, doing: str, file: list[str], **options: Any) -> None:
        if doing == "differences":
            old, new = map(policy_from, file)
            found = differences(old, new)
            self.stdout.write("\n".join(found) if found else "Both say the same.")
        else:
            self._check(file)

    def _check(self, files: list[str]) -> None:
        for path in files:
            policy = policy_from(path)
            self.stdout.write(f"{path}: {policy.name}")
            self.stdout.write(f"  in force from {policy.in_force_from}, {policy.stakes} stakes, SHA-256 {policy.sha256}")
            for line in policy.lines.values():
                self.stdout.write(f"  {line.name}: {line.says} ({line.rule}; {policy.kinds[line.name]})")
            for flow in policy.pays:
                self.stdout.write(f"  pays {flow.line} to {flow.to} from {flow.source}")
            for flow in policy.charges:
                self.stdout.write(f"  charges {flow.line} to {flow.to}, for {flow.source}")
