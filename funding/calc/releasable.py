"""What the books need to know of a policy's text to put it in force: the one place that says how such a text is read."""

import datetime
from dataclasses import dataclass

from funding.calc.engine.differences import differences
from funding.calc.engine.document import read_document
from funding.calc.policy import read_policy
from rulebook.load import RuleError


@dataclass(frozen=True)
class Releasable:
    """The head of a policy that can be released. `governed_by` is the grandfathering key: whose day decides under which version
    somebody is paid. `sha256` is of the text that was read, byte for byte."""

    program: str
    name: str
    catalogue: str
    currency: str
    fiscal_year_starts_month: int
    on_timetable: bool
    in_force_from: datetime.date
    governed_by: str
    sha256: str


def read_releasable(content: str, name: str) -> Releasable:
    """Raises rulebook.load.RuleError naming `name` and the line."""
    policy = read_policy(content, name)
    return Releasable(
        program=policy.program,
        name=policy.name,
        catalogue=policy.catalogue,
        currency=policy.currency,
        fiscal_year_starts_month=policy.fiscal_year_starts_month,
        on_timetable=policy.on_timetable,
        in_force_from=policy.in_force_from,
        governed_by="start_of_learning",
        sha256=policy.sha256,
    )


def changes(old: str, new: str, name: str) -> list[str]:
    """What changed from one text to the next, a sentence a difference."""
    try:
        return differences(read_document(old, name), read_document(new, name))
    except RuleError:
        return ["The two are not written in one form; compare their texts (`policy show`)."]
