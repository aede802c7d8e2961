"""A strict reader for rules written as YAML: what cannot be meant is refused, with file, line and the way out.

Refused everywhere: a key that is unknown, missing or given twice, a float (write money and shares as quoted strings),
an anchor or alias, a second document. Rules carry their citation; `Node.citation` reads it.
"""

import datetime
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import yaml


class RuleError(ValueError):
    """A rule that cannot be meant. Its text is `file:line: what is wrong; the way out`."""


@dataclass(frozen=True)
class Citation:
    """Where a value comes from: `title` and `section` of the source, a `link`, and a `note` on how it was read."""

    title: str
    section: str
    link: str
    note: str


class Node:
    """One place in a rule file. Its readers return plain values or raise RuleError naming the line."""

    def __init__(self, node: yaml.Node, name: str) -> None:
        self._node, self._name = node, name

    def error(self, problem: str) -> RuleError:
        return RuleError(f"{self._name}:{self._node.start_mark.line + 1}: {problem}")

    def mapping(self, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, "Node"]:
        """The values by key; exactly the `required` keys, and any of the `optional` ones."""
        if not isinstance(self._node, yaml.MappingNode):
            raise self.error(f"expected keys ({', '.join(required)}), found {self._shape()}")
        found: dict[str, Node] = {}
        for key_node, value_node in self._node.value:
            key = Node(key_node, self._name)
            word = key.text()
            if word in found:
                raise key.error(f"key {word!r} is given twice; keep one")
            if word not in required + optional:
                raise key.error(f"unknown key {word!r}; known here: {', '.join(required + optional)}")
            found[word] = Node(value_node, self._name)
        for word in required:
            if word not in found:
                raise self.error(f"key {word!r} is missing; add it")
        return found

    def items(self) -> list["Node"]:
        if not isinstance(self._node, yaml.SequenceNode) or not self._node.value:
            raise self.error(f"expected a list with at least one entry, found {self._shape()}")
        return [Node(item, self._name) for item in self._node.value]

    def text(self) -> str:
        scalar = self._scalar()
        if not scalar.strip():
            raise self.error("expected a text, found nothing")
        return scalar

    def choice(self, *allowed: str) -> str:
        word = self.text()
        if word not in allowed:
            raise self.error(f"expected one of {', '.join(allowed)}, found {word!r}")
        return word

    def date(self) -> datetime.date:
        try:
            return datetime.date.fromisoformat(self._scalar())
        except ValueError:
            raise self.error(f"expected a date like 2026-07-01, found {self._scalar()!r}") from None

    def integer(self, least: int, most: int) -> int:
        word = self._scalar()
        if not (word.isascii() and word.isdigit() and least <= int(word) <= most):
            raise self.error(f"expected a whole number from {least} to {most}, found {word!r}")
        return int(word)

    def decimal(self) -> Decimal:
        """An exact decimal, written as a quoted string: "986.88". Never negative."""
        word = self._scalar()
        if self._node.style not in ("'", '"'):
            raise self.error(f'write {word} as a quoted string, "{word}", so that no float can round it')
        try:
            value = Decimal(word)
        except InvalidOperation:
            raise self.error(f"expected a decimal number, found {word!r}") from None
        if not value.is_finite() or value < 0:
            raise self.error(f"expected a decimal number of at least 0, found {word!r}")
        return value

    def citation(self) -> Citation:
        keys = self.mapping(("title", "section", "link"), ("note",))
        note = keys["note"].text() if "note" in keys else ""
        return Citation(keys["title"].text(), keys["section"].text(), keys["link"].text(), note)

    def _scalar(self) -> str:
        if not isinstance(self._node, yaml.ScalarNode):
            raise self.error(f"expected a single value, found {self._shape()}")
        return str(self._node.value)

    def _shape(self) -> str:
        return {yaml.MappingNode: "keys", yaml.SequenceNode: "a list"}.get(type(self._node), "a single value")


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent, index):  # type: ignore[no-untyped-def]
        if self.check_event(yaml.events.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem="aliases are not read; write the value out", problem_mark=mark)
        node = super().compose_node(parent, index)
        if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:float":
            raise yaml.MarkedYAMLError(
                problem=f'{node.value} is a float; write "{node.value}" in quotes', problem_mark=node.start_mark
            )
        return node


def read_rules(content: str, name: str) -> Node:
    """The one document in `content`; `name` is what errors call the file. Raises RuleError."""
    try:
        node = _Loader(content).get_single_node()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise RuleError(f"{name}:{line}: {getattr(error, 'problem', None) or error}") from None
    if node is None:
        raise RuleError(f"{name}:1: the file is empty")
    return Node(node, name)
