"""Policies as files and from draft to law: what a file cannot mean is refused with its line; who drafted, approved and released
what, and how it differs from what was law before, is told in words."""

import datetime
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from database.areas import acting_as
from funding.access import RIGHTS, MayNot, person_who_may
from funding.actions.approve_policy import approve_policy
from funding.actions.draft_policy import PolicyRefused, draft_policy
from funding.actions.release_policy import release_policy
from funding.calc.engine.differences import differences
from funding.calc.engine.document import Document, read_document
from funding.calc.engine.notes import notes
from funding.calc.releasable import read_releasable
from funding.queries.measures import measures_taken
from funding.queries.policies import Draft, Law, drafts, history, law_of, newest_revision, taken_by_release
from rulebook.load import RuleError


def text_of(path: str) -> str:
    """The text of a file, byte for byte. Raises CommandError in words."""
    try:
        return Path(path).read_bytes().decode()
    except OSError as problem:
        raise CommandError(f"{path} cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not UTF-8 text; save it as UTF-8") from None


def policy_from(path: str) -> Document:
    """The policy of a file. Raises CommandError in words."""
    try:
        return read_document(text_of(path), path)
    except RuleError as problem:
        raise CommandError(str(problem)) from None


class Command(BaseCommand):
    help = "Policy files checked and compared; a policy drafted, approved by two others, released; what waits, what was law when."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        doing = parser.add_subparsers(dest="doing", required=True)
        check = doing.add_parser("check", help="read the file; exit code 1 and the line if it cannot mean anything")
        check.add_argument("file", nargs="+")
        differ = doing.add_parser("differences", help="what changed from one version to the next, in words")
        differ.add_argument("file", nargs=2, metavar="OLD NEW")
        draft = doing.add_parser("draft", help="put a file forward as the newest revision of its program's draft")
        draft.add_argument("file")
        draft.add_argument("--by", required=True, metavar="USERNAME", help="the finance officer who wrote it")
        show = doing.add_parser("show", help="the text of a program's newest revision, byte for byte")
        show.add_argument("program")
        approve = doing.add_parser("approve", help="give one's word for the newest revision, by the hash of what one has read")
        approve.add_argument("program")
        approve.add_argument("--by", required=True, metavar="USERNAME", help="who approves, and wrote none of the draft")
        approve.add_argument("--sha256", required=True, metavar="HASH", help="all 64 digits of the SHA-256 of the text")
        release = doing.add_parser("release", help="put the newest revision in force, which two people have approved")
        release.add_argument("program")
        waiting = doing.add_parser("drafts", help="every draft, and whom it waits for")
        waiting.add_argument("--json", action="store_true", help="print a JSON list")
        past = doing.add_parser("history", help="what was law from when, by whom, and what changed each time")
        past.add_argument("program")
        past.add_argument("--json", action="store_true", help="print a JSON list")

    def handle(self, *, doing: str, **options: Any) -> None:
        try:
            getattr(self, f"_{doing}")(**options)
        except (PolicyRefused, MayNot, RuleError) as problem:
            raise CommandError(str(problem)) from None

    def _differences(self, *, file: list[str], **options: Any) -> None:
        old, new = map(policy_from, file)
        found = differences(old, new)
        self.stdout.write("\n".join(found) if found else "Both say the same.")

    def _check(self, *, file: list[str], **options: Any) -> None:
        for path in file:
            policy = policy_from(path)
            if policy.program:
                # What a draft refuses without the record is refused here already.
                read_releasable(policy.content, path)
            self.stdout.write(f"{path}: {policy.name}")
            self.stdout.write(f"  in force from {policy.in_force_from}, {policy.stakes} stakes, SHA-256 {policy.sha256}")
            for line in policy.lines.values():
                self.stdout.write(f"  {line.name}: {line.says} ({line.rule}; {policy.kinds[line.name]})")
            for flow in policy.pays:
                self.stdout.write(f"  pays {flow.line} to {flow.to} from {flow.source}")
            for flow in policy.charges:
                self.stdout.write(f"  charges {flow.line} to {flow.to}, for {flow.source}")
            for note in notes(policy):
                self.stdout.write(f"  note: {note}")

    def _draft(self, *, file: str, by: str, **options: Any) -> None:
        content = text_of(file)
        written = draft_policy(content=content, written_by=_person("write_policy", by), name=file)
        with acting_as("area_funding"):
            law, takes = law_of(written), taken_by_release(written)
        stands = f"in force from {written.in_force_from}"
        stands = f"released on {law.released_at:%Y-%m-%d}, {stands}" if law else f"{stands} once it is released"
        self.stdout.write(f"Revision {written.number} of {written.program_code}, {stands}.\nSHA-256 {written.content_sha256}")
        self._print_taken(takes)

    def _show(self, *, program: str, **options: Any) -> None:
        with acting_as("area_funding"):
            revision = newest_revision(program)
        if revision is None:
            raise CommandError(f"{program} has no policy; `policy draft FILE` writes one.")
        self.stdout.write(revision.content, ending="")

    def _approve(self, *, program: str, by: str, sha256: str, **options: Any) -> None:
        given = approve_policy(program_code=program, content_sha256=sha256, approved_by=_person("approve_policy", by))
        self.stdout.write(f"{by} approves the policy {sha256} of {program}.")
        with acting_as("area_funding"):
            takes = taken_by_release(given.revision)
        self._print_taken(takes)

    def _release(self, *, program: str, **options: Any) -> None:
        version = release_policy(program_code=program)
        self.stdout.write(
            f"{program} follows the policy {version.content_sha256} from {version.in_force_from}; released on "
            f"{version.released_at:%Y-%m-%d at %H:%M} UTC."
        )
        with acting_as("area_funding"):
            taken = measures_taken(program_code=program)
        for measure, catalogue, because in taken:
            self.stdout.write(f"It {because}: accountability judges nobody in {catalogue} by {measure} any more.")

    def _drafts(self, *, json: bool, **options: Any) -> None:
        with acting_as("area_funding"):
            found = drafts(approver_kinds=RIGHTS["approve_policy"], day=timezone.localdate())
        if json:
            self._print_json(found)
        elif not found:
            self.stdout.write("No draft waits for anybody.")
        for draft in found if not json else []:
            self.stdout.write(f"{draft.program}, revision {draft.number}, in force from {draft.in_force_from}, SHA-256 {draft.sha256}")
            self.stdout.write(f"  written by {_listed(draft.writers)}; approved by {_listed(draft.approved_by)}")
            self.stdout.write(f"  {_waits_for(draft)}")
            self._print_taken(draft.takes, indent="  ")

    def _history(self, *, program: str, json: bool, **options: Any) -> None:
        with acting_as("area_funding"):
            found = history(program_code=program)
        if not found:
            raise CommandError(f"{program} has no released policy; `policy drafts` tells what waits.")
        if json:
            self._print_json(found)
        for law in found if not json else []:
            until = f" until {law.superseded_on - datetime.timedelta(days=1)}" if law.superseded_on else ""
            self.stdout.write(f"From {law.in_force_from}{until}, by {law.governed_by}: revision {law.number}, SHA-256 {law.sha256}")
            approvals = [f"{who} on {at:%Y-%m-%d}" for who, at in law.approvals]
            self.stdout.write(
                f"  written by {_listed(law.writers)}; approved by {_listed(approvals)}; released on {law.released_at:%Y-%m-%d}"
            )
            for change in law.changes:
                self.stdout.write(f"  {change}")

    def _print_taken(self, takes: list[tuple[str, str]], indent: str = "") -> None:
        """What the release takes, said before anybody decides on it."""
        for measure, catalogue in takes:
            self.stdout.write(f"{indent}Its release takes {measure} of {catalogue} from accountability, for good.")

    def _print_json(self, found: list[Draft] | list[Law]) -> None:
        self.stdout.write(json.dumps([asdict(one) for one in found], default=lambda value: value.isoformat()))


def _person(right: str, username: str) -> int:
    return person_who_may(right, username=username, day=timezone.localdate())


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "nobody yet"


def _waits_for(draft: Draft) -> str:
    if not draft.missing:
        return f"waits for `policy release {draft.program}`"
    approvals = "one more approval" if draft.missing == 1 else "two approvals"
    return f"waits for {approvals}, of {', '.join(draft.may_approve) or 'nobody who could: appoint somebody who wrote none of it'}"
