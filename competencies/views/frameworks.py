"""Frameworks as pages: which there are, and the tree of one, to be searched and opened branch by branch."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from competencies.access import MAY_BY_ROLE, require_role
from competencies.queries.frameworks import Node, framework_by_uuid, framework_tree, frameworks
from competencies.queries.scales import newest_of_scales
from database.areas import acting_as
from people.roles import roles_of

# So many items are sent at once: some 400 KB. What lies deeper in a larger framework is one click away.
SHOWN = 1500
FOUND = 50


def require(request: HttpRequest, verb: str) -> None:
    """Answers 403 where no role of the reader may do `verb`."""
    require_role(verb, roles_of(request))


@require_GET
def frameworks_page(request: HttpRequest) -> HttpResponse:
    """Every framework on file."""
    require(request, "read_frameworks")
    with acting_as("area_learning"):
        found = frameworks()
    may_bring = bool(roles_of(request).kinds & MAY_BY_ROLE["bring_frameworks"])
    return render(request, "competencies/frameworks.html", {"frameworks": found, "may_bring": may_bring})


@dataclass(slots=True)
class Branch:
    """An item of the tree with what hangs below it; `more` counts what is not sent along."""

    node: Node
    below: list["Branch"]
    more: int = 0


@require_GET
def framework_page(request: HttpRequest, framework: uuid.UUID) -> HttpResponse:
    """One framework: its scale, and its tree or what a search finds in it; of one branch on request (`?under=`)."""
    require(request, "read_frameworks")
    with_retired = "retired" in request.GET
    with acting_as("area_learning"):
        found = framework_by_uuid(framework)
        if found is None:
            raise Http404
        nodes = [item.node for item in framework_tree(found, with_retired=with_retired)]
        version = newest_of_scales([found.scale_id]).get(found.scale_id)
    context: dict[str, Any] = {"framework": found, "count": len(nodes), "version": version, "with_retired": with_retired}
    context["q"] = request.GET.get("q", "")[:200]
    if context["q"].strip():
        paths = paths_of(nodes)
        words = context["q"].casefold().split()
        hits = [(node, paths[node.id]) for node in nodes if all(word in f"{node.code} {node.statement}".casefold() for word in words)]
        context["page"] = Paginator(hits, FOUND).get_page(request.GET.get("page"))
    else:
        at = next((place for place, node in enumerate(nodes) if str(node.uuid) == request.GET.get("under")), None)
        context["under"] = None if at is None else nodes[at]
        context["above"] = [] if at is None else paths_of(nodes)[nodes[at].id]
        context["branches"] = branches(nodes if at is None else below(nodes, at))
    return render(request, "competencies/framework.html", context)


def below(nodes: list[Node], at: int) -> list[Node]:
    """What hangs below the item at place `at` of the tree's order."""
    rest = nodes[at + 1 :]
    end = next((place for place, node in enumerate(rest) if node.depth <= nodes[at].depth), len(rest))
    return rest[:end]


def paths_of(nodes: list[Node]) -> dict[int, list[Node]]:
    """{id: the items above it, from the top}, of a tree in its order."""
    found: dict[int, list[Node]] = {}
    trail: list[Node] = []
    for node in nodes:
        while trail and trail[-1].depth >= node.depth:
            trail.pop()
        found[node.id] = list(trail)
        trail.append(node)
    return found


def branches(nodes: list[Node]) -> list[Branch]:
    """The tree of items in its order, as deep as SHOWN of them allow, at least its top."""
    depths = sorted({node.depth for node in nodes})
    deepest = max((depth for depth in depths if sum(node.depth <= depth for node in nodes) <= SHOWN), default=min(depths, default=0))
    top: list[Branch] = []
    trail: list[Branch] = []
    for node in nodes:
        while trail and trail[-1].node.depth >= node.depth:
            trail.pop()
        if node.depth > deepest:
            # Counted for the one under which a reader can open it.
            trail[-1].more += 1
            continue
        branch = Branch(node, [])
        (trail[-1].below if trail else top).append(branch)
        trail.append(branch)
    return top
