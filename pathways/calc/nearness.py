"""How near a student is to a requirement: the part of it that is met, exactly, whatever the shape of its tree."""

from fractions import Fraction

from pathways.calc.criteria import Progress

# From this part on somebody is near. A starting value of our own: one step of four is left.
NEAR = Fraction(3, 4)


def part_met(progress: Progress) -> Fraction:
    """From 0 to 1. A leaf counts by what is done of what it needs; a group by the parts that are furthest, as many as it needs."""
    if progress.met:
        return Fraction(1)
    if not progress.needed:
        return Fraction(0)
    if not progress.parts:
        return min(progress.done / progress.needed, Fraction(1))
    furthest = sorted((part_met(part) for part in progress.parts), reverse=True)[: int(progress.needed)]
    return Fraction(sum(furthest, Fraction(0)) / progress.needed)
