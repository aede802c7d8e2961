"""What the books need to know of a policy's text to put it in force: the one place that says how such a text is read."""

import datetime
from dataclasses import dataclass

from funding.calc.policy import read_policy


@dataclass(frozen=True)
class Releasable:
    """The head of a policy that can be released. `sha256` is of the text that was read, byte for byte."""

    program: str
    name: str
    catalogue: str
    currency: str
    fiscal_year_starts_month: int
    on_timetable: bool
    in_force_from: datetime.date
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
        sha256=policy.sha256,
    )
