"""Release a policy: two people's approval of the same bytes puts it in force."""

from database.areas import acting_as
from funding.actions.open_books import open_program_accounts
from funding.calc.policy import Policy
from funding.models import PolicyVersion, Program


class PolicyRefused(ValueError):
    """Why a policy was not released, in a sentence for people."""


def release_policy(*, policy: Policy, first_approved_by: int, second_approved_by: int) -> PolicyVersion:
    """The released version; releasing the same content again returns the one on file.

    `first_approved_by` and `second_approved_by` are ids of two different users. Raises PolicyRefused.
    """
    if first_approved_by == second_approved_by:
        raise PolicyRefused("A policy needs the approval of two different people; both approvals are by the same one.")
    with acting_as("area_funding"):
        program, _ = Program.objects.get_or_create(
            code=policy.program,
            defaults={
                "name": policy.name,
                "catalogue": policy.catalogue,
                "currency": policy.currency,
                "fiscal_year_starts_month": policy.fiscal_year_starts_month,
                "on_timetable": policy.on_timetable,
            },
        )
        # Held until commit, so that a night sees the versions of a program in the order of their ids.
        Program.objects.select_for_update(no_key=True).get(pk=program.pk)
        in_force = PolicyVersion.objects.filter(program=program, in_force_from=policy.in_force_from).first()
        if in_force and in_force.content_sha256 == policy.sha256:
            return in_force
        if in_force:
            raise PolicyRefused(
                f"{policy.program} has another policy in force from {policy.in_force_from} already, and a released "
                "policy is frozen. Give the new one a later in_force_from."
            )
        open_program_accounts(program=program)
        return PolicyVersion.objects.create(
            program=program,
            content=policy.content,
            content_sha256=policy.sha256,
            in_force_from=policy.in_force_from,
            first_approved_by=first_approved_by,
            second_approved_by=second_approved_by,
        )
