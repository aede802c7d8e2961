"""Take in a list of prerequisites for a framework that states none, or too few. The list is ours: no package retires it."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from competencies.calc.framework_content import PackageRefused, RowRefused, content_sha256
from competencies.calc.framework_tree import find_circle
from competencies.exchange.prerequisites_csv import PrerequisiteRow
from competencies.models import Association, Competency, Framework
from database.areas import acting_as

Pair = tuple[UUID, UUID]


@dataclass(slots=True)
class PrerequisitesTaken:
    """How many pairs are new, came back, were on file already, and were retired because the list is whole without them."""

    added: int = 0
    returned: int = 0
    unchanged: int = 0
    retired: int = 0
    refused: list[RowRefused] = field(default_factory=list)


def import_prerequisites(
    *,
    framework: UUID,
    rows: Sequence[PrerequisiteRow | RowRefused],
    at: datetime.datetime,
    apply: bool = True,
    replace: bool = False,
) -> PrerequisitesTaken:
    """Take in the rows; good ones are kept whatever the others are. Raises PackageRefused for an unknown framework.

    A row that would make the prerequisites go in a circle is refused, in the order of the rows. With `replace` the list
    is whole: local pairs that it does not name are retired (unless a row was refused).
    """
    with acting_as("area_learning"):
        found = Framework.objects.select_for_update().filter(uuid=framework).first()
        if found is None:
            raise PackageRefused(
                f"There is no framework {framework}; import it first, or take its identifier from the list of frameworks."
            )
        done = PrerequisitesTaken(refused=[row for row in rows if isinstance(row, RowRefused)])
        stated = Association.objects.filter(kind=Association.PRECEDES, origin__isnull=False, destination__isnull=False)
        ours = {(one.origin, one.destination): one for one in stated.filter(framework=found, local=True)}
        held: set[Pair] = {(a, b) for a, b in stated.filter(retired_on__isnull=True).values_list("origin", "destination") if a and b}
        wanted = _pairs(found, rows, done.refused)
        if replace and not done.refused:
            held -= {pair for pair in ours if pair not in wanted.values()}
        taken = _without_circles(wanted, held, done)
        new = []
        for pair in taken:
            known = ours.pop(pair, None)
            if known is None:
                new.append(_association(found, *pair))
                done.added += 1
            else:
                known.retired_on = None
                done.returned += 1
                if apply:
                    known.save(update_fields=["retired_on"])
        if apply:
            Association.objects.bulk_create(new, batch_size=1000)
        if replace and not done.refused:
            gone = [one.pk for pair, one in ours.items() if one.retired_on is None and pair not in wanted.values()]
            done.retired = len(gone)
            if apply:
                day = at.astimezone(datetime.UTC).date()
                Association.objects.filter(pk__in=gone).update(retired_on=day)
    return done


def _pairs(framework: Framework, rows: Sequence[PrerequisiteRow | RowRefused], refused: list[RowRefused]) -> dict[str, Pair]:
    """{where: (prerequisite, competency)} of the rows whose two names are known; the first row of a pair stands for it."""
    by_code: dict[str, list[UUID]] = {}
    identifiers: dict[str, UUID] = {}
    for identifier, code in Competency.objects.filter(framework=framework, retired_on__isnull=True).values_list("uuid", "code"):
        by_code.setdefault(code, []).append(identifier)
        identifiers[str(identifier)] = identifier
    pairs: dict[str, Pair] = {}
    seen: set[Pair] = set()
    for row in rows:
        if isinstance(row, RowRefused):
            continue
        ends = []
        for column, name in (("prerequisite", row.prerequisite), ("competency", row.competency)):
            named = [identifiers[name.lower()]] if name.lower() in identifiers else by_code.get(name, []) if name else []
            if len(named) == 1:
                ends.append(named[0])
                continue
            many = f"{len(named)} competencies have the code {name[:60]!r}; give the identifier."
            none = f"no competency in use of {framework.title!r} has the code or identifier {name[:60]!r}."
            refused.append(RowRefused(row.where, f"{column}: {many if named else none}"))
        if len(ends) == 2 and (ends[0], ends[1]) not in seen:
            seen.add((ends[0], ends[1]))
            pairs[row.where] = (ends[0], ends[1])
    return pairs


def _without_circles(wanted: dict[str, Pair], held: set[Pair], done: PrerequisitesTaken) -> list[Pair]:
    """The pairs that are not on file yet, less those that would close a circle; `done` is told of the others."""
    after: dict[UUID, set[UUID]] = {}
    for before, then in held:
        after.setdefault(before, set()).add(then)
    new = {where: pair for where, pair in wanted.items() if pair not in held}
    done.unchanged += len(wanted) - len(new)
    together = {before: set(ends) for before, ends in after.items()}
    for before, then in new.values():
        together.setdefault(before, set()).add(then)
    if not find_circle(together):
        return list(new.values())
    taken = []
    for where, (before, then) in new.items():
        if before == then or _reaches(after, then, before):
            done.refused.append(
                RowRefused(where, "competency: it is a prerequisite of its own prerequisite by rows before; take one out.")
            )
            continue
        after.setdefault(before, set()).add(then)
        taken.append((before, then))
    return taken


def _reaches(after: dict[UUID, set[UUID]], start: UUID, end: UUID) -> bool:
    waiting, seen = [start], {start}
    while waiting:
        for follower in after.get(waiting.pop(), ()):
            if follower == end:
                return True
            if follower not in seen:
                seen.add(follower)
                waiting.append(follower)
    return False


def _association(framework: Framework, before: UUID, then: UUID) -> Association:
    """The same pair has the same identifier whenever it comes again."""
    identifier = uuid.uuid5(framework.uuid, f"local {before} {Association.PRECEDES} {then}")
    return Association(
        framework=framework,
        uuid=identifier,
        kind=Association.PRECEDES,
        origin=before,
        destination=then,
        local=True,
        content_sha256=content_sha256({"origin": str(before), "destination": str(then)}),
    )
