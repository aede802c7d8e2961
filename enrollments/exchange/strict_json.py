"""Reading JSON that may be hostile, element by element, in constant memory.

A body is cut into elements first (lines of NDJSON, or the members of one array) and each is parsed by itself, so a
bad element costs only itself and nothing larger than ELEMENT_BYTES is ever held. Python's own parser would accept
duplicate keys, NaN and 1e400, and numbers and nesting without end.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Protocol

from enrollments.calc.completion_rows import Refusal, RowProblem, printable

ELEMENT_BYTES = 1024 * 1024
CHUNK_BYTES = 256 * 1024
AHEAD_BYTES = 4096  # more than a well-formed row or a number needs
DEPTH = 32
BRACKETS = 10_000
NUMBER_CHARACTERS = 18
BOM = b"\xef\xbb\xbf"


class DocumentProblem(ValueError):
    """A document whose extent cannot be made out, so that no row of it can be taken. `pointer` is where (RFC 6901)."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer, self.detail = pointer, detail


class ByteStream(Protocol):
    def read(self, size: int, /) -> bytes: ...

    def readline(self, size: int, /) -> bytes: ...


class _Unfit:
    """Stands in a parsed object for a number that cannot be taken, so that its field is known."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


def parse_object(element: bytes) -> dict[str, Any]:
    """One JSON object, flat or not, without duplicate keys and with finite numbers only; raises RowProblem."""
    try:
        text = element.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RowProblem("", "not_utf8", f"Byte {error.start + 1} is no UTF-8.") from None
    if element.count(b"{") + element.count(b"[") > DEPTH and _depth(text) > DEPTH:
        raise RowProblem("", "too_deep", f"It nests deeper than {DEPTH}.")
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise RowProblem("", "not_json", f"{error.msg} at character {error.pos + 1}.") from None
    if not isinstance(value, dict):
        raise RowProblem("", "not_json", "It is no object.")
    for name, member in value.items():
        if isinstance(member, _Unfit):
            raise RowProblem(printable(name), member.reason)
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise RowProblem(printable(twice), "duplicate_key")
    return members


def _whole(text: str) -> int | _Unfit:
    return int(text) if len(text) <= NUMBER_CHARACTERS else _Unfit("huge_number")


def _fraction(text: str) -> float | _Unfit:
    number = float(text) if len(text) <= 400 else math.inf
    return number if math.isfinite(number) else _Unfit("not_finite")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_without_duplicates,
    parse_int=_whole,
    parse_float=_fraction,
    parse_constant=lambda _: _Unfit("not_finite"),
)
_STRINGS = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)


def _depth(text: str) -> int:
    deepest = depth = 0
    for bracket in re.findall(r"[][{}]", _STRINGS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def split_lines(stream: ByteStream) -> Iterator[tuple[int, bytes] | Refusal]:
    """The lines of NDJSON with their numbers; blank ones are passed over."""
    number = 0
    while line := stream.readline(ELEMENT_BYTES + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(BOM)
        if len(line) > ELEMENT_BYTES:
            while line and not line.endswith(b"\n"):
                line = stream.readline(CHUNK_BYTES)
            yield RowProblem("", "too_long", f"The line has more than {ELEMENT_BYTES} bytes.").refusal(number)
        elif stripped := line.strip():
            yield number, stripped


def split_array(stream: ByteStream, member: str) -> Iterator[tuple[int, bytes] | Refusal]:
    """The elements of a document that is an array, or an object whose one member `member` is; raises
    DocumentProblem, after the elements before the fault."""
    cursor = _Cursor(stream)
    wrapped = cursor.peek() == b"{"
    if wrapped:
        cursor.take(b"{", "")
        name = cursor.element(0)
        if name != b'"%s"' % member.encode():
            raise DocumentProblem("", f'The object must have one member, "{member}".')
        cursor.take(b":", "")
    cursor.take(b"[", f"/{member}" if wrapped else "")
    number = 0
    while cursor.peek() != b"]":
        if number:
            cursor.take(b",", f"/{number}")
        number += 1
        element = cursor.element(number)
        if element is None:
            yield RowProblem("", "too_long", f"It has more than {ELEMENT_BYTES} bytes.").refusal(number)
        else:
            yield number, element
    cursor.take(b"]", "")
    if wrapped:
        cursor.take(b"}", "")
    if cursor.peek():
        raise DocumentProblem("", "Something follows the document's end.")


class _Cursor:
    """Walks over a stream, holding one chunk and the element under way."""

    _SPACE = re.compile(rb"[ \t\r\n]*+")
    # An object without nesting is found in one match.
    _FLAT = re.compile(rb'\{(?:[^"{}\[\]\\]++|"(?:[^"\\]++|\\.)*+")*+\}', re.DOTALL)
    _IN_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
    _OUTSIDE = re.compile(rb'[^"{}\[\],]*+')
    _NAME = re.compile(rb'[^"{}\[\],: \t\r\n]*+')

    def __init__(self, stream: ByteStream) -> None:
        self._stream, self._at = stream, 0
        self._chunk = b""
        self._look_ahead(len(BOM))
        if self._chunk.startswith(BOM):
            self._at = len(BOM)

    def _refill(self) -> bool:
        """Bring in more bytes, keeping what is not consumed; whether there were any."""
        more = self._stream.read(CHUNK_BYTES)
        self._chunk, self._at = self._chunk[self._at :] + more, 0
        return bool(more)

    def _look_ahead(self, size: int = AHEAD_BYTES) -> None:
        while len(self._chunk) - self._at < size and self._refill():
            pass

    def peek(self) -> bytes:
        """The next byte that is no space; b"" at the end."""
        while True:
            self._at = self._SPACE.match(self._chunk, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._chunk) or not self._refill():
                return self._chunk[self._at : self._at + 1]

    def take(self, wanted: bytes, pointer: str) -> None:
        found = self.peek()
        if found != wanted:
            said = f'"{printable(found.decode("latin-1"))}"' if found else "the end"
            raise DocumentProblem(pointer, f'Expected "{wanted.decode()}", found {said}.')
        self._at += 1

    def element(self, number: int) -> bytes | None:
        """The bytes of the next value; None where it is longer than ELEMENT_BYTES (it is then passed over)."""
        first = self.peek()
        if first == b"{":
            self._look_ahead()
            flat = self._FLAT.match(self._chunk, self._at)
            if flat:
                self._at = flat.end()
                return flat[0] if len(flat[0]) <= ELEMENT_BYTES else None
        elif first not in (b"[", b'"'):
            return self._scalar(number)
        return self._nested(number)

    def _scalar(self, number: int) -> bytes:
        self._look_ahead()
        end = self._NAME.match(self._chunk, self._at).end()  # type: ignore[union-attr]
        if end == self._at or end - self._at >= AHEAD_BYTES:
            raise DocumentProblem(f"/{number}", "Here is no JSON value.")
        value, self._at = self._chunk[self._at : end], end
        return value

    def _nested(self, number: int) -> bytes | None:
        kept, size, depth, brackets, in_string = bytearray(), 0, 0, 0, False
        while True:
            pattern = self._IN_STRING if in_string else self._OUTSIDE
            end = pattern.match(self._chunk, self._at).end()  # type: ignore[union-attr]
            # One structural byte more, where it is there.
            mark = self._chunk[end : end + 1]
            complete = mark not in (b"", b"\\")
            part = self._chunk[self._at : end + complete]
            self._at = end + complete
            size += len(part)
            if size <= ELEMENT_BYTES:
                kept += part
            if not complete:
                if not self._refill():
                    raise DocumentProblem(f"/{number}", "The document ends within this value.")
                continue
            if mark == b'"':
                in_string = not in_string
            elif mark in (b"{", b"["):
                depth, brackets = depth + 1, brackets + 1
            elif mark in (b"}", b"]"):
                depth -= 1
            if brackets > BRACKETS:
                raise DocumentProblem(f"/{number}", f"This value has more than {BRACKETS} brackets.")
            if depth < 0 or (depth == 0 and mark == b","):
                raise DocumentProblem(f"/{number}", "Here is no JSON value.")
            if depth == 0 and not in_string:
                return bytes(kept) if size <= ELEMENT_BYTES else None
