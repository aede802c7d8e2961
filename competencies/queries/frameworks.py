"""What screens and plans read of frameworks. Expects to run under area_learning."""

import datetime
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Count, F, OuterRef, Prefetch, Q
from django.utils.translation import gettext as _

from competencies.models import Association, Competency, CompetencyWording, Framework, RubricCriterion, RubricLevel

# The other end of a crosswalk may be a competency of a framework that is not on file, so the chain is followed over
# identifiers, and both ways: a match is mutual.
_MATCHES = """
WITH RECURSIVE reached (start, at) AS (
    SELECT u, u FROM unnest(%s::uuid[]) u
    UNION
    SELECT r.start, CASE WHEN a.origin = r.at THEN a.destination ELSE a.origin END
    FROM reached r JOIN learning.competencies_association a
      ON a.kind = 'exactMatchOf' AND a.retired_on IS NULL AND (a.origin = r.at OR a.destination = r.at)
    WHERE a.origin IS NOT NULL AND a.destination IS NOT NULL
)
SELECT r.start, r.at FROM reached r JOIN learning.competencies_competency c ON c.uuid = r.at WHERE r.start <> r.at
"""


@dataclass(frozen=True, slots=True)
class Node:
    """A competency in a graph. `grades` are (lowest, highest), each None where the publisher names none; -1 is
    pre-kindergarten, 0 kindergarten. `position` is its place in its framework read from top to bottom."""

    id: int
    uuid: uuid.UUID
    framework_id: int
    code: str
    statement: str
    label: str
    item_type: str
    kind: str
    grades: tuple[int | None, int | None]
    position: int
    depth: int
    retired: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """Competencies by id; `parents`: of each, the ids above it (an item at the top has none); `precedes`: pairs
    (prerequisite, what follows it), the publisher's and the uploaded ones. Edges to what is not on file are left out."""

    nodes: dict[int, Node]
    parents: dict[int, tuple[int, ...]]
    precedes: tuple[tuple[int, int], ...]


def competency_graph(framework_ids: Iterable[int] | None = None) -> Graph:
    """The competencies of these frameworks (of all without a choice), retired ones too, with their edges. Two queries."""
    chosen = Competency.objects.all() if framework_ids is None else Competency.objects.filter(framework__in=list(framework_ids))
    nodes = {node.id: node for node in _nodes(chosen.order_by("framework_id", "position", "id"))}
    ids: dict[uuid.UUID | None, int] = {node.uuid: node.id for node in nodes.values()}
    # An edge between two chosen ones may stand in another framework: a crosswalk, or a state's own list.
    kinds = [Association.CHILD_OF, Association.PRECEDES]
    edges = Association.objects.filter(kind__in=kinds, retired_on__isnull=True, origin__isnull=False, destination__isnull=False)
    if framework_ids is not None:
        among = chosen.order_by().values("uuid")
        edges = edges.filter(origin__in=among, destination__in=among)
    parents: dict[int, dict[int, None]] = {}
    precedes: dict[tuple[int, int], None] = {}
    for kind, origin, destination in edges.order_by("id").values_list("kind", "origin", "destination"):
        start, end = ids.get(origin), ids.get(destination)
        if start is None or end is None:
            continue
        if kind == Association.CHILD_OF:
            parents.setdefault(start, {})[end] = None
        else:
            precedes[start, end] = None
    return Graph(nodes, {child: tuple(above) for child, above in parents.items()}, tuple(precedes))


def competencies_by_uuid(uuids: Collection[uuid.UUID]) -> dict[uuid.UUID, Node]:
    """Those of `uuids` that are on file, retired ones too. One query."""
    return {node.uuid: node for node in _nodes(Competency.objects.filter(uuid__in=list(uuids)))}


def exact_matches(uuids: Collection[uuid.UUID]) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """For each of `uuids`, on file or not, the competencies on file that a chain of exactMatchOf ties to it. One query."""
    found: dict[uuid.UUID, set[uuid.UUID]] = {one: set() for one in uuids}
    with connection.cursor() as cursor:
        cursor.execute(_MATCHES, [list(found)])
        for start, match in cursor.fetchall():
            found[start].add(match)
    return {one: frozenset(matches) for one, matches in found.items()}


_FIELDS = ("id", "uuid", "framework_id", "code", "statement", "label", "item_type", "kind", "position", "depth")


def _nodes(competencies: Any) -> Iterable[Node]:
    return (_node(row) for row in competencies.values(*_FIELDS, "lowest_grade", "highest_grade", "retired_on"))


def _node(row: dict[str, Any]) -> Node:
    grades = (row["lowest_grade"], row["highest_grade"])
    return Node(**{name: row[name] for name in _FIELDS}, grades=grades, retired=row["retired_on"] is not None)


def frameworks() -> list[dict[str, Any]]:
    """Every framework with the number of its competencies in use and retired, by title. One query."""
    counted = Framework.objects.annotate(
        in_use=Count("competencies", filter=Q(competencies__retired_on__isnull=True)),
        retired=Count("competencies", filter=Q(competencies__retired_on__isnull=False)),
    )
    fields = ("uuid", "title", "creator", "version", "adoption_status", "licence", "in_use", "retired")
    return list(counted.order_by("title", "id").values(*fields, scale_code=F("scale__code")))


def framework_by_uuid(identifier: uuid.UUID) -> Framework | None:
    """The framework with its scale, or None."""
    return Framework.objects.select_related("scale").filter(uuid=identifier).first()


@dataclass(frozen=True, slots=True)
class TreeItem:
    """A node in the tree as its framework orders it; `parents` are identifiers (empty: right under the document)."""

    node: Node
    parents: tuple[uuid.UUID, ...]
    retired_on: datetime.date | None


def framework_tree(framework: Framework, *, with_retired: bool = False) -> list[TreeItem]:
    """The framework's competencies from top to bottom. One query, whatever its size."""
    chosen = Competency.objects.filter(framework=framework)
    if not with_retired:
        chosen = chosen.filter(retired_on__isnull=True)
    above = Association.objects.filter(
        framework=framework, kind=Association.CHILD_OF, origin=OuterRef("uuid"), destination__isnull=False, retired_on__isnull=True
    )
    rows = chosen.annotate(above=ArraySubquery(above.order_by("id").values("destination"))).order_by("position", "id")
    found = list(rows.values(*_FIELDS, "lowest_grade", "highest_grade", "retired_on", "above"))
    known = {row["uuid"] for row in found}
    # The same parent may be stated twice; the document is no item.
    parents = [tuple(dict.fromkeys(parent for parent in row["above"] if parent in known)) for row in found]
    return [TreeItem(_node(row), above, row["retired_on"]) for row, above in zip(found, parents, strict=True)]


@dataclass(frozen=True, slots=True)
class Tie:
    """An association as one of its ends sees it. `other` is the other end's identifier; `node` that end, where it is on file."""

    kind: str
    outward: bool
    other: uuid.UUID | None
    title: str
    local: bool
    node: Node | None


def associations_of(identifier: uuid.UUID) -> list[Tie]:
    """What is stated about a competency, from either end. Two queries."""
    stated = Association.objects.filter(Q(origin=identifier) | Q(destination=identifier), retired_on__isnull=True)
    rows = list(stated.order_by("kind", "sequence", "id").values("kind", "origin", "destination", "local", "source"))
    ends = {end for row in rows for end in (row["origin"], row["destination"]) if end is not None and end != identifier}
    nodes = competencies_by_uuid(ends)
    ties = []
    for row in rows:
        outward = row["origin"] == identifier
        other = row["destination"] if outward else row["origin"]
        link = row["source"].get("destinationNodeURI" if outward else "originNodeURI")
        title = str(link.get("title") or "") if isinstance(link, dict) else ""
        ties.append(Tie(row["kind"], outward, other, title, row["local"], nodes.get(other) if other else None))
    return ties


def rubric_lines_of(competency_id: int) -> list[RubricCriterion]:
    """The rubric criteria about a competency, with `.rubric`, their levels by rank and each level's samples. Three queries."""
    lines = RubricCriterion.objects.select_related("rubric").filter(competency=competency_id, rubric__retired_on__isnull=True)
    lines = lines.filter(retired_on__isnull=True).order_by("rubric_id", "position", "id")
    in_use = RubricLevel.objects.filter(retired_on__isnull=True).order_by("rank").prefetch_related("samples")
    return list(lines.prefetch_related(Prefetch("levels", in_use)))


def earlier_wordings(competency_id: int) -> list[dict[str, Any]]:
    """What a competency said before, the latest first, each with the day until which it stood. One query."""
    kept = CompetencyWording.objects.filter(competency=competency_id).order_by("-id")
    return [dict(row) for row in kept.values("code", "statement", "arrival__recorded_at")]


def replacement(competency_id: int) -> str:
    """By what a retired competency is replaced, in a sentence for whoever would judge it. Two queries."""
    retired = Competency.objects.filter(pk=competency_id).values("uuid")
    stands = Association.objects.filter(kind=Association.REPLACED_BY, origin__in=retired, retired_on__isnull=True)
    found = Competency.objects.filter(uuid__in=stands.values("destination"), retired_on__isnull=True).order_by("position", "id")
    named = [f"{one.code or one.statement[:80]} ({one.uuid})" for one in found]
    if not named:
        return _("Its framework names nothing that replaces it.")
    return _("Judge what replaces it: %(named)s.") % {"named": ", ".join(named)}
