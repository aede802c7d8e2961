"""What one enrollment-module earns under a policy. Pure: a case in, cents and the trace out."""

import datetime
from dataclasses import dataclass
from fractions import Fraction

from funding.calc.money import half_up_to_cents, in_words
from funding.calc.policy import Policy
from rulebook.trace import Step


@dataclass(frozen=True)
class Case:
    """The few figures on which the money depends. `rate_from` is the first day of the rate in force when learning
    started; `held` completions wait for a decision; credit is numerator / denominator, exact."""

    rate_from: datetime.date
    completed: int
    held: int
    required: int
    credit_numerator: int
    credit_denominator: int

    @property
    def credit(self) -> Fraction:
        return Fraction(self.credit_numerator, self.credit_denominator)


@dataclass(frozen=True)
class Priced:
    """`earned_cents` to date, `held_cents` more if every held completion were accepted, and the steps."""

    earned_cents: int
    held_cents: int
    trace: tuple[Step, ...]


def price(policy: Policy, case: Case) -> Priced:
    """rate per credit x credit x completed / required, never beyond the whole, rounded once, half up.

    Nothing required earns nothing. Source of the rule: the policy's `basis`.
    """
    rate = policy.rate_per_credit.in_force_on(case.rate_from)
    if rate is None:
        raise ValueError(f"{policy.program} has no rate in force on {case.rate_from}")

    def exact(completed: int) -> Fraction:
        if case.required == 0:
            return Fraction(0)
        return Fraction(rate.value) * case.credit * Fraction(min(completed, case.required), case.required)

    earned = half_up_to_cents(exact(case.completed))
    with_held = half_up_to_cents(exact(case.completed + case.held))
    share = f"{case.completed} of {case.required} required low-stakes assignments completed while enrolled"
    counted = min(case.completed, case.required)
    trace = (
        Step(
            f"The {policy.rate_per_credit.label} in force when learning started.",
            f"from {rate.from_on}: {rate.value} {policy.rate_per_credit.unit}",
            str(rate.value),
            rate.citation,
        ),
        Step(
            "The whole of the module: the rate times the module's credit.",
            f"{rate.value} x {case.credit}",
            exactly(Fraction(rate.value) * case.credit),
        ),
        Step(f"The share earned: {share}.",
             f"{rate.value} x {case.credit} x {counted} / {case.required}" if case.required else "nothing is required: 0",
             exactly(exact(case.completed)), policy.basis),
        Step("Rounded half up to the cent, once for the enrollment and module.", in_figures(exact(case.completed)),
             in_words(earned, policy.currency)),
    )  # fmt: skip
    return Priced(earned, with_held - earned, trace)


def exactly(amount: Fraction) -> str:
    """The amount without loss: in decimals where they end within six, else as a fraction."""
    figures = in_figures(amount)
    return str(amount) if figures.endswith("...") else figures


def in_figures(amount: Fraction) -> str:
    """The amount in decimals where it ends within six, else its first six with a sign that more follow."""
    scaled, rest = divmod(amount.numerator * 10**6, amount.denominator)
    figures = f"{scaled // 10**6}.{scaled % 10**6:06d}"
    return f"{figures}..." if rest else f"{figures[:-4]}{figures[-4:].rstrip('0')}"
