"""Take in a framework: what it changes is found first, told, and then written at once or not at all.

Nothing is ever deleted: a competency that an arrival leaves out is retired, whether anything hangs on it or not.
"""

import datetime
import gzip
import hashlib
import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from competencies.actions.framework_items import compare_items, write_items
from competencies.actions.framework_rubrics import compare_rubrics, write_rubrics
from competencies.actions.framework_statements import compare_statements, write_statements
from competencies.actions.open_scale import default_scale
from competencies.calc.framework_changes import Changes
from competencies.calc.framework_content import Arrived, PackageRefused, differences
from competencies.exchange.framework_file import read_framework
from competencies.models import Competency, Framework, FrameworkArrival
from database.areas import acting_as

ABOUT = ("title", "creator", "version", "adoption_status", "licence", "document", "definitions")


class ChangedSince(ValueError):
    """What would be taken is no longer what was looked at; `changes` is what it would be now. Nothing was taken."""

    def __init__(self, changes: Changes) -> None:
        super().__init__(_("What is on file has changed since you looked, so the changes below are others. Nothing was taken."))
        self.changes = changes


def import_package(
    *,
    content: bytes,
    brought_by: int | None,
    at: datetime.datetime,
    apply: bool = True,
    kind: str = Competency.Kind.ACADEMIC.value,
    title: str = "",
    framework: uuid.UUID | None = None,
    looked_at: str = "",
) -> Changes:
    """Take in a CASE package or a table (docs/formats.md), plain or gzipped; raises PackageRefused.

    Without `apply` it only tells what would change. The same content again changes nothing and keeps no arrival. `kind`
    counts when a framework comes for the first time; `title` and `framework` name a table, which does not name itself.
    `looked_at`, the mark of the changes that somebody agreed to: raises ChangedSince where they are others by now.
    """
    if kind not in Competency.Kind.values:
        raise PackageRefused(f"{kind!r} is no kind of competency; there are {', '.join(Competency.Kind.values)}.")
    if framework and not title:
        title = _title_on_file(framework)
    arrived, plain = read_framework(content, title=title, identifier=framework)
    with acting_as("area_learning"):
        changes = _take(arrived, plain, brought_by=brought_by, at=at, apply=apply, kind=kind)
        if changes.applied and looked_at and changes.mark() != looked_at:
            raise ChangedSince(changes)
        return changes


def _title_on_file(identifier: uuid.UUID) -> str:
    with acting_as("area_learning"):
        return Framework.objects.filter(uuid=identifier).values_list("title", flat=True).first() or ""


def _take(arrived: Arrived, plain: bytes, *, brought_by: int | None, at: datetime.datetime, apply: bool, kind: str) -> Changes:
    day = at.astimezone(datetime.UTC).date()
    if not arrived.items:
        raise PackageRefused("The framework has no competency that could be taken. " + _first_refusal(arrived))
    framework, is_new = _framework(arrived, at, apply)
    changes = Changes(arrived.identifier, arrived.title, is_new)
    changes.warnings, changes.refused = list(arrived.warnings), list(arrived.refused)
    about: dict[str, Any] = {name: getattr(arrived, name) for name in ABOUT}
    if not changes.is_new:
        old, new = ({**one["document"], "definitions": one["definitions"]} for one in (vars(framework), about))
        changes.document = differences(old, new)
        changes.restamped += not changes.document and framework.document != arrived.document
    items = compare_items(framework=framework, arrived=arrived, kind=kind, day=day, changes=changes)
    statements = compare_statements(framework=framework, arrived=arrived, day=day, changes=changes)
    sheets, retiring = compare_rubrics(framework=framework, arrived=arrived, changes=changes)
    if not apply or not changes.is_change:
        return changes
    changes.applied = True
    sha256 = hashlib.sha256(plain).hexdigest()
    for name, value in (about | {"package_sha256": sha256}).items():
        setattr(framework, name, value)
    framework.save()
    arrival = FrameworkArrival.objects.create(
        framework=framework,
        package_sha256=sha256,
        package=gzip.compress(plain, mtime=0),
        changes=changes.as_json(),
        brought_by_id=brought_by,
        recorded_at=at,
    )
    write_items(items, arrival)
    write_statements(statements)
    write_rubrics(framework=framework, sheets=sheets, retiring=retiring, day=day)
    return changes


def _framework(arrived: Arrived, at: datetime.datetime, apply: bool) -> tuple[Framework, bool]:
    """The framework, locked, and whether it is new; a new one gets the scale that stands for none chosen."""
    on_file = Framework.objects.select_for_update().filter(uuid=arrived.identifier)
    framework = on_file.first()
    if framework is not None:
        return framework, False
    framework = Framework(uuid=arrived.identifier, title=arrived.title)
    if not apply:
        return framework, True
    framework.scale = default_scale(at=at)
    try:
        with transaction.atomic():
            framework.save()
        return framework, True
    except IntegrityError:  # two at once: the other one made it, and this one finds what it left to change
        return on_file.get(), False


def _first_refusal(arrived: Arrived) -> str:
    return f"{arrived.refused[0].where}: {arrived.refused[0].detail}" if arrived.refused else "The file names none."
