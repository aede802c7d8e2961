"""Release a policy: the newest revision of its draft, which two people approved, is put in force from its day."""

from database.areas import acting_as
from database.locks import hold_draft
from funding.actions.draft_policy import PolicyRefused
from funding.actions.open_books import open_program_accounts
from funding.actions.register_measures import MeasureRefused, register_measures
from funding.calc.releasable import Releasable, read_releasable
from funding.models import PolicyVersion, Program
from funding.queries.policies import APPROVALS_NEEDED, newest_revision


def release_policy(*, program_code: str) -> PolicyVersion:
    """The released version; where the newest revision is released already, the one on file. Raises PolicyRefused.

    What the milestones attest that it pays on is funding's from here on: nobody is judged by it any more.
    """
    with acting_as("area_funding"):
        hold_draft(program_code)
        revision = newest_revision(program_code)
        if revision is None:
            raise PolicyRefused(f"{program_code} has no draft; `policy draft FILE` writes one.")
        on_file = PolicyVersion.objects.filter(revision=revision).first()
        if on_file:
            return on_file
        approvals = revision.approvals.count()
        if approvals < APPROVALS_NEEDED:
            raise PolicyRefused(
                f"Revision {revision.number} of {program_code} has {approvals} of the {APPROVALS_NEEDED} approvals that it needs; "
                "whom it waits for, `policy drafts` tells."
            )
        policy = read_releasable(revision.content, revision.program_code)
        program = _hold_program(policy)
        open_program_accounts(program=program, sources=policy.sources)
        _take_measures(program, policy)
        return PolicyVersion.objects.create(
            program=program,
            revision=revision,
            content=revision.content,
            content_sha256=revision.content_sha256,
            in_force_from=revision.in_force_from,
        )


def _take_measures(program: Program, policy: Releasable) -> None:
    try:
        register_measures(
            program_code=program.code, catalogue=program.catalogue, milestones=policy.milestones, since=policy.in_force_from
        )
    except MeasureRefused as refusal:
        raise PolicyRefused(str(refusal)) from None


def _hold_program(policy: Releasable) -> Program:
    """The program, opened by its first policy; held until commit, so that a night sees its versions in the order of their ids."""
    program, _opened = Program.objects.get_or_create(
        code=policy.program,
        defaults={
            "name": policy.name,
            "catalogue": policy.catalogue,
            "currency": policy.currency,
            "fiscal_year_starts_month": policy.fiscal_year_starts_month,
            "on_timetable": policy.on_timetable,
            "unit": policy.unit,
        },
    )
    program = Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    program.name = policy.name
    program.high_stakes = program.high_stakes or policy.high_stakes
    program.save(update_fields=["name", "high_stakes"])
    return program
