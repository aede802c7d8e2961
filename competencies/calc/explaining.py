"""A level in words: which judgements make it, by which rule, and what a further judgement would change. Pure and exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from competencies.calc.level import CellLevel, Entry, Scales, ScaleVersion
from competencies.calc.rule import decayed, rank_by

# How far ahead "what would change it" looks.
FURTHER = 10


@dataclass(frozen=True, slots=True)
class Told:
    """`words` is one sentence; `would_change` are sentences; `contributing` are places in the entries, oldest first."""

    words: str
    would_change: list[str]
    contributing: list[int]


def explain(level: CellLevel, entries: Sequence[Entry], scales: Scales) -> Told:
    """The level of these counted entries (at least one, in the order of the cell), as `level_of` gave it."""
    version = level.version
    ranks = [scales.carry(entry.rank, entry.version_id, version) for entry in entries]
    label = version.label(level.rank)
    if level.overridden:
        place = max(place for place, entry in enumerate(entries) if entry.is_override)
        words = f"{label}: a marked professional override, whatever the other judgements say."
        return Told(words, ["It stays until the override is withdrawn, or a later override is made."], [place])
    because, contributing = _because(version, ranks)
    return Told(f"{label}: {because}.", _would_change(version, ranks, level.rank), contributing)


def _because(version: ScaleVersion, ranks: list[int]) -> tuple[str, list[int]]:
    rule, count = version.rule, len(ranks)
    every, rank = list(range(count)), rank_by(version.rule, ranks)
    if rule.method == "highest":
        return f"the highest of {_judgments(count)}", [place for place in every if ranks[place] == rank]
    if rule.method == "mean":
        mean = Fraction(sum(ranks), count)
        return f"the mean of {_judgments(count)} is {_number(mean)}, rounded half up to level {rank}", every
    if rule.method == "decaying_average":
        average = decayed(rule.weight, ranks)
        weight = f"{rule.weight.numerator}/{rule.weight.denominator}"
        return (
            f"the newest of {_judgments(count)} weighs {weight}, those before it the rest, and so on back; that makes "
            f"{_number(average)}, rounded half up to level {rank}",
            every,
        )
    if rule.method == "n_of_m":
        if count < rule.n:
            counts = "the newest counts" if rule.below == "most_recent" else "the lowest counts"
            return f"{_judgments(count)} so far and {rule.n} are needed; until then {counts}", every
        last = every[-rule.m :]
        reach = sum(ranks[place] >= rank for place in last)
        return f"{reach} of the last {len(last)} at level {rank} or above", last
    if rule.method == "most_frequent":
        times = ranks.count(rank)
        shared = any(ranks.count(other) == times for other in set(ranks) - {rank})
        said = "as often as another, and later" if shared else "more often than any other"
        return f"judged {times} of {_times(count)}, {said}", [place for place in every if ranks[place] == rank]
    return f"the newest of {_judgments(count)}", every[-1:]


def _would_change(version: ScaleVersion, ranks: list[int], now: int) -> list[str]:
    """Upwards: the fewest further judgements that reach the next level; downwards: what one lower judgement does."""
    highest = len(version.labels)
    said = []
    for target in range(now + 1, highest + 1):
        if reached := _fewest(version, ranks, now, target):
            count, level = reached
            said.append(f"{_further(count)} at level {target} ({version.label(target)}) would make it {version.label(level)}.")
            break
    for lower in range(now - 1, 0, -1):
        after = rank_by(version.rule, [*ranks, lower])
        if after < now:
            said.append(f"One further judgement at level {lower} ({version.label(lower)}) would make it {version.label(after)}.")
            break
    if not said:
        said.append(f"No single judgement, nor {FURTHER} at a higher level, would change it.")
    return said


def _fewest(version: ScaleVersion, ranks: list[int], now: int, target: int) -> tuple[int, int] | None:
    for count in range(1, FURTHER + 1):
        after = rank_by(version.rule, ranks + [target] * count)
        if after > now:
            return count, after
    return None


def _further(count: int) -> str:
    return "One further judgement" if count == 1 else f"{count} further judgements"


def _judgments(count: int) -> str:
    return "1 judgement" if count == 1 else f"{count} judgements"


def _times(count: int) -> str:
    return "1 time" if count == 1 else f"{count} times"


def _number(value: Fraction) -> str:
    """A whole number as itself, else the fraction and its first two decimals, cut off."""
    if value.denominator == 1:
        return str(value.numerator)
    hundredths = value.numerator * 100 // value.denominator
    return f"{value.numerator}/{value.denominator} ({hundredths // 100}.{hundredths % 100:02})"
