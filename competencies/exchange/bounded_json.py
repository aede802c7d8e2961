"""Taking in a file that may be hostile, whole, in bounded memory: what it unpacks to, and the JSON in it.

A framework's package must be seen whole (its parts name each other), so it is held whole; the largest published
ones have about 5 MB. The counts are taken before anything is parsed, so a small file cannot become a large structure.
"""

import gzip
import io
import json
import math
import zlib
from typing import Any

from competencies.calc.framework_content import PackageRefused

LARGEST_BYTES = 20 * 1024 * 1024
CONTAINERS = 250_000
MEMBERS = 1_000_000
DEPTH = 32
LARGEST_NUMBER = 10**18
# From here on a whole number with a fraction or an exponent comes back from the database written without.
WRITTEN_WHOLE = 10**16
_GZIP, _ZIP, _BOM = b"\x1f\x8b", b"PK\x03\x04", b"\xef\xbb\xbf"


def unpacked(content: bytes) -> bytes:
    """The file itself, unzipped if it is gzipped, without byte order mark; raises PackageRefused."""
    if content.startswith(_ZIP):
        raise PackageRefused("This is a ZIP archive (or a spreadsheet); send the one JSON or CSV file in it.")
    if content.startswith(_GZIP):
        try:
            content = gzip.GzipFile(fileobj=io.BytesIO(content)).read(LARGEST_BYTES + 1)
        except (OSError, EOFError, zlib.error):
            raise PackageRefused("The gzipped file is damaged or truncated; get it again.") from None
    if len(content) > LARGEST_BYTES:
        raise PackageRefused(
            f"The file has more than {LARGEST_BYTES // 1024 // 1024} MB unpacked; "
            "no framework is that large. Send one framework a file, and images by address."
        )
    content = content.removeprefix(_BOM)
    if not content.strip():
        raise PackageRefused("The file is empty.")
    return content


def object_of(content: bytes) -> dict[str, Any]:
    """The one JSON object that `content` is; raises PackageRefused."""
    # Counted in the bytes, brackets and commas within texts too: a bound, in no memory.
    if content.count(b"{") + content.count(b"[") > CONTAINERS or content.count(b",") > MEMBERS:
        raise PackageRefused(f"The file has more than {CONTAINERS:,} objects and lists or {MEMBERS:,} members; no framework has.")
    try:
        value = json.loads(content.decode("utf-8"), object_pairs_hook=_without_duplicates, parse_float=_number)
    except UnicodeDecodeError as error:
        raise PackageRefused(f"Byte {error.start + 1} is no UTF-8; save the file as UTF-8.") from None
    except json.JSONDecodeError as error:
        raise PackageRefused(f"This is no JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise PackageRefused(f"The file nests deeper than {DEPTH}; no package does.") from None
    except PackageRefused:
        raise
    except ValueError:
        raise PackageRefused("The file holds a number with thousands of digits; no package does.") from None
    if not isinstance(value, dict):
        raise PackageRefused("A CASE package is one JSON object with a CFDocument; this is none.")
    _check(value)
    return value


def _number(text: str) -> Any:
    """As the database gives it back, so that the same file again is no change: 1e16 as a whole number, -0.0 as 0.0."""
    value = json.loads(text)
    return int(value) if math.isfinite(value) and abs(value) >= WRITTEN_WHOLE else value + 0


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise PackageRefused(f"An object names {twice[:80]!r} twice; which one counts cannot be told.")
    return members


def _check(document: dict[str, Any]) -> None:
    """Refuse what no table can hold: depth, endless numbers, and characters that are none."""
    waiting: list[tuple[Any, tuple[Any, ...]]] = [(document, ())]
    while waiting:
        value, path = waiting.pop()
        if len(path) > DEPTH:
            raise PackageRefused(f"The file nests deeper than {DEPTH} at /{'/'.join(map(str, path[:4]))}; no package does.")
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for name, member in members:
            if isinstance(name, str):
                _check_text(name, path)
            if isinstance(member, dict | list):
                waiting.append((member, (*path, name)))
            elif isinstance(member, str):
                _check_text(member, (*path, name))
            elif member is not None and (not math.isfinite(member) or abs(member) > LARGEST_NUMBER):
                raise PackageRefused(f"/{'/'.join(map(str, (*path, name)))} is no number that can be kept.")


def _check_text(text: str, path: tuple[Any, ...]) -> None:
    if text.isascii() and "\0" not in text:
        return
    try:
        text.encode()
        broken = "\0" in text
    except UnicodeEncodeError:
        broken = True
    if broken:
        where = "/".join(map(str, path)).encode("ascii", "replace").decode()
        raise PackageRefused(f"/{where} holds a character that is none (NUL or half of a pair); take it out.")
