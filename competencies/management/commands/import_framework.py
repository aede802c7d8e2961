"""manage.py import_framework FILE: a framework from a CASE package or a table (layouts: docs/formats.md)."""

import json
import uuid
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from competencies.actions.import_framework import import_package
from competencies.calc.framework_changes import Changes
from competencies.calc.framework_content import PackageRefused
from competencies.exchange.bounded_json import LARGEST_BYTES

SHOWN = 20


class Command(BaseCommand):
    help = "Import a framework: a CASE 1.0 or 1.1 package (JSON) or a table (CSV), plain or gzipped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only tell what would change")
        parser.add_argument("--kind", choices=("academic", "lifelong"), default="academic", help="of a framework that is new here")
        parser.add_argument("--title", default="", help="a table's framework: its title")
        parser.add_argument("--framework", type=uuid.UUID, metavar="UUID", help="a table's framework: its identifier")
        parser.add_argument("--json", action="store_true", help="print everything as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            # One byte more than is taken, so that a larger file is refused unread.
            with options["file"].open("rb") as file:
                content = file.read(LARGEST_BYTES + 1)
            changes = import_package(
                content=content,
                brought_by=None,
                at=datetime.now(UTC),
                apply=not options["dry_run"],
                kind=options["kind"],
                title=options["title"],
                framework=options["framework"],
            )
        except OSError as problem:
            raise CommandError(f"{options['file']} cannot be read: {problem.strerror}.") from None
        except PackageRefused as problem:
            raise CommandError(f"{options['file'].name}: {problem} Nothing was taken.") from None
        if options["json"]:
            self.stdout.write(json.dumps({**changes.as_json(), "dry_run": options["dry_run"]}, ensure_ascii=False))
            return
        self._tell(changes)
        dry = "Dry run: nothing was kept." if changes.is_change else "Nothing would change."
        done = "Taken." if changes.applied else "Nothing new."
        self.stdout.write(dry if options["dry_run"] else done)

    def _tell(self, changes: Changes) -> None:
        self.stdout.write(f"{changes.title} ({changes.framework})")
        for name, count in changes.as_json()["counts"].items():
            self.stdout.write(f"  {name:<12}{count:>8,}")
        self._list(
            "changed", [f"{one.code} {key}: {old!r} became {new!r}" for one in changes.changed for key, old, new in one.differences]
        )
        self._list("retired", [f"{_named(one)}. {one.why} {_carries(one.judgments, one.evidence)}" for one in changes.retired])
        self._list("in force again", [_named(one) for one in changes.returned])
        self._list("framework", [f"{key}: {old!r} became {new!r}" for key, old, new in changes.document])
        if not changes.is_new:
            self._list("associations", [f"{one.what}: {one.origin} {one.kind} {one.destination}" for one in changes.associations])
        self._list("rubrics", changes.rubrics)
        self._list("warnings", changes.warnings)
        self._list("refused", [f"{one.where}: {one.detail}" for one in changes.refused])

    def _list(self, name: str, lines: list[str]) -> None:
        if lines:
            self.stdout.write(f"{name}:")
        for line in lines[:SHOWN]:
            self.stdout.write(f"  {line[:400]}")
        if len(lines) > SHOWN:
            self.stdout.write(f"  ... and {len(lines) - SHOWN:,} more; --json lists all.")


def _named(one: Any) -> str:
    return f"{one.code} {one.statement[:80]}".strip()


def _carries(judgments: int, evidence: int) -> str:
    carried = (
        f"It carries {judgments} judgements and {evidence} pieces of evidence, which stay."
        if judgments or evidence
        else "Nothing hangs on it."
    )
    return f"{carried} It is kept on file."
