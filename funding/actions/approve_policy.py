"""Approve a policy's draft: a person's word for the text behind one hash, by somebody who wrote none of the draft."""

from django.utils.translation import gettext as _

from database.areas import acting_as
from database.locks import hold_draft
from funding.actions.draft_policy import PolicyRefused, newest_revision
from funding.models import PolicyApproval, PolicyRevision, PolicyVersion


def approve_policy(*, program_code: str, content_sha256: str, approved_by: int) -> PolicyApproval:
    """The person's approval of the newest revision; the same word again is the same approval.

    `content_sha256` is the hash of the text that the person read, all 64 digits; `approved_by` the id of a user who may
    approve policies (funding/access.py asks). Raises PolicyRefused.
    """
    with acting_as("area_funding"):
        hold_draft(program_code)
        revision = newest_revision(program_code)
        if revision is None or PolicyVersion.objects.filter(revision=revision).exists():
            raise PolicyRefused(
                _("%(program)s has no draft that waits for approval; `policy draft FILE` writes one.") % {"program": program_code}
            )
        if content_sha256 != revision.content_sha256:
            raise PolicyRefused(
                _(
                    "The newest revision of %(program)s, number %(number)s, has the SHA-256 %(hash)s, and not the one that you "
                    "name. Read it (`policy show %(program)s`) and name its hash."
                )
                % {"program": program_code, "number": revision.number, "hash": revision.content_sha256}
            )
        given = PolicyApproval.objects.filter(revision=revision, approved_by=approved_by).first()
        if given:
            return given
        if approved_by in writers_of(revision):
            raise PolicyRefused(
                _("Nobody approves a draft of which the same person wrote any revision; two others have to approve it.")
            )
        return PolicyApproval.objects.create(revision=revision, approved_by=approved_by, content_sha256=content_sha256)


def writers_of(revision: PolicyRevision) -> set[int]:
    """The ids of all who wrote any revision of the draft that ends with this one: what was written since the last release."""
    of_program = PolicyRevision.objects.filter(program_code=revision.program_code)
    released = of_program.filter(version__isnull=False, number__lt=revision.number).order_by("-number").first()
    since = released.number if released else 0
    return set(of_program.filter(number__gt=since, number__lte=revision.number).values_list("written_by", flat=True))
