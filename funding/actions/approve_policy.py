"""Approve a policy's draft: a person's word for the text behind one hash, by somebody who wrote none of the draft."""

from database.areas import acting_as
from database.locks import hold_draft
from funding.actions.draft_policy import PolicyRefused
from funding.models import PolicyApproval, PolicyVersion
from funding.queries.policies import newest_revision, writers_of


def approve_policy(*, program_code: str, content_sha256: str, approved_by: int) -> PolicyApproval:
    """The person's approval of the newest revision; the same word again is the same approval.

    `content_sha256` is the hash of the text that the person read, all 64 digits; `approved_by` the id of a user who may
    approve policies (funding/access.py asks). Raises PolicyRefused.
    """
    with acting_as("area_funding"):
        hold_draft(program_code)
        revision = newest_revision(program_code)
        if revision is None or PolicyVersion.objects.filter(revision=revision).exists():
            raise PolicyRefused(f"{program_code} has no draft that waits for approval; `policy draft FILE` writes one.")
        if content_sha256 != revision.content_sha256:
            raise PolicyRefused(
                f"The newest revision of {program_code}, number {revision.number}, has the SHA-256 {revision.content_sha256}, and "
                f"you name another. Read it (`policy show {program_code}`) and name its hash."
            )
        given = PolicyApproval.objects.filter(revision=revision, approved_by=approved_by).first()
        if given:
            return given
        if approved_by in writers_of(revision):
            raise PolicyRefused("Nobody approves a draft of which the same person wrote any revision; two others have to approve it.")
        return PolicyApproval.objects.create(revision=revision, approved_by=approved_by, content_sha256=content_sha256)
