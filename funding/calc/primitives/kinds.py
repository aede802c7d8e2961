"""The kinds of value that a policy's lines take and give. Amounts, counts and shares are exact fractions, never floats."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NewType

Numbers = tuple[Fraction, ...]
Texts = tuple[str, ...]
Dates = tuple[datetime.date, ...]
Truths = tuple[bool, ...]
# Amounts, shares or truths by word: by source, by milestone, by claimant. The order written is the order meant.
Named = Mapping[str, Fraction]
Flags = Mapping[str, bool]
# What a policy writes as a list of names; each may also be a series, and then the line is worked out for each entry.
Terms = NewType("Terms", tuple[Fraction, ...])
FlagTerms = NewType("FlagTerms", tuple[bool, ...])
# Shares of one thing by word: together at most the whole (Shares), or exactly the whole (Whole).
Shares = NewType("Shares", Mapping[str, Fraction])
Whole = NewType("Whole", Mapping[str, Fraction])

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Tier:
    """One step of a table: `value` holds below `below` (exclusive); the last tier has no bound."""

    below: Fraction | None
    value: Fraction


Tiers = tuple[Tier, ...]


class CannotMean(ValueError):
    """Facts or figures that a rule cannot be applied to, in a sentence for people."""
