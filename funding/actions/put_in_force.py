"""What three people do one after another, in one call: for programs whose people are seeded with them (demonstration, bench)."""

from database.areas import acting_as
from funding.actions.approve_policy import approve_policy
from funding.actions.draft_policy import draft_policy
from funding.actions.release_policy import release_policy
from funding.models import PolicyVersion


def put_in_force(*, content: str, written_by: int, approved_by: tuple[int, int], name: str = "draft") -> PolicyVersion:
    """The text drafted by one user (ids throughout), approved by two others and released; one that is in force stays as it is.

    Raises what drafting, approving and releasing raise.
    """
    with acting_as("area_funding"):
        revision = draft_policy(content=content, written_by=written_by, name=name)
        on_file = PolicyVersion.objects.filter(revision=revision).first()
        if on_file:
            return on_file
        for person in approved_by:
            approve_policy(program_code=revision.program_code, content_sha256=revision.content_sha256, approved_by=person)
        return release_policy(program_code=revision.program_code)
