#!/usr/bin/env python
"""Take the front end's third-party files into the repository, and check them.

For the maintainer who upgrades a version below; nobody else needs Node:

    python tools/vendor_static.py           take the files anew (needs npm)
    python tools/vendor_static.py --check   compare with VENDOR.json, offline

Each package comes as the exact version that the registry serves to npm. Only
the files named here are kept, and what their `url()` point at: the static
files' manifest refuses a stylesheet that names a missing file. Source map
comments are stripped for the same reason. `VENDOR.json` records version,
licence and sha256 of every file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import posixpath
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECORD = "static/vendor/VENDOR.json"
LICENSE_TEXTS = "static/vendor/LICENSES"

_CSS_URL = re.compile(r"""url\(\s*['"]?([^'")]+?)['"]?\s*\)""")
_SOURCE_MAP = re.compile(r"^(?:/\*|//)[#@] sourceMappingURL=[^\s*]+(?:\s*\*/)?[ \t]*\n?", re.MULTILINE)


@dataclass(frozen=True)
class Package:
    """One package: what is taken, from which version, and where it goes.

    `files` maps a path inside the package to a path inside `target`, itself
    relative to the project. `licence_texts` names files of LICENSE_TEXTS that
    the package refers to and does not carry.
    """

    name: str
    version: str
    licence: str
    target: str
    files: dict[str, str]
    licence_texts: tuple[str, ...] = ()


PACKAGES = (
    Package(
        name="@uswds/uswds",
        version="3.14.0",
        licence="CC0-1.0 AND OFL-1.1 AND Apache-2.0 AND MIT",
        target="static/vendor/uswds",
        files={
            "LICENSE.md": "LICENSE.md",
            "dist/css/uswds.min.css": "css/uswds.min.css",
            "dist/js/uswds.min.js": "js/uswds.min.js",
            "dist/js/uswds-init.min.js": "js/uswds-init.min.js",
            "dist/img/sprite.svg": "img/sprite.svg",
        },
        licence_texts=("Apache-2.0.txt", "OFL-1.1.txt"),
    ),
    Package(
        name="htmx.org",
        version="2.0.11",
        licence="0BSD",
        target="static/vendor/htmx",
        files={"LICENSE": "LICENSE", "dist/htmx.min.js": "htmx.min.js"},
    ),
    Package(
        name="axe-core",
        version="4.14.1",
        licence="MPL-2.0",
        target="tests/pages/vendor",
        files={
            "LICENSE": "LICENSE",
            "LICENSE-3RD-PARTY.txt": "LICENSE-3RD-PARTY.txt",
            "axe.min.js": "axe.min.js",
        },
    ),
)


class VendorError(Exception):
    """A package or file that cannot be taken; the message names it and the way out."""


def css_references(css: str) -> set[str]:
    """The files of its own package that the stylesheet text `css` loads, as written in it."""
    found = {url.split("#")[0].split("?")[0] for url in _CSS_URL.findall(css)}
    return {url for url in found if url and not url.startswith(("data:", "http:", "https:", "/"))}


def beside(stylesheet: str, url: str) -> str:
    """The path that `url` means in the file `stylesheet`, from the same base as that file's."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(stylesheet), url))


def cleaned(path: str, content: bytes) -> bytes:
    """The bytes to keep: scripts and stylesheets without their source map comment."""
    if not path.endswith((".css", ".js")):
        return content
    return _SOURCE_MAP.sub("", content.decode()).encode()


def fetched(package: Package, folder: Path) -> dict[str, bytes]:
    """Every file of the published package, by its path in it. Runs npm, which checks integrity."""
    command = ["npm", "pack", "--silent", f"--pack-destination={folder}"]
    spec = f"{package.name}@{package.version}"
    result = subprocess.run([*command, spec], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise VendorError(f"npm could not fetch {spec}: {result.stderr.strip()}")
    archive = folder / result.stdout.strip().splitlines()[-1]
    files = {}
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            stream = tar.extractfile(member) if member.isfile() else None
            if stream is not None:
                files[member.name.partition("/")[2]] = stream.read()
    return files


def selected(package: Package, published: dict[str, bytes]) -> dict[str, bytes]:
    """The files to keep, by their path below the package's target, `url()` closure included."""
    kept: dict[str, bytes] = {}
    wanted = dict(package.files)
    while wanted:
        source, place = wanted.popitem()
        if source not in published:
            raise VendorError(f"{package.name} {package.version} has no file {source}")
        kept[place] = cleaned(place, published[source])
        if not place.endswith(".css"):
            continue
        urls = css_references(kept[place].decode())
        wanted |= {beside(source, url): beside(place, url) for url in urls}
    return kept


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def take(root: Path, packages: tuple[Package, ...] = PACKAGES) -> None:
    """Replace every package's folder below `root` and write the record."""
    contents = {}
    with tempfile.TemporaryDirectory() as scratch:
        for package in packages:
            contents[package.name] = selected(package, fetched(package, Path(scratch)))
    record = []
    for package in packages:
        target = root / package.target
        shutil.rmtree(target, ignore_errors=True)
        for place, content in contents[package.name].items():
            path = target / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        places = [f"{package.target}/{place}" for place in contents[package.name]]
        places += [f"{LICENSE_TEXTS}/{text}" for text in package.licence_texts]
        record.append(
            {
                "name": package.name,
                "version": package.version,
                "licence": package.licence,
                "files": {place: sha256(root / place) for place in sorted(places)},
            }
        )
    (root / RECORD).write_text(json.dumps({"packages": record}, indent=2) + "\n")


def faults(root: Path, packages: tuple[Package, ...] = PACKAGES) -> list[str]:
    """What differs between the record and the files below `root`; empty when nothing does."""
    try:
        record: list[dict[str, Any]] = json.loads((root / RECORD).read_text())["packages"]
    except (OSError, ValueError, KeyError) as error:
        return [f"{RECORD}: cannot be read ({error})"]
    found = []
    versions = {entry["name"]: entry["version"] for entry in record}
    for package in packages:
        if versions.get(package.name) != package.version:
            recorded = versions.get(package.name, "nothing")
            found.append(f"{RECORD}: {package.name} is {recorded}, the tool says {package.version}")
    listed = {place: digest for entry in record for place, digest in entry["files"].items()}
    for place, digest in listed.items():
        if not (root / place).is_file():
            found.append(f"{place}: missing")
        elif sha256(root / place) != digest:
            found.append(f"{place}: changed since it was taken")
        elif place.endswith(".css"):
            loaded = {beside(place, url) for url in css_references((root / place).read_text())}
            found += [f"{place}: names {path}, not there" for path in loaded - listed.keys()]
    for folder in ("static/vendor", *(package.target for package in packages)):
        present = {p.relative_to(root).as_posix() for p in (root / folder).rglob("*") if p.is_file()}
        found += [f"{place}: not in {RECORD}" for place in present - listed.keys() - {RECORD}]
    return sorted(set(found))


def main(arguments: list[str] | None = None) -> int:
    """Command line; 0 when all is well, 1 with one line a fault."""
    parser = argparse.ArgumentParser(description="Vendor the front end's third-party files.")
    parser.add_argument("--check", action="store_true", help="compare only; offline")
    options = parser.parse_args(arguments)
    root = Path(__file__).resolve().parent.parent
    if not options.check:
        try:
            take(root)
        except VendorError as error:
            print(error, file=sys.stderr)
            return 1
    found = faults(root)
    for fault in found:
        print(fault, file=sys.stderr)
    if found:
        print(
            "To put them right: git restore the files, or run this without --check.",
            file=sys.stderr,
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
