"""The associations of a framework beside those of an arrival: what differs, and then its writing."""

import datetime
from dataclasses import dataclass, field
from uuid import UUID

from competencies.actions.framework_items import names_on_file
from competencies.calc.framework_changes import Changes, Differences, StatementChange
from competencies.calc.framework_content import Arrived, RowRefused, Statement, content_sha256, differences
from competencies.models import Association, Framework

WRITTEN = ("kind", "origin", "destination", "sequence", "source", "content_sha256", "retired_on")


@dataclass(slots=True)
class StatementsToWrite:
    """The rows that an arrival makes and changes."""

    new: list[Association] = field(default_factory=list)
    known: list[Association] = field(default_factory=list)


def compare_statements(*, framework: Framework, arrived: Arrived, day: datetime.date, changes: Changes) -> StatementsToWrite:
    """Fill `changes` with what becomes of each association of the package; local ones are never touched by it."""
    of_package = Association.objects.filter(framework=framework.pk, local=False) if framework.pk else Association.objects.none()
    on_file = {one.uuid: one for one in of_package}
    statements = _without_those_of_others(arrived, on_file, changes)
    names = _names(arrived, statements, on_file)
    to_write = StatementsToWrite()

    def tell(what: str, one: Association, told: Differences | None = None) -> None:
        origin, destination = (names.get(end, str(end)) if end else "" for end in (one.origin, one.destination))
        changes.associations.append(StatementChange(one.uuid, what, one.kind, origin, destination, told or []))

    for statement in statements:
        association = on_file.pop(statement.identifier, None)
        sha = content_sha256(statement.source)
        wanted = {name: getattr(statement, name) for name in ("kind", "origin", "destination", "sequence", "source")}
        if association is None:
            association = Association(framework=framework, uuid=statement.identifier, content_sha256=sha, **wanted)
            to_write.new.append(association)
            tell("added", association)
            continue
        if association.source == statement.source and association.retired_on is None:
            continue
        told = differences(association.source, statement.source)
        was_retired, association.retired_on = association.retired_on is not None, None
        for name, value in (wanted | {"content_sha256": sha}).items():
            setattr(association, name, value)
        to_write.known.append(association)
        if was_retired or told:
            tell("returned" if was_retired else "changed", association, told)
        else:
            changes.restamped += 1
    for association in [one for one in on_file.values() if one.retired_on is None and not arrived.refused]:
        association.retired_on = day
        to_write.known.append(association)
        tell("retired", association)
    return to_write


def _without_those_of_others(arrived: Arrived, on_file: dict[UUID, Association], changes: Changes) -> list[Statement]:
    wanted = [one.identifier for one in arrived.statements if one.identifier not in on_file]
    taken = dict(Association.objects.filter(uuid__in=wanted).values_list("uuid", "framework__title"))
    for identifier, title in taken.items():
        detail = f"{title!r} has an association of this identifier already; ask the publisher for one of its own."
        changes.refused.append(RowRefused(f"CFAssociations {identifier}", detail))
    return [one for one in arrived.statements if one.identifier not in taken]


def _names(arrived: Arrived, statements: list[Statement], on_file: dict[UUID, Association]) -> dict[UUID, str]:
    """What people know the ends by: of the package, or of another framework on file."""
    names = {item.identifier: item.code or item.statement[:60] for item in arrived.items} | {arrived.identifier: arrived.title}
    pairs = [(one.origin, one.destination) for one in statements] + [(one.origin, one.destination) for one in on_file.values()]
    ends = {end for pair in pairs for end in pair if end}
    return names_on_file(ends - names.keys()) | names


def write_statements(to_write: StatementsToWrite) -> None:
    """Write what `compare_statements` found."""
    Association.objects.bulk_create(to_write.new, batch_size=1000)
    Association.objects.bulk_update(to_write.known, WRITTEN, batch_size=200)
