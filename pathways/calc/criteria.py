"""Criteria for credit and requirements for graduation: an AND/OR tree as data, read strictly, evaluated with its trace.

    {"all": [tree, ...]}                             every part is met
    {"any": [tree, ...], "at_least": 2}              that many parts are met; 1 where it is left out
    {"competency": uuid, "level": "proficient"}      mastered, as the scale or the student's individual criterion says
    {"competency": uuid, "level": 4}                 at this rank or above, whoever the student is
    {"assessment": code}                             attested by an educator
    {"credit": "3/2", "courses": [code, ...]}        credit earned (requirements only); of any course where none is named

Nothing here knows of hours or completions: there is no leaf that could ask for them.
"""

import datetime
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from rulebook.sentence import Sentence, sentence

PROFICIENT = "proficient"
DEEPEST = 12
MOST_NODES = 2_000
_FRACTION = re.compile(r"([1-9][0-9]{0,5})(?:/([1-9][0-9]{0,5}))?")


class CriteriaError(ValueError):
    """A tree that cannot be meant: its text begins with the path of the place, e.g. `all[1].any[0]`."""


@dataclass(frozen=True)
class Group:
    """`needed` of `parts` must be met; `word` is "all" or "any"."""

    word: str
    needed: int
    parts: tuple["Node", ...]


@dataclass(frozen=True)
class MasteryLeaf:
    """`rank` None asks for mastery, else for that rank of the scale or a higher one."""

    competency: uuid.UUID
    rank: int | None


@dataclass(frozen=True)
class AssessmentLeaf:
    code: str


@dataclass(frozen=True)
class CreditLeaf:
    """`courses` empty: credit of any course."""

    credit: Fraction
    courses: tuple[str, ...]


Node = Group | MasteryLeaf | AssessmentLeaf | CreditLeaf


@dataclass(frozen=True)
class Shown:
    """A competency as it stands for a student: `rank` and `label` None where there is no evidence yet."""

    code: str
    statement: str
    rank: int | None = None
    label: str | None = None
    mastered: bool = False
    judgments: tuple[int, ...] = ()
    last_worked_on: str | None = None


@dataclass(frozen=True)
class Earned:
    """Credit that stands: of which course, how much, by which award."""

    course: str
    credit: Fraction
    award: uuid.UUID


@dataclass(frozen=True)
class Standing:
    """All that a tree may ask about one student. `attested` has for each assessment's code its attestations and latest day."""

    competencies: Mapping[uuid.UUID, Shown] = field(default_factory=dict)
    attested: Mapping[str, tuple[tuple[uuid.UUID, ...], str]] = field(default_factory=dict)
    credits: Sequence[Earned] = ()


@dataclass(frozen=True)
class Progress:
    """How far one place of a tree is met: `done` of `needed` (in credits for a credit leaf, else counted), told in `words`.

    `trace` names what a leaf rests on, as it stood; a group's is that of its parts.
    """

    met: bool
    done: Fraction
    needed: Fraction
    words: Sentence
    trace: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple["Progress", ...] = ()

    def leaves(self) -> Iterator["Progress"]:
        """The leaves, from left to right."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


def read_tree(data: object, *, credit_leaves: bool = False) -> Node:
    """The tree that `data` (parsed JSON) states; raises CriteriaError. `credit_leaves`: requirements may ask for credit."""
    return _Reader(credit_leaves).node(data, "", 1)


def leaves_of(node: Node) -> Iterator[MasteryLeaf | AssessmentLeaf | CreditLeaf]:
    """Every leaf below (or at) a node, from left to right."""
    if isinstance(node, Group):
        for part in node.parts:
            yield from leaves_of(part)
    else:
        yield node


def competencies_of(node: Node) -> set[uuid.UUID]:
    """The competencies that a tree asks for."""
    return {leaf.competency for leaf in leaves_of(node) if isinstance(leaf, MasteryLeaf)}


def read_credit(text: object) -> Fraction | None:
    """An exact amount of credit above 0, written "2" or "3/2"; None where it is not."""
    found = _FRACTION.fullmatch(text) if isinstance(text, str) else None
    return Fraction(int(found[1]), int(found[2] or 1)) if found else None


class _Reader:
    """Reads one tree, counting its places."""

    def __init__(self, credit_leaves: bool) -> None:
        self._nodes = 0
        self._kinds: dict[str, tuple[tuple[str, ...], Callable[[dict[str, Any], str, int], Node]]] = {
            "all": ((), self._all),
            "any": (("at_least",), self._any),
            "competency": (("level",), self._mastery),
            "assessment": ((), self._assessment),
        }
        if credit_leaves:
            self._kinds["credit"] = (("courses",), self._credit)

    def node(self, data: object, path: str, depth: int) -> Node:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise _error(path, f"the tree has more than {MOST_NODES:,} places; split it over modules")
        if depth > DEEPEST:
            raise _error(path, f"the tree is deeper than {DEEPEST}; flatten it")
        if not isinstance(data, dict):
            raise _error(path, f"expected an object with one of {', '.join(self._kinds)}, found {_shape(data)}")
        kinds = [key for key in self._kinds if key in data]
        if len(kinds) != 1:
            found = f"found {' and '.join(kinds)}" if kinds else f"found {', '.join(map(_said, list(data)[:5])) or 'nothing'}"
            raise _error(path, f"expected exactly one of {', '.join(self._kinds)}, {found}")
        others, read = self._kinds[kinds[0]]
        if unknown := [key for key in data if key not in (kinds[0], *others)]:
            raise _error(path, f"unknown key {_said(unknown[0])} beside {kinds[0]!r}; known here: {', '.join((kinds[0], *others))}")
        return read(data, path, depth)

    def _all(self, data: dict[str, Any], path: str, depth: int) -> Node:
        parts = self._parts(data["all"], _below(path, "all"), depth)
        return Group("all", len(parts), parts)

    def _any(self, data: dict[str, Any], path: str, depth: int) -> Node:
        parts = self._parts(data["any"], _below(path, "any"), depth)
        needed = data.get("at_least", 1)
        if not _is_whole(needed) or not 1 <= needed <= len(parts):
            raise _error(_below(path, "at_least"), f"expected a whole number from 1 to {len(parts)}, found {_said(needed)}")
        return Group("any", needed, parts)

    def _parts(self, data: object, path: str, depth: int) -> tuple[Node, ...]:
        if not isinstance(data, list) or not data:
            raise _error(path, f"expected a list with at least one entry, found {_shape(data)}")
        parts = tuple(self.node(entry, f"{path}[{number}]", depth + 1) for number, entry in enumerate(data))
        for number, part in enumerate(parts):
            # Twice the same would let one mastery count as two.
            if part in parts[:number]:
                raise _error(f"{path}[{number}]", f"says the same as {path}[{parts.index(part)}]; keep one")
        return parts

    def _mastery(self, data: dict[str, Any], path: str, depth: int) -> Node:
        try:
            if not isinstance(data["competency"], str):
                raise ValueError
            competency = uuid.UUID(data["competency"])
        except ValueError:
            raise _error(_below(path, "competency"), f"expected a competency's uuid, found {_said(data['competency'])}") from None
        if "level" not in data:
            raise _error(path, 'key "level" is missing; write "proficient" or a rank')
        level = data["level"]
        if level == PROFICIENT:
            return MasteryLeaf(competency, None)
        if not _is_whole(level) or not 1 <= level <= 100:
            raise _error(_below(path, "level"), f'expected "proficient" or a rank from 1 on, found {_said(level)}')
        return MasteryLeaf(competency, level)

    def _assessment(self, data: dict[str, Any], path: str, depth: int) -> Node:
        return AssessmentLeaf(_code(data["assessment"], _below(path, "assessment")))

    def _credit(self, data: dict[str, Any], path: str, depth: int) -> Node:
        credit = read_credit(data["credit"])
        if credit is None:
            problem = f'expected a fraction above 0 in quotes, like "2" or "3/2", found {_said(data["credit"])}'
            raise _error(_below(path, "credit"), problem)
        courses = data.get("courses", [])
        where = _below(path, "courses")
        if not isinstance(courses, list) or ("courses" in data and not courses):
            raise _error(where, f"expected a list of course codes, found {_shape(courses)}; leave it out for any course")
        codes = tuple(_code(code, f"{where}[{number}]") for number, code in enumerate(courses))
        return CreditLeaf(credit, tuple(sorted(set(codes))))


def evaluate(node: Node, standing: Standing) -> Progress:
    """How far `standing` meets the tree. Exact; knows no clock and no table."""
    if isinstance(node, Group):
        parts = tuple(evaluate(part, standing) for part in node.parts)
        met = sum(part.met for part in parts)
        done = min(met, node.needed)
        if node.word == "any" and node.needed < len(parts):
            words = sentence("%(done)s of %(needed)s (any of %(parts)s) met", done=done, needed=node.needed, parts=len(parts))
        else:
            words = sentence("%(done)s of %(needed)s met", done=done, needed=node.needed)
        return Progress(met >= node.needed, Fraction(done), Fraction(node.needed), words, {}, parts)
    if isinstance(node, MasteryLeaf):
        return _mastery_progress(node, standing)
    if isinstance(node, AssessmentLeaf):
        attestations, day = standing.attested.get(node.code, ((), ""))
        if attestations:
            words = sentence("Assessment %(code)s: attested %(day)s", code=node.code, day=datetime.date.fromisoformat(day))
        else:
            words = sentence("Assessment %(code)s: not attested yet", code=node.code)
        trace = {"assessment": node.code, "attestations": [str(one) for one in attestations], "attained_on": day or None}
        return Progress(bool(attestations), Fraction(bool(attestations)), Fraction(1), words, trace)
    return _credit_progress(node, standing)


def _mastery_progress(leaf: MasteryLeaf, standing: Standing) -> Progress:
    shown = standing.competencies.get(leaf.competency) or Shown(code=str(leaf.competency), statement="")
    met = shown.mastered if leaf.rank is None else shown.rank is not None and shown.rank >= leaf.rank
    trace = {
        "competency": str(leaf.competency),
        "code": shown.code,
        "statement": shown.statement,
        "asked": PROFICIENT if leaf.rank is None else leaf.rank,
        "rank": shown.rank,
        "label": shown.label,
        "judgments": list(shown.judgments),
        "last_worked_on": shown.last_worked_on,
    }
    return Progress(met, Fraction(met), Fraction(1), _mastery_words(leaf, shown, met), trace)


def _mastery_words(leaf: MasteryLeaf, shown: Shown, met: bool) -> Sentence:
    code = shown.code or str(leaf.competency)
    if shown.rank is None:
        if leaf.rank is None:
            return sentence("%(code)s: no evidence yet; mastery is needed", code=code)
        return sentence("%(code)s: no evidence yet; level %(wanted)s is needed", code=code, wanted=leaf.rank)
    stands: dict[str, str | int] = {"code": code, "label": shown.label or "", "rank": shown.rank}
    if met:
        return sentence("%(code)s: %(label)s (level %(rank)s), met", **stands)
    if leaf.rank is None:
        return sentence("%(code)s: %(label)s (level %(rank)s); mastery is needed", **stands)
    return sentence("%(code)s: %(label)s (level %(rank)s); level %(wanted)s is needed", **stands, wanted=leaf.rank)


def _credit_progress(leaf: CreditLeaf, standing: Standing) -> Progress:
    counted = [earned for earned in standing.credits if not leaf.courses or earned.course in leaf.courses]
    total = sum((earned.credit for earned in counted), Fraction(0))
    trace = {"credit": str(leaf.credit), "courses": list(leaf.courses), "awards": [str(earned.award) for earned in counted]}
    if leaf.courses:
        courses = ", ".join(leaf.courses)
        words = sentence("%(done)s of %(needed)s credits in %(courses)s", done=total, needed=leaf.credit, courses=courses)
    else:
        words = sentence("%(done)s of %(needed)s credits", done=total, needed=leaf.credit)
    return Progress(total >= leaf.credit, total, leaf.credit, words, trace)


def as_data(progress: Progress) -> dict[str, Any]:
    """Progress as JSON: fractions as texts, the trace with each leaf. What an award keeps as its basis."""
    said: dict[str, Any] = {"met": progress.met, "done": str(progress.done), "needed": str(progress.needed), "words": progress.words}
    if progress.trace:
        said["trace"] = dict(progress.trace)
    if progress.parts:
        said["parts"] = [as_data(part) for part in progress.parts]
    return said


def _error(path: str, problem: str) -> CriteriaError:
    return CriteriaError(f"{path or 'the tree'}: {problem}.")


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _code(value: object, path: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 60 or not value.isprintable():
        raise _error(path, f"expected a code of 1 to 60 characters, found {_said(value)}")
    return value


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _shape(value: object) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "an object" if isinstance(value, dict) else "nothing" if value is None else _said(value)


def _said(value: object) -> str:
    """What was found, cut where it is long: an error is for reading."""
    return repr(value)[:80]
