"""The tree of a framework out of its isChildOf statements: order, depth, who hangs nowhere, and whether it goes in circles."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

_DIGITS = re.compile(r"(\d+)")


class Node(NamedTuple):
    """An item as the tree needs it. `enumeration` and `code` order it among its siblings where no sequence does."""

    identifier: UUID
    enumeration: str = ""
    code: str = ""


class ChildOf(NamedTuple):
    """ "child isChildOf parent"; `sequence` is the child's place among the parent's children, None where unsaid."""

    child: UUID
    parent: UUID
    sequence: int | None = None


class Placed(NamedTuple):
    """`order`: each item once, from top to bottom, with its depth (0: right under the document). `orphans`: those that no
    usable statement hangs anywhere; they stand under the document, after the others."""

    order: list[tuple[UUID, int]]
    orphans: list[UUID]


class Circle(ValueError):
    """The tree goes in a circle; `path` is one such circle, its first item again at its end."""

    def __init__(self, path: list[UUID]) -> None:
        super().__init__("The tree goes in a circle.")
        self.path = path


def place(root: UUID, nodes: Sequence[Node], edges: Iterable[ChildOf]) -> Placed:
    """The items in reading order; raises Circle.

    Siblings are ordered by sequence, then enumeration, then code (numbers in a text as numbers), then as they were given;
    what has none of it comes after what has. An item under two parents stands where it is met first.
    """
    given = {node.identifier: number for number, node in enumerate(nodes)}
    sequences: dict[UUID, dict[UUID, int | None]] = {}
    parents: dict[UUID, set[UUID]] = {}
    for child, parent, sequence in edges:
        if child in given and (parent == root or parent in given):
            siblings = sequences.setdefault(parent, {})
            # The same statement twice is one child.
            if child not in siblings or siblings[child] is None:
                siblings[child] = sequence
            parents.setdefault(child, set()).add(parent)
    circle = find_circle(parents)
    if circle:
        raise Circle(circle)
    orphans = [node.identifier for node in nodes if node.identifier not in parents]

    def place_among_siblings(child: UUID, sequence: int | None) -> tuple[Any, ...]:
        node = nodes[given[child]]
        return (sequence is None, sequence or 0, *_text_key(node.enumeration), *_text_key(node.code), given[child])

    below = {
        parent: sorted(siblings, key=lambda child, s=siblings: place_among_siblings(child, s[child]))  # type: ignore[misc]
        for parent, siblings in sequences.items()
    }
    below[root] = below.get(root, []) + sorted(orphans, key=lambda child: place_among_siblings(child, None))
    return Placed(_reading_order(root, below), orphans)


def _reading_order(root: UUID, below: Mapping[UUID, Sequence[UUID]]) -> list[tuple[UUID, int]]:
    order: list[tuple[UUID, int]] = []
    seen: set[UUID] = set()
    waiting = [(child, 0) for child in reversed(below[root])]
    while waiting:
        identifier, depth = waiting.pop()
        if identifier not in seen:
            seen.add(identifier)
            order.append((identifier, depth))
            waiting += [(child, depth + 1) for child in reversed(below.get(identifier, ()))]
    return order


def find_circle(arrows: Mapping[UUID, Iterable[UUID]]) -> list[UUID]:
    """One circle along `arrows` (from -> to), its first item again at its end; [] where there is none."""
    left = {start: set(ends) for start, ends in arrows.items()}
    into: dict[UUID, list[UUID]] = {}
    for start, ends in left.items():
        for end in ends:
            into.setdefault(end, []).append(start)
    free = [end for end in into if end not in left]
    while free:
        end = free.pop()
        for start in into.get(end, ()):
            left[start].discard(end)
            if not left[start]:
                del left[start]
                free.append(start)
    if not left:
        return []
    path: dict[UUID, int] = {}
    at = next(iter(left))
    while at not in path:
        path[at] = len(path)
        at = min(left[at])
    return [*list(path)[path[at] :], at]


def _text_key(text: str) -> tuple[bool, tuple[Any, ...]]:
    """Sorts "L1.9" before "L1.10", and an empty text last."""
    parts = _DIGITS.split(text)
    # Digits stand at the odd places. Longer numbers are larger, whatever their length: none is ever made an int of.
    key = tuple(_number_key(part) if number % 2 else part.casefold() for number, part in enumerate(parts))
    return text == "", key


def _number_key(digits: str) -> tuple[int, str]:
    significant = digits.lstrip("0")
    return len(significant), significant
