"""A strict reader for rules written as YAML: what cannot be meant is refused, with file, line and the way out.

Refused everywhere: a key that is unknown, missing or given twice, a float (write money and shares as quoted strings),
an anchor, an alias, a tag, a second document, nesting beyond DEEPEST. Rules carry their citation; `Node.citation` reads it.
"""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from types import MappingProxyType

import yaml

DEEPEST = 16
# Ten digits before the point keep every amount inside a bigint of cents; Decimal alone would also take "9_8", " 9", "9E9".
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,9})(\.[0-9]{1,12})?")
_INTEGER = re.compile(r"0|[1-9][0-9]{0,8}")
_WORD = re.compile(r"[a-z][a-z0-9_]{0,59}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NOTHING: Mapping[str, str] = MappingProxyType({})


class RuleError(ValueError):
    """A rule that cannot be meant. Its text is `file:line: what is wrong; the way out`."""


@dataclass(frozen=True)
class Citation:
    """Where a value comes from: `title` and `section` of the source, a `link`, and a `note` on how it was read."""

    title: str
    section: str
    link: str
    note: str

    @property
    def in_words(self) -> str:
        """The source in a line, with the note on how it was read where there is one."""
        return f"{self.title}: {self.section}" + (f" ({self.note})" if self.note else "")


class Node:
    """One place in a rule file. Its readers return plain values or raise RuleError naming the line."""

    def __init__(self, node: yaml.nodes.Node, name: str) -> None:
        self._node, self._name = node, name

    def error(self, problem: str) -> RuleError:
        return RuleError(f"{self._name}:{self._node.start_mark.line + 1}: {problem}")

    def mapping(
        self, required: tuple[str, ...], optional: tuple[str, ...] = (), meant: Mapping[str, str] = _NOTHING
    ) -> dict[str, "Node"]:
        """The values by key; exactly the `required` keys, and any of the `optional` ones. `meant`: what people write
        instead of a key, and the key."""
        if not isinstance(self._node, yaml.MappingNode):
            raise self.error(f"expected keys ({', '.join(required)}), found {self._shape()}")
        found: dict[str, Node] = {}
        for key_node, value_node in self._node.value:
            key = Node(key_node, self._name)
            word = key.text()
            if word in found:
                raise key.error(f"key {word!r} is given twice; keep one")
            if word not in required + optional:
                near = [meant[word.lower()]] if word.lower() in meant else get_close_matches(word, required + optional)
                nearest = f"near it: {', '.join(near)}; " if near else ""
                raise key.error(f"unknown key {word!r}; {nearest}known here: {', '.join(required + optional)}")
            found[word] = Node(value_node, self._name)
        for word in required:
            if word not in found:
                raise self.error(f"key {word!r} is missing; add it")
        return found

    def words(self) -> dict[str, "Node"]:
        """The values by key where the file chooses the keys: names in lower case, each once, at least one."""
        if not isinstance(self._node, yaml.MappingNode) or not self._node.value:
            raise self.error(f"expected names with their values, found {self._shape()}")
        found: dict[str, Node] = {}
        for key_node, value_node in self._node.value:
            key = Node(key_node, self._name)
            word = key.text()
            if not _WORD.fullmatch(word):
                raise key.error(f"{word!r} is no name; use small letters, digits and underscores, like full_credit")
            if word in found:
                raise key.error(f"{word!r} is given twice; keep one")
            found[word] = Node(value_node, self._name)
        return found

    def by_code(self) -> dict[str, "Node"]:
        """The values by codes of the world outside, written as they are there: each once, at least one."""
        if not isinstance(self._node, yaml.MappingNode) or not self._node.value:
            raise self.error(f"expected codes with their values, found {self._shape()}")
        found: dict[str, Node] = {}
        for key_node, value_node in self._node.value:
            key = Node(key_node, self._name)
            if key.text() in found:
                raise key.error(f"{key.text()!r} is given twice; keep one")
            found[key.text()] = Node(value_node, self._name)
        return found

    def has_key(self, word: str) -> bool:
        """Whether it has keys, and `word` is one of them."""
        return isinstance(self._node, yaml.MappingNode) and any(key.value == word for key, _ in self._node.value)

    @property
    def is_list(self) -> bool:
        return isinstance(self._node, yaml.SequenceNode)

    @property
    def has_keys(self) -> bool:
        return isinstance(self._node, yaml.MappingNode)

    @property
    def is_quoted(self) -> bool:
        return getattr(self._node, "style", None) in ("'", '"')

    def items(self) -> list["Node"]:
        if not isinstance(self._node, yaml.SequenceNode) or not self._node.value:
            raise self.error(f"expected a list with at least one entry, found {self._shape()}")
        return [Node(item, self._name) for item in self._node.value]

    def text(self) -> str:
        """What is written, on one line or several."""
        scalar = self._scalar()
        if not scalar.strip() or self._node.tag == "tag:yaml.org,2002:null":
            raise self.error("expected a text, found nothing")
        if not scalar.replace("\n", "").isprintable():
            raise self.error("the text holds a character that cannot be seen; take it out")
        return scalar

    def choice(self, *allowed: str) -> str:
        word = self.text()
        if word not in allowed:
            raise self.error(f"expected one of {', '.join(allowed)}, found {word!r}")
        return word

    def date(self) -> datetime.date:
        word = self._scalar()
        try:
            if _DATE.fullmatch(word):
                return datetime.date.fromisoformat(word)
        except ValueError:
            pass
        raise self.error(f"expected a date like 2026-07-01, found {word!r}")

    def integer(self, least: int, most: int) -> int:
        word = self._scalar()
        if not (_INTEGER.fullmatch(word) and least <= int(word) <= most):
            raise self.error(f"expected a whole number from {least} to {most}, found {word!r}")
        return int(word)

    def decimal(self) -> Decimal:
        """An exact decimal, written as a quoted string: "986.88". Never negative."""
        word = self._scalar()
        if not self.is_quoted:
            raise self.error(f'write {word} as a quoted string, "{word}", so that no float can round it')
        if not _DECIMAL.fullmatch(word):
            raise self.error(f'expected a decimal number of at least 0, like "986.88", found {word!r}')
        return Decimal(word)

    def plain(self) -> object:
        """What is written, as JSON would hold it: keys, lists, texts, whole numbers, true and false. No floats come this far."""
        if isinstance(self._node, yaml.MappingNode):
            found: dict[str, object] = {}
            for key_node, value_node in self._node.value:
                key = Node(key_node, self._name)
                if key.text() in found:
                    raise key.error(f"key {key.text()!r} is given twice; keep one")
                found[key.text()] = Node(value_node, self._name).plain()
            return found
        if isinstance(self._node, yaml.SequenceNode):
            return [Node(item, self._name).plain() for item in self._node.value]
        word = self._scalar()
        if not self.is_quoted and _INTEGER.fullmatch(word):
            return int(word)
        if not self.is_quoted and word in ("true", "false"):
            return word == "true"
        return word

    def citation(self) -> Citation:
        keys = self.mapping(("title", "section", "link"), ("note",))
        note = keys["note"].text() if "note" in keys else ""
        return Citation(keys["title"].text(), keys["section"].text(), keys["link"].text(), note)

    def _scalar(self) -> str:
        if not isinstance(self._node, yaml.ScalarNode):
            raise self.error(f"expected a single value, found {self._shape()}")
        return str(self._node.value)

    def _shape(self) -> str:
        if isinstance(self._node, yaml.MappingNode):
            return "keys"
        return "a list" if isinstance(self._node, yaml.SequenceNode) else "a single value"


class _Loader(yaml.SafeLoader):
    _depth = 0

    def compose_node(self, parent, index):  # type: ignore[no-untyped-def]
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if problem := _unreadable(event, self._depth):
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:float":
            raise yaml.MarkedYAMLError(
                problem=f'{node.value} is a float; write "{node.value}" in quotes', problem_mark=node.start_mark
            )
        return node


def _unreadable(event: yaml.events.Event, depth: int) -> str | None:
    if isinstance(event, yaml.events.AliasEvent):
        return "aliases are not read; write the value out"
    if getattr(event, "anchor", None) is not None:
        return "anchors are not read; take it out"
    if getattr(event, "tag", None) is not None:
        return "tags are not read; take it out"
    return f"nested deeper than {DEEPEST}; no rule is" if depth >= DEEPEST else None


def read_rules(content: str, name: str) -> Node:
    """The one document in `content`; `name` is what errors call the file. Raises RuleError."""
    try:
        node = _Loader(content).get_single_node()
    except yaml.reader.ReaderError as error:
        line = content.count("\n", 0, error.position) + 1
        raise RuleError(f"{name}:{line}: a character that no text has (number {error.character}); take it out") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        broken = isinstance(error, yaml.scanner.ScannerError | yaml.parser.ParserError)
        way = "; a text with a colon, comma, quote, bracket or sign in it stands in quotes" if broken else ""
        raise RuleError(f"{name}:{line}: {', '.join(filter(None, (error.context, error.problem)))}{way}") from None
    if node is None:
        raise RuleError(f"{name}:1: the file is empty")
    return Node(node, name)
