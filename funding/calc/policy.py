"""A policy file read into a policy: who it covers, from when, by which rate, rounding and timetable.

The plain completion policy (docs/money.md): rate per credit x credit of the module x completed / required.
"""

import datetime
import hashlib
from dataclasses import dataclass

from rulebook.dated import Parameter, read_parameter
from rulebook.load import Citation, read_rules


@dataclass(frozen=True)
class Policy:
    """One released or releasable version. `sha256` is of the text that was read, byte for byte."""

    program: str
    name: str
    catalogue: str
    currency: str
    fiscal_year_starts_month: int
    in_force_from: datetime.date
    on_timetable: bool
    demonstration: bool
    rate_per_credit: Parameter
    basis: Citation
    content: str
    sha256: str


def read_policy(content: str, name: str) -> Policy:
    """Raises rulebook.load.RuleError naming `name` and the line."""
    document = read_rules(content, name)
    keys = document.mapping(
        (
            "program", "name", "formula", "catalogue", "currency", "fiscal_year_starts_month", "in_force_from",
            "governed_by", "rounding", "settlement", "timetable", "basis", "rate_per_credit",
        ),
        ("demonstration",),
    )  # fmt: skip
    # Each names the one rule of its kind that this formula has; a new kind is code and a decision record.
    keys["formula"].choice("completed_share_of_credit")
    keys["governed_by"].choice("start_of_learning")
    keys["rounding"].choice("half_up_to_the_cent_once_per_enrollment_and_module")
    keys["settlement"].choice("monthly")
    rate = read_parameter(keys["rate_per_credit"])
    in_force_from = keys["in_force_from"].date()
    if rate.in_force_on(in_force_from) is None:
        raise keys["rate_per_credit"].error(f"no rate is in force on {in_force_from}, the policy's first day; add one")
    return Policy(
        program=keys["program"].text(),
        name=keys["name"].text(),
        catalogue=keys["catalogue"].text(),
        currency=keys["currency"].choice("USD"),
        fiscal_year_starts_month=keys["fiscal_year_starts_month"].integer(1, 12),
        in_force_from=in_force_from,
        on_timetable=keys["timetable"].choice("nightly", "by_hand") == "nightly",
        demonstration="demonstration" in keys and keys["demonstration"].choice("true", "false") == "true",
        rate_per_credit=rate,
        basis=keys["basis"].citation(),
        content=content,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
    )
