"""Release a demonstration policy on first use, written and approved by the three people seeded for it.

Only a rule file that says `demonstration: "true"` is released this way; any other waits for two real approvals.
"""

import datetime
from pathlib import Path

from database.areas import acting_as
from funding.actions.put_in_force import put_in_force
from funding.calc.releasable import read_releasable
from funding.models import Program
from people.actions.appoint import appoint

RULES = Path(__file__).resolve().parent.parent / "rules"


def release_demonstration(*, program_code: str) -> None:
    """Nothing where the program is on file already or no demonstration rule is called so."""
    with acting_as("area_funding"):
        if Program.objects.filter(code=program_code).exists():
            return
    path = RULES / f"{program_code}.yaml"
    if not path.is_file():
        return
    content = path.read_text()
    if not read_releasable(content, path.name).demonstration:
        return
    writer, *approvers = [
        appoint(username=username, full_name=name, kind="finance_officer", starts_on=datetime.date(2013, 1, 1))
        for username, name in (
            ("policy-writer", "Policy writer"),
            ("policy-first", "First policy approver"),
            ("policy-second", "Second policy approver"),
        )
    ]
    put_in_force(content=content, written_by=writer.pk, approved_by=(approvers[0].pk, approvers[1].pk), name=path.name)
