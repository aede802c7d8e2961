"""A calculation rule: how ranks in the order of the work become one rank. Exact, in fractions; no clock and no table.

A rule is stored as a method's name and its parameters (`MasteryScaleVersion.method`, `.parameters`):

  most_recent       {}                                          the newest rank
  highest           {}                                          the highest rank ever judged
  mean              {}                                          the mean of all, rounded half up to a rank
  decaying_average  {"weight": "65/100"}                        the newest weighs `weight`, all before it the rest, and so on back
  n_of_m            {"n": 3, "m": 4, "below": "most_recent"}    the highest rank that n of the last m reach or pass; while there
                                                                are fewer than n, `below`: "most_recent" or "lowest"
  most_frequent     {}                                          the rank judged most often; of several, the one judged last
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

METHODS = ("most_recent", "highest", "mean", "decaying_average", "n_of_m", "most_frequent")
BELOW = ("most_recent", "lowest")
# More than anybody judges; keeps a rule from asking for a history that never is.
LAST_AT_MOST = 50


class RuleProblem(ValueError):
    """Why a rule cannot be read, in a sentence that names the field and the way out."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A method with what it needs; the other fields stay as they are here."""

    method: str
    weight: Fraction = Fraction(1)
    n: int = 1
    m: int = 1
    below: str = "most_recent"


def read_rule(method: str, parameters: Mapping[str, Any]) -> Rule:
    """The rule of a stored method and its parameters; unknown and missing parameters are a RuleProblem."""
    if method not in METHODS:
        raise RuleProblem(f"There is no method {method!r}; there are {', '.join(METHODS)}.")
    wanted = {"decaying_average": {"weight"}, "n_of_m": {"n", "m", "below"}}.get(method, set())
    if set(parameters) != wanted:
        raise RuleProblem(
            f"The method {method} takes {', '.join(sorted(wanted)) or 'no parameters'}, and was given "
            f"{', '.join(sorted(map(str, parameters))) or 'none'}."
        )
    if method == "decaying_average":
        return Rule(method, weight=_read_weight(parameters["weight"]))
    if method == "n_of_m":
        n, m, below = parameters["n"], parameters["m"], parameters["below"]
        if type(n) is not int or type(m) is not int or not 1 <= n <= m <= LAST_AT_MOST:
            raise RuleProblem(f"n of the last m needs whole numbers, 1 <= n <= m <= {LAST_AT_MOST}; it was given n {n!r}, m {m!r}.")
        if below not in BELOW:
            raise RuleProblem(f"below is {below!r}; it says what counts while there are fewer than n: {' or '.join(BELOW)}.")
        return Rule(method, n=n, m=m, below=below)
    return Rule(method)


def _read_weight(text: Any) -> Fraction:
    if isinstance(text, str) and (read := re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)) and int(read[2]):
        weight = Fraction(int(read[1]), int(read[2]))
        if 0 < weight <= 1:
            return weight
    raise RuleProblem(f"weight is {text!r}; write it as a fraction above 0 and up to 1, such as 65/100.")


def rank_by(rule: Rule, ranks: Sequence[int]) -> int:
    """The rank that `rule` makes of `ranks`, oldest work first, at least one."""
    newest = ranks[-1]
    if rule.method == "highest":
        return max(ranks)
    if rule.method == "mean":
        return half_up(Fraction(sum(ranks), len(ranks)))
    if rule.method == "decaying_average":
        return half_up(decayed(rule.weight, ranks))
    if rule.method == "n_of_m":
        last = ranks[-rule.m :]
        if len(last) < rule.n:
            return newest if rule.below == "most_recent" else min(ranks)
        return sorted(last, reverse=True)[rule.n - 1]
    if rule.method == "most_frequent":
        count = Counter(ranks)
        most = max(count.values())
        return next(rank for rank in reversed(ranks) if count[rank] == most)
    return newest


def decayed(weight: Fraction, ranks: Sequence[int]) -> Fraction:
    """The decaying average before rounding: each newer rank takes `weight`, what was so far the rest."""
    average = Fraction(ranks[0])
    for rank in ranks[1:]:
        average = weight * rank + (1 - weight) * average
    return average


def half_up(value: Fraction) -> int:
    """The nearest whole number; a half goes up. For positive values."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
