"""A second, plain telling of what a level is, for tests to hold the product's against. It shares no code with it.

Judgements are dicts as the table has them: version (an id), rank, kind, worked_on, recorded_at, id, and withdrawn_at or None;
scale versions are dicts by id: number, highest, proficient, method, parameters, carried ({before: now}).
"""

import datetime
from fractions import Fraction


def nearest(value):
    """Half up, by trying the whole numbers."""
    below = 0
    while below + 1 <= value:
        below += 1
    return below + 1 if value - below >= Fraction(1, 2) else below


def combine(method, parameters, ranks):
    if method == "most_recent":
        return ranks[len(ranks) - 1]
    if method == "highest":
        best = ranks[0]
        for rank in ranks:
            best = rank if rank > best else best
        return best
    if method == "mean":
        return nearest(sum(Fraction(rank) for rank in ranks) / len(ranks))
    if method == "decaying_average":
        top, bottom = parameters["weight"].split("/")
        weight, total = Fraction(int(top), int(bottom)), Fraction(0)
        for place, rank in enumerate(ranks):
            share = weight if place else Fraction(1)
            total += share * (1 - weight) ** (len(ranks) - 1 - place) * rank
        return nearest(total)
    if method == "n_of_m":
        n, m = parameters["n"], parameters["m"]
        last = ranks[-m:] if len(ranks) > m else ranks
        for rank in range(100, 0, -1):
            if len([one for one in last if one >= rank]) >= n:
                return rank
        return ranks[-1] if parameters["below"] == "most_recent" else min(ranks)
    best, often = None, 0
    for place, rank in enumerate(ranks):
        if ranks.count(rank) > often or (ranks.count(rank) == often and ranks[place:].count(rank)):
            best, often = rank, ranks.count(rank)
    return best


def utc_day(moment):
    return moment.astimezone(datetime.UTC).date()


def standing(judgments, day=None):
    """Those that count at the end of `day`, or now, in order."""
    kept = []
    for one in judgments:
        gone = one["withdrawn_at"]
        if day is not None and utc_day(one["recorded_at"]) > day:
            continue
        if gone is not None and (day is None or utc_day(gone) <= day):
            continue
        kept.append(one)
    return sorted(kept, key=lambda one: (one["worked_on"], one["recorded_at"], one["id"]))


def carried(versions, rank, before, after):
    number = versions[before]["number"]
    while number < versions[after]["number"]:
        number += 1
        rank = next(one for one in versions.values() if one["number"] == number)["carried"][rank]
    return rank


def level(versions, judgments, day=None, under=None):
    """(version id, rank), or None where nothing counts; `under` another version than the newest judged by."""
    counting = standing(judgments, day)
    if not counting:
        return None
    version = under or max((one["version"] for one in counting), key=lambda one: versions[one]["number"])
    ranks = [carried(versions, one["rank"], one["version"], version) for one in counting]
    overrides = [rank for rank, one in zip(ranks, counting, strict=True) if one["kind"] == "override"]
    if overrides:
        return version, overrides[-1]
    return version, combine(versions[version]["method"], versions[version]["parameters"], ranks)
