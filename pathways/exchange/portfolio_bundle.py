"""The bundle in which a portfolio travels: one zip with index.html, portfolio.json and files/.

Written so that the same state gives the same bytes. Read as if it were hostile: every size is bounded before it is used.
"""

import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable
from io import BytesIO
from typing import IO, Any

from pathways.calc.portfolio import DocumentRefused, Portfolio, as_document, read_document

MEGABYTE = 1024 * 1024
BUNDLE_BYTES = 200 * MEGABYTE
FILES_BYTES = 180 * MEGABYTE  # what an export puts in, so that its own bundle is taken elsewhere
DOCUMENT_BYTES = 16 * MEGABYTE
ENTRIES = 2_100
DIRECTORY_BYTES = 1 * MEGABYTE
EXPANDS_AT_MOST = 100
PAGE, DOCUMENT = "index.html", "portfolio.json"
FILE_NAME = re.compile(r"files/[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
# The least that a zip can say of a time; a clock would make other bytes of the same state.
ALWAYS = (1980, 1, 1, 0, 0, 0)
_END = struct.Struct("<4s4H2LH")


class BundleRefused(ValueError):
    """Why a file is no bundle that can be taken, in a sentence with the way out."""


def write_bundle(into: IO[bytes], portfolio: Portfolio, page: str, files: Iterable[tuple[str, bytes]]) -> None:
    """Write the zip; `files` are (path in the bundle, bytes), taken one at a time."""
    with zipfile.ZipFile(into, "w") as archive:
        document = json.dumps(as_document(portfolio), ensure_ascii=False, indent=1)
        _add(archive, PAGE, page.encode(), zipfile.ZIP_DEFLATED)
        _add(archive, DOCUMENT, document.encode(), zipfile.ZIP_DEFLATED)
        for path, content in files:
            # Stored: most are compressed already, and none may look like a bomb.
            _add(archive, path, content, zipfile.ZIP_STORED)


def _add(archive: zipfile.ZipFile, name: str, content: bytes, method: int) -> None:
    entry = zipfile.ZipInfo(name, ALWAYS)
    entry.compress_type, entry.create_system, entry.external_attr = method, 3, 0o644 << 16
    archive.writestr(entry, content)


class Bundle:
    """An opened bundle: its portfolio, and its files by path. Raises BundleRefused, here and in `file`."""

    def __init__(self, content: bytes) -> None:
        _check_directory(content)
        try:
            self._archive = zipfile.ZipFile(BytesIO(content))
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as problem:
            raise BundleRefused(f"This is no zip that can be read ({problem}); export the portfolio again.") from None
        self._entries = _checked(self._archive.infolist())
        if DOCUMENT not in self._entries:
            raise BundleRefused(f"The zip has no {DOCUMENT}; send the bundle as it was exported.")
        if self._entries[DOCUMENT].file_size > DOCUMENT_BYTES:
            raise BundleRefused(f"{DOCUMENT} has more than {DOCUMENT_BYTES // MEGABYTE} MB.")
        try:
            self.portfolio = read_document(_parse(self._read(DOCUMENT)))
        except DocumentRefused as problem:
            raise BundleRefused(str(problem)) from None

    def file(self, path: str) -> bytes | None:
        """The bytes of a file of evidence; None where the bundle has none of that path."""
        return self._read(path) if FILE_NAME.fullmatch(path) and path in self._entries else None

    def _read(self, name: str) -> bytes:
        entry = self._entries[name]
        try:
            with self._archive.open(entry) as stream:
                return stream.read(entry.file_size + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as problem:
            raise BundleRefused(f"{name} is damaged ({problem}); export the portfolio again.") from None


def _check_directory(content: bytes) -> None:
    """Bound the zip's directory before anything builds a list of it."""
    if len(content) > BUNDLE_BYTES:
        raise BundleRefused(f"The bundle has more than {BUNDLE_BYTES // MEGABYTE} MB; leave large files out.")
    end = content[-_END.size :]
    if len(end) < _END.size or not end.startswith(b"PK\x05\x06") or content[-_END.size - 20 : -_END.size - 16] == b"PK\x06\x07":
        raise BundleRefused("This is no plain zip; send the bundle as it was exported.")
    _, _, _, _, entries, directory, _, _ = _END.unpack(end)
    if entries > ENTRIES or directory > DIRECTORY_BYTES:
        raise BundleRefused(f"The zip has more than {ENTRIES:,} files; send the bundle as it was exported.")


def _checked(entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    total = 0
    for entry in entries:
        name = entry.filename
        if name not in (PAGE, DOCUMENT) and not FILE_NAME.fullmatch(name):
            raise BundleRefused(f"{name[:80]!r} does not belong into a bundle; send it as it was exported.")
        if name in found:
            raise BundleRefused(f"{name} is in the zip twice.")
        if entry.flag_bits & 0x1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BundleRefused(f"{name} is encrypted or packed in an unusual way; send the bundle as it was exported.")
        total += entry.file_size
        if entry.file_size > EXPANDS_AT_MOST * entry.compress_size + MEGABYTE or total > BUNDLE_BYTES:
            raise BundleRefused(f"{name} would expand to more than can be taken; nothing was read.")
        found[name] = entry
    return found


def _parse(content: bytes) -> Any:
    try:
        return json.loads(
            content.decode(), object_pairs_hook=_once, parse_float=_no_number, parse_constant=_no_number, parse_int=_whole
        )
    except UnicodeDecodeError:
        raise BundleRefused(f"{DOCUMENT} is no UTF-8; export the portfolio again.") from None
    except RecursionError:
        raise BundleRefused(f"{DOCUMENT} nests too deeply.") from None
    except json.JSONDecodeError as problem:
        raise BundleRefused(f"{DOCUMENT} is no JSON ({problem.msg} in line {problem.lineno}).") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise BundleRefused(f"{DOCUMENT} has an object with the same member twice.")
    return members


def _whole(text: str) -> int:
    return int(text) if len(text) <= 18 else int(_no_number(text))


def _no_number(text: str) -> str:
    raise BundleRefused(f"{DOCUMENT} holds the number {text[:40]}; it has whole numbers only, and credit as text.")
