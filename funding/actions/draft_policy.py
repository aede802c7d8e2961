"""Write a policy's draft: a text that somebody would make law. An edit is a further revision, and needs approvals of its own."""

from database.areas import acting_as
from database.locks import hold_draft
from funding.calc.releasable import Releasable, read_releasable
from funding.models import PolicyRevision, PolicyVersion, Program
from funding.queries.measures import unknown_milestones
from funding.queries.policies import newest_revision


class PolicyRefused(ValueError):
    """Why a policy was not drafted, approved or released, in a sentence for people. Nothing has changed."""


def draft_policy(*, content: str, written_by: int, name: str = "draft") -> PolicyRevision:
    """The program's newest revision, with this text. The same text again is the same revision and keeps its approvals; a text
    that was released is the revision that it was released from.

    `written_by` is the id of a user who may write policies (funding/access.py asks), `name` what the text is called where
    it is refused. Raises rulebook.load.RuleError where it means nothing, PolicyRefused where it could never be released.
    """
    policy = read_releasable(content, name)
    with acting_as("area_funding"):
        hold_draft(policy.program)
        newest = newest_revision(policy.program)
        if newest and newest.content_sha256 == policy.sha256:
            return newest
        released = PolicyVersion.objects.filter(program__code=policy.program, content_sha256=policy.sha256).first()
        if released:
            return released.revision
        _refuse_what_cannot_be_released(policy)
        return PolicyRevision.objects.create(
            program_code=policy.program,
            number=newest.number + 1 if newest else 1,
            content=content,
            content_sha256=policy.sha256,
            in_force_from=policy.in_force_from,
            written_by=written_by,
        )


def _refuse_what_cannot_be_released(policy: Releasable) -> None:
    """Before anybody approves it: a milestone that nobody declared, a day that is taken, books that are kept otherwise."""
    if unknown := unknown_milestones(policy.milestones):
        raise PolicyRefused(unknown)
    if PolicyVersion.objects.filter(program__code=policy.program, in_force_from=policy.in_force_from).exists():
        raise PolicyRefused(
            f"{policy.program} has another policy in force from {policy.in_force_from} already, and a released policy is frozen. "
            "Give the new one another in_force_from."
        )
    for program in Program.objects.filter(code=policy.program):
        for word in ("catalogue", "currency", "fiscal_year_starts_month", "unit"):
            if getattr(program, word) != getattr(policy, word):
                kept = f"{word} {getattr(program, word)}"
                raise PolicyRefused(f"{policy.program} keeps its books with the {kept}, and no policy changes that; write it so.")
    other = Program.objects.filter(catalogue=policy.catalogue).exclude(code=policy.program).first()
    if other:
        raise PolicyRefused(
            f"The catalogue {policy.catalogue} is paid by the program {other.code}, and a catalogue has one; name another."
        )
