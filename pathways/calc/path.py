"""The path through competencies: what leads to what, what is missing, and in which order to learn it.

A competency's prerequisites are those that `precede` it. Where a framework states none, the grade band and then the place
in the framework order it: both orders are one here, for a prerequisite comes first and everything else follows the key.
Cycles in the prerequisites harm nothing: their members count as one step and stand together in the order of the key.
"""

import heapq
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

# A competency that names no grade comes after those that do.
NO_GRADE = 99


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a competency stands in its framework: grades (-1 to 12, None where none is named) and place in the tree."""

    id: int
    framework: int = 0
    lowest_grade: int | None = None
    highest_grade: int | None = None
    position: int = 0
    retired: bool = False

    @property
    def key(self) -> tuple[int, int, int, int]:
        grade = NO_GRADE if self.lowest_grade is None else self.lowest_grade
        return grade, self.framework, self.position, self.id

    def covers(self, grade: int) -> bool:
        """Whether the grade band holds `grade`; a competency without grades suits every one."""
        if self.lowest_grade is None:
            return True
        return self.lowest_grade <= grade <= (self.lowest_grade if self.highest_grade is None else self.highest_grade)


@dataclass(frozen=True)
class Ground:
    """Competencies with their tree and prerequisites: {id: ids of the children}, {id: ids of what precedes it}."""

    spots: Mapping[int, Spot]
    children: Mapping[int, Collection[int]]
    before: Mapping[int, Collection[int]]


class Why(StrEnum):
    """Why a competency is on a path: judged and short of proficient, or not shown yet."""

    GAP = "gap"
    NOT_SHOWN = "not_shown"


@dataclass(frozen=True, slots=True)
class Step:
    competency: int
    why: Why


@dataclass(frozen=True, slots=True)
class Layout:
    """A path in the order of learning, and the prerequisites that nobody has looked at below the lowest gaps."""

    steps: tuple[Step, ...]
    not_checked: tuple[int, ...]


def units(ground: Ground, named: Collection[int]) -> set[int]:
    """What a plan is made of: every competency that is `named` (judged, chosen, or with a prerequisite), and every leaf of
    the tree that no named one covers. Domains and clusters are headings, until somebody names one."""
    wanted = set(named) & set(ground.spots)
    for origin, earlier in ground.before.items():
        wanted |= {origin, *earlier} & set(ground.spots)
    covered = descendants(ground, wanted) - wanted
    leaves = {pk for pk in ground.spots if not ground.children.get(pk)}
    return wanted | (leaves - covered)


def descendants(ground: Ground, roots: Iterable[int]) -> set[int]:
    """The roots and all that stands below them in the tree."""
    return _reached(roots, ground.children)


def leading_to(ground: Ground, targets: Iterable[int]) -> set[int]:
    """The targets and all that leads to them, however many grades below."""
    return _reached(targets, ground.before) & set(ground.spots)


def in_order(ground: Ground, wanted: Iterable[int], ranks: Mapping[int, int] | None = None) -> list[int]:
    """The wanted ones, each after all that leads to it (also by way of others); free choices follow rank, then the key.

    `ranks`: smaller comes first among those that may come now; without one, last. The same input gives the same order.
    """
    wanted = set(wanted) & set(ground.spots)
    ranks = ranks or {}
    last = max(ranks.values(), default=0) + 1
    keys = {pk: (ranks.get(pk, last), ground.spots[pk].key) for pk in leading_to(ground, wanted)}
    # What only leads to others takes the best rank of what it leads to, so that a chosen one pulls its prerequisites forward.
    groups = _groups(ground.before, sorted(keys, key=keys.__getitem__))
    group_of = {pk: number for number, group in enumerate(groups) for pk in group}
    earlier = [
        {group_of[b] for pk in group for b in ground.before.get(pk, ()) if b in group_of} - {n} for n, group in enumerate(groups)
    ]
    best = [min(keys[pk] for pk in group) for group in groups]
    pulled = [key[0] for key in best]
    for number in reversed(range(len(groups))):  # groups come prerequisites first
        for one in earlier[number]:
            pulled[one] = min(pulled[one], pulled[number])
    later: dict[int, list[int]] = {}
    for number, ones in enumerate(earlier):
        for one in ones:
            later.setdefault(one, []).append(number)
    waits = [len(ones) for ones in earlier]
    free = [(pulled[n], best[n], n) for n, count in enumerate(waits) if not count]
    heapq.heapify(free)
    order: list[int] = []
    while free:
        number = heapq.heappop(free)[2]
        order += sorted((pk for pk in groups[number] if pk in wanted), key=keys.__getitem__)
        for following in later.get(number, ()):
            waits[following] -= 1
            if not waits[following]:
                heapq.heappush(free, (pulled[following], best[following], following))
    return order


def lay_out(ground: Ground, targets: Collection[int], mastered: Mapping[int, bool], ranks: Mapping[int, int] | None = None) -> Layout:
    """A path to the targets from what is known: `mastered` holds every judged competency, and whether it is mastered.

    What is judged and short of proficient is a gap, wherever below it lies. What nobody judged is presumed where something
    that it leads to is mastered; it is on the path where it is a target or stands above something judged; what is left lies
    below the lowest gaps, and is `not_checked`.
    """
    reach = leading_to(ground, targets)
    gaps = {pk for pk in reach if mastered.get(pk) is False}
    presumed = leading_to(ground, (pk for pk, is_mastered in mastered.items() if is_mastered and pk in ground.spots))
    unknown = {pk for pk in reach - presumed if pk not in mastered}
    after: dict[int, set[int]] = {}
    for pk, ones in ground.before.items():
        for one in ones:
            after.setdefault(one, set()).add(pk)
    above_a_judged = _reached(mastered, after)
    not_shown = {pk for pk in unknown if pk in targets or pk in above_a_judged}
    on_path = {pk for pk in gaps | not_shown if not ground.spots[pk].retired}
    below_the_path = leading_to(ground, on_path)
    steps = tuple(Step(pk, Why.GAP if pk in gaps else Why.NOT_SHOWN) for pk in in_order(ground, on_path, ranks))
    left = {pk for pk in (unknown - not_shown) & below_the_path if not ground.spots[pk].retired}
    return Layout(steps, tuple(in_order(ground, left)))


def _reached(roots: Iterable[int], onward: Mapping[int, Collection[int]]) -> set[int]:
    found, open_ones = set(), list(roots)
    while open_ones:
        pk = open_ones.pop()
        if pk not in found:
            found.add(pk)
            open_ones += onward.get(pk, ())
    return found


def _groups(before: Mapping[int, Collection[int]], ids: Collection[int]) -> list[list[int]]:
    """Strongly connected groups of `ids`, prerequisites first (Tarjan, without recursion: chains may be long)."""
    among = set(ids)
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    groups: list[list[int]] = []
    for root in ids:
        if root in index:
            continue
        work = [(root, iter(sorted(among.intersection(before.get(root, ())))))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            pk, rest = work[-1]
            for one in rest:
                if one not in index:
                    index[one] = low[one] = len(index)
                    stack.append(one)
                    on_stack.add(one)
                    work.append((one, iter(sorted(among.intersection(before.get(one, ()))))))
                    break
                if one in on_stack:
                    low[pk] = min(low[pk], index[one])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[pk])
                if low[pk] == index[pk]:
                    group: list[int] = []
                    groups.append(group)
                    while not group or group[-1] != pk:
                        group.append(stack.pop())
                    on_stack.difference_update(group)
    return groups
