"""What is due after what was paid: differences, debts and their recovery, holds, limits that scale, bonuses."""

from fractions import Fraction

from funding.calc.primitives.arithmetic import rounded
from funding.calc.primitives.kinds import ZERO, CannotMean, Numbers


def recovery_plan(debt: Fraction, parts: Fraction, step: Fraction, most_each: Fraction | None = None) -> Numbers:
    """A debt given back in `parts` instalments rounded to `step`, the last taking the rest. None above `most_each`:
    a plan that would need one is refused."""
    if parts < 1 or parts.denominator != 1 or debt < 0:
        raise CannotMean("a debt of at least 0 is given back in at least one whole instalment")
    each = rounded(debt / parts, step, "down")
    plan = (*(each,) * (int(parts) - 1), debt - each * (int(parts) - 1))
    if most_each is not None and max(plan) > most_each:
        raise CannotMean(f"{parts} instalments would be above {most_each} each; take more of them")
    return plan


def released(amount: Fraction, received: Fraction, needed: Fraction) -> Fraction:
    """`amount` once enough has been received (a payer's own share), else 0: short by anything holds all of it."""
    return amount if received >= needed else ZERO


def scaled_to(of: Numbers, cap: Fraction) -> Numbers:
    """The entries, all cut by one factor where together they are above `cap` (a learner's year)."""
    together = sum(of, ZERO)
    return of if together <= cap else tuple(one * cap / together for one in of)


def held_harmless(new: Fraction, before: Fraction, share: Fraction, growth: Fraction | None = None) -> Fraction:
    """`new`, but no less than `share` of `before`, and no more than `growth` times `before` where a growth cap is given."""
    kept = max(new, before * share)
    return kept if growth is None else min(kept, before * growth)


def guarantee(cost: Fraction, value: Fraction, guaranteed_value: Fraction, members: Fraction) -> Fraction:
    """Aid of one tier: cost x (1 - value / (guaranteed value per member x members)); below 0 where one is richer."""
    if guaranteed_value * members == 0:
        raise CannotMean("a guarantee needs a guaranteed value and members above 0")
    return cost * (1 - value / (guaranteed_value * members))


def above_threshold(reached: Fraction, cohort: Fraction, threshold: Fraction, amount: Fraction) -> Fraction:
    """amount x how many reached it beyond a share of the cohort; nothing below."""
    return max(reached - cohort * threshold, ZERO) * amount


def gain(before: Numbers, after: Numbers, amount: Fraction, least_group: Fraction) -> Fraction:
    """amount x the points gained between pre- and post-assessment, each student's loss as nothing; nothing for a group
    below `least_group`."""
    if len(before) != len(after):
        raise CannotMean(f"{len(before)} first results cannot be paired with {len(after)} second ones")
    if len(before) < least_group:
        return ZERO
    return sum((max(b - a, ZERO) for a, b in zip(before, after, strict=True)), ZERO) * amount
