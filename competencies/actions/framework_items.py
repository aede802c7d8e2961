"""The competencies of a framework beside those of an arrival: what differs, and then its writing."""

import datetime
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count

from competencies.calc.framework_changes import Changes, Edited, Gone, Named
from competencies.calc.framework_content import Arrived, Item, PackageRefused, content_sha256, differences
from competencies.models import (
    Competency,
    CompetencyWording,
    EvidenceCompetency,
    Framework,
    FrameworkArrival,
    MasteryJudgment,
)

VANISHED = "It is not in the package any more."
ENDED = "Its publisher ended it on {}."
KEPT_BY_ITEM = ("code", "statement", "label", "item_type", "lowest_grade", "highest_grade", "source")
WRITTEN = (*KEPT_BY_ITEM, "position", "depth", "content_sha256", "retired_on")
SHOWN = 5


@dataclass(slots=True)
class ItemsToWrite:
    """The rows that an arrival makes and changes; `before` holds what changed ones said until then."""

    new: list[Competency] = field(default_factory=list)
    known: list[Competency] = field(default_factory=list)
    before: list[CompetencyWording] = field(default_factory=list)


def compare_items(*, framework: Framework, arrived: Arrived, kind: str, day: datetime.date, changes: Changes) -> ItemsToWrite:
    """Fill `changes` with what becomes of each competency; nothing is written yet."""
    on_file = {one.uuid: one for one in Competency.objects.filter(framework=framework.pk)} if framework.pk else {}
    _refuse_those_of_others(framework, arrived)
    if on_file:
        # A framework is of one kind: an arrival without that word does not turn it.
        kind = next(iter(on_file.values())).kind
    places = {identifier: (position, depth) for position, (identifier, depth) in enumerate(arrived.order, start=1)}
    to_write, retiring = ItemsToWrite(), list[tuple[Competency, str]]()
    for item in arrived.items:
        ended_on = item.ended_on if item.ended_on and item.ended_on <= day else None
        wanted = _wanted(item, places[item.identifier], ended_on)
        competency = on_file.pop(item.identifier, None)
        if competency is None:
            competency = Competency(framework=framework, uuid=item.identifier, kind=kind, **wanted)
            to_write.new.append(competency)
            changes.added.append(_named(competency))
            continue
        was_retired = competency.retired_on is not None
        _compare(competency, wanted, to_write, changes)
        if was_retired and ended_on is None:
            changes.returned.append(_named(competency))
        elif ended_on and not was_retired:
            retiring.append((competency, ENDED.format(ended_on)))
    retiring += _vanished(list(on_file.values()), arrived, day, to_write, changes)
    changes.retired += _gone(retiring)
    return to_write


def _wanted(item: Item, place: tuple[int, int], ended_on: datetime.date | None) -> dict[str, Any]:
    kept = {name: getattr(item, name) for name in KEPT_BY_ITEM}
    position, depth = place
    return kept | {"position": position, "depth": depth, "content_sha256": content_sha256(item.source), "retired_on": ended_on}


def _compare(competency: Competency, wanted: dict[str, Any], to_write: ItemsToWrite, changes: Changes) -> None:
    if all(getattr(competency, name) == value for name, value in wanted.items()):
        changes.unchanged += 1
        return
    if competency.content_sha256 != wanted["content_sha256"]:
        told = differences(competency.source, wanted["source"])
        changes.changed.append(Edited(competency.uuid, wanted["code"], wanted["statement"], told))
        said = {"code": competency.code, "statement": competency.statement, "source": competency.source}
        to_write.before.append(CompetencyWording(competency=competency, **said))
    else:
        changes.unchanged += 1
        changes.restamped += competency.source != wanted["source"]
    for name, value in wanted.items():
        setattr(competency, name, value)
    to_write.known.append(competency)


def _vanished(
    absent: list[Competency], arrived: Arrived, day: datetime.date, to_write: ItemsToWrite, changes: Changes
) -> list[tuple[Competency, str]]:
    """Retires what the arrival does not name; where a part of it was refused, that part may be just what is missing."""
    vanished = [one for one in absent if one.retired_on is None]
    if vanished and arrived.refused:
        changes.warnings.append(
            f"{len(vanished):,} competencies are not in the file, but {len(arrived.refused):,} of its parts were refused: "
            "nothing was retired."
        )
        return []
    if len(vanished) * 2 > len(vanished) + len(arrived.items):
        changes.warnings.append(
            f"{len(vanished):,} competencies vanish and {len(arrived.items):,} are in the file: is it the whole framework?"
        )
    for one in vanished:
        one.retired_on = day
    to_write.known += vanished
    return [(one, VANISHED) for one in vanished]


def _gone(retiring: list[tuple[Competency, str]]) -> list[Gone]:
    ids = [competency.pk for competency, _ in retiring]
    judged = _counts(MasteryJudgment, ids) if ids else {}
    shown = _counts(EvidenceCompetency, ids) if ids else {}
    return [Gone(one.uuid, one.code, one.statement, why, judged.get(one.pk, 0), shown.get(one.pk, 0)) for one, why in retiring]


def _counts(model: Any, ids: list[int]) -> dict[int, int]:
    found = model.objects.filter(competency__in=ids).order_by().values_list("competency")
    return dict(found.annotate(Count("pk")))


def _refuse_those_of_others(framework: Framework, arrived: Arrived) -> None:
    identifiers = [item.identifier for item in arrived.items]
    others = Competency.objects.filter(uuid__in=identifiers)
    if framework.pk:
        others = others.exclude(framework=framework.pk)
    taken = list(others.order_by("id").values_list("uuid", "framework__title")[: SHOWN + 1])
    if taken:
        shown = "; ".join(f"{identifier} of {title!r}" for identifier, title in taken[:SHOWN])
        raise PackageRefused(
            f"It claims competencies that another framework on file has: {shown}{' and more' if len(taken) > SHOWN else ''}. "
            "A further state of that framework comes under its CFDocument's identifier; a new framework's items have their own."
        )


def _named(competency: Competency) -> Named:
    return Named(competency.uuid, competency.code, competency.statement)


def write_items(to_write: ItemsToWrite, arrival: FrameworkArrival) -> None:
    """Write what `compare_items` found; history first."""
    for wording in to_write.before:
        wording.arrival = arrival
    CompetencyWording.objects.bulk_create(to_write.before, batch_size=1000)
    Competency.objects.bulk_create(to_write.new, batch_size=1000)
    Competency.objects.bulk_update(to_write.known, WRITTEN, batch_size=200)


def names_on_file(identifiers: set[UUID]) -> dict[UUID, str]:
    """What people know competencies by, of those that are on file."""
    found = Competency.objects.filter(uuid__in=identifiers).values_list("uuid", "code", "statement")
    return {identifier: code or statement[:60] for identifier, code, statement in found}
