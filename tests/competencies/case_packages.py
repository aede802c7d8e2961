"""Small CASE packages for tests, and where the large ones are."""

import copy
import datetime
import json
import os
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest
from django.conf import settings

from competencies.actions.import_framework import import_package

CASE = Path(os.environ.get("CREDENCE_SHARED_DATA", settings.BASE_DIR.parent / "shared" / "data")) / "case"
MATHEMATICS = CASE / "ccss-math-2010.cfpackage.json"
needs_shared_data = pytest.mark.skipif(
    not CASE.is_dir(), reason=f"the published CASE packages are not at {CASE}; CREDENCE_SHARED_DATA says where"
)
AT = datetime.datetime(2026, 1, 10, 9, tzinfo=datetime.UTC)
STAMP = "2025-01-01T00:00:00+00:00"


def identifier(name):
    return str(uuid5(NAMESPACE_URL, f"tests:{name}"))


def link(name):
    return {"title": name, "identifier": identifier(name), "uri": f"https://example.org/{identifier(name)}"}


def document(name="document", **fields):
    return {**_named(name), "creator": "The tests", "title": name, **fields}


def item(name, **fields):
    return {**_named(name), "fullStatement": f"Do {name}", "humanCodingScheme": name, "CFItemType": "Standard", **fields}


def tie(origin, destination, kind="isChildOf", name="", **fields):
    ends = {"originNodeURI": link(origin), "destinationNodeURI": link(destination)}
    return {**_named(name or f"{origin} {kind} {destination}"), "associationType": kind, **ends, **fields}


def _named(name):
    return {"identifier": identifier(name), "uri": f"https://example.org/{identifier(name)}", "lastChangeDateTime": STAMP}


def package(items=("A", "B"), ties=None, **others):
    """A package of items by name, each under the document unless `ties` say otherwise."""
    items = [item(one) if isinstance(one, str) else one for one in items]
    if ties is None:
        ties = [tie(one["humanCodingScheme"], "document", sequenceNumber=number) for number, one in enumerate(items, 1)]
    return {"CFDocument": document(), "CFItems": items, "CFAssociations": list(ties), **others}


def take(package, at=AT, **options):
    """Import a package, a file's bytes or its path; returns the changes."""
    if isinstance(package, Path):
        content = package.read_bytes()
    else:
        content = package if isinstance(package, bytes) else json.dumps(package).encode()
    return import_package(content=content, brought_by=None, at=at, **options)


def edited(package, **parts):
    """A deep copy, to be changed."""
    return {**copy.deepcopy(package), **parts}
