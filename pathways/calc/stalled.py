"""When a student is stalled: in focus for long with nothing new, by a rule that is data (rules/stalled.yaml)."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from rulebook.dated import Parameter, read_parameter
from rulebook.load import Citation, read_rules
from rulebook.sentence import Sentence, sentences

KINDS = ("academic", "lifelong")


@dataclass(frozen=True)
class StalledRule:
    """`days` holds for each kind of competency the dated number of days in focus without a sign of work."""

    basis: Citation
    days: Mapping[str, Parameter]

    def days_on(self, kind: str, day: datetime.date) -> int | None:
        """The days in force on `day`; None before the rule's first day: then nobody is stalled."""
        value = self.days[kind].in_force_on(day)
        return None if value is None else int(value.value)


@dataclass(frozen=True, slots=True)
class Stall:
    """`quiet_days` since the last sign (evidence, judgement, request, or being put in focus), where the rule says `rule_days`."""

    last_sign_on: datetime.date
    quiet_days: int
    rule_days: int

    @property
    def words(self) -> Sentence:
        return sentences(
            "No evidence, judgement or request for %(count)s day; the rule says %(rule)s.",
            "No evidence, judgement or request for %(count)s days; the rule says %(rule)s.",
            self.quiet_days,
            rule=self.rule_days,
        )


def read_stalled_rule(content: str, name: str) -> StalledRule:
    """Raises rulebook.load.RuleError naming `name` and the line."""
    keys = read_rules(content, name).mapping(("rule", "basis", "days_without_a_sign"))
    keys["rule"].choice("stalled")
    days: dict[str, Parameter] = {}
    for kind, node in keys["days_without_a_sign"].mapping(KINDS).items():
        parameter = read_parameter(node)
        if parameter.unit != "days":
            raise node.error(f"the unit of a stalled rule is days, found {parameter.unit!r}")
        if any(value.value != value.value.to_integral_value() or value.value < 1 for value in parameter.values):
            raise node.error('a stalled rule counts whole days from 1 on; write for example "21"')
        days[kind] = parameter
    return StalledRule(keys["basis"].citation(), days)


def stall_of(rule: StalledRule, *, kind: str, last_sign_on: datetime.date, day: datetime.date) -> Stall | None:
    """The stall of one competency in focus as of `day`; None where there is none."""
    allowed, quiet = rule.days_on(kind, day), (day - last_sign_on).days
    return Stall(last_sign_on, quiet, allowed) if allowed is not None and quiet >= allowed else None
