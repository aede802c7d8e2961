"""A level in words: which judgements make it, by which rule, and what a further judgement would change. Pure and exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from competencies.calc.level import CellLevel, Entry, Scales, ScaleVersion
from competencies.calc.rule import decayed, rank_by
from rulebook.sentence import Sentence, sentence, sentences

# How far ahead "what would change it" looks.
FURTHER = 10


@dataclass(frozen=True, slots=True)
class Told:
    """`words` is one sentence; `would_change` are sentences; `contributing` are places in the entries, oldest first."""

    words: Sentence
    would_change: list[Sentence]
    contributing: list[int]


def explain(level: CellLevel, entries: Sequence[Entry], scales: Scales) -> Told:
    """The level of these counted entries (at least one, in the order of the cell), as `level_of` gave it."""
    version = level.version
    ranks = [scales.carry(entry.rank, entry.version_id, version) for entry in entries]
    label = version.label(level.rank)
    if level.overridden:
        place = max(place for place, entry in enumerate(entries) if entry.is_override)
        words = sentence("%(level)s: a marked professional override, whatever the other judgements say.", level=label)
        return Told(words, [sentence("It stays until the override is withdrawn, or a later override is made.")], [place])
    words, contributing = _because(version, ranks, label)
    return Told(words, _would_change(version, ranks, level.rank), contributing)


def _because(version: ScaleVersion, ranks: list[int], label: str) -> tuple[Sentence, list[int]]:
    rule, count = version.rule, len(ranks)
    every, rank = list(range(count)), rank_by(version.rule, ranks)
    those = [place for place in every if ranks[place] == rank]
    if rule.method == "highest":
        said = sentences(
            "%(level)s: the highest of %(count)s judgement.", "%(level)s: the highest of %(count)s judgements.", count, level=label
        )
        return said, those
    if rule.method == "mean":
        said = sentences(
            "%(level)s: the mean of %(count)s judgement is %(mean)s, rounded half up to level %(rank)s.",
            "%(level)s: the mean of %(count)s judgements is %(mean)s, rounded half up to level %(rank)s.",
            count,
            level=label,
            mean=_number(Fraction(sum(ranks), count)),
            rank=rank,
        )
        return said, every
    if rule.method == "decaying_average":
        said = sentences(
            "%(level)s: the newest of %(count)s judgement weighs %(weight)s, those before it the rest, and so on back; that makes "
            "%(average)s, rounded half up to level %(rank)s.",
            "%(level)s: the newest of %(count)s judgements weighs %(weight)s, those before it the rest, and so on back; that makes "
            "%(average)s, rounded half up to level %(rank)s.",
            count,
            level=label,
            weight=f"{rule.weight.numerator}/{rule.weight.denominator}",
            average=_number(decayed(rule.weight, ranks)),
            rank=rank,
        )
        return said, every
    if rule.method == "n_of_m":
        if count < rule.n:
            return _too_few(rule.below, count, rule.n, label), every
        last = every[-rule.m :]
        return _n_of_m(sum(ranks[place] >= rank for place in last), len(last), rank, label), last
    if rule.method == "most_frequent":
        times = ranks.count(rank)
        shared = any(ranks.count(other) == times for other in set(ranks) - {rank})
        return _most_frequent(shared, count, label, times), those
    said = sentences(
        "%(level)s: the newest of %(count)s judgement.", "%(level)s: the newest of %(count)s judgements.", count, level=label
    )
    return said, every[-1:]


def _n_of_m(reach: int, last: int, rank: int, label: str) -> Sentence:
    return sentence(
        "%(level)s: %(reach)s of the last %(last)s at level %(rank)s or above.", level=label, reach=reach, last=last, rank=rank
    )


def _too_few(below: str, count: int, needed: int, label: str) -> Sentence:
    if below == "most_recent":
        return sentences(
            "%(level)s: %(count)s judgement so far and %(needed)s are needed; until then the newest counts.",
            "%(level)s: %(count)s judgements so far and %(needed)s are needed; until then the newest counts.",
            count,
            level=label,
            needed=needed,
        )
    return sentences(
        "%(level)s: %(count)s judgement so far and %(needed)s are needed; until then the lowest counts.",
        "%(level)s: %(count)s judgements so far and %(needed)s are needed; until then the lowest counts.",
        count,
        level=label,
        needed=needed,
    )


def _most_frequent(shared: bool, count: int, label: str, times: int) -> Sentence:
    if shared:
        return sentences(
            "%(level)s: judged %(times)s of %(count)s time, as often as another, and later.",
            "%(level)s: judged %(times)s of %(count)s times, as often as another, and later.",
            count,
            level=label,
            times=times,
        )
    return sentences(
        "%(level)s: judged %(times)s of %(count)s time, more often than any other.",
        "%(level)s: judged %(times)s of %(count)s times, more often than any other.",
        count,
        level=label,
        times=times,
    )


def _would_change(version: ScaleVersion, ranks: list[int], now: int) -> list[Sentence]:
    """Upwards: the fewest further judgements that reach the next level; downwards: what one lower judgement does."""
    highest = len(version.labels)
    said = []
    for target in range(now + 1, highest + 1):
        if reached := _fewest(version, ranks, now, target):
            said.append(_further(version, target, *reached))
            break
    for lower in range(now - 1, 0, -1):
        after = rank_by(version.rule, [*ranks, lower])
        if after < now:
            said.append(_further(version, lower, 1, after))
            break
    if not said:
        said.append(sentence("No single judgement, nor %(count)s at a higher level, would change it.", count=FURTHER))
    return said


def _further(version: ScaleVersion, given: int, count: int, made: int) -> Sentence:
    return sentences(
        "One further judgement at level %(rank)s (%(label)s) would make it %(level)s.",
        "%(count)s further judgements at level %(rank)s (%(label)s) would make it %(level)s.",
        count,
        rank=given,
        label=version.label(given),
        level=version.label(made),
    )


def _fewest(version: ScaleVersion, ranks: list[int], now: int, target: int) -> tuple[int, int] | None:
    """(how many further judgements at `target`, the level that they make)."""
    for count in range(1, FURTHER + 1):
        after = rank_by(version.rule, ranks + [target] * count)
        if after > now:
            return count, after
    return None


def _number(value: Fraction) -> str:
    """A whole number as itself, else the fraction and its first two decimals, cut off."""
    if value.denominator == 1:
        return str(value.numerator)
    hundredths = value.numerator * 100 // value.denominator
    return f"{value.numerator}/{value.denominator} ({hundredths // 100}.{hundredths % 100:02})"
