"""Reading a CASE 1.0 or 1.1 package (1EdTech Competencies and Academic Standards Exchange, CFPackage).

Tolerant: what deviates from the standard is taken with a warning, a part that cannot be keyed is refused by itself, and
everything unknown is kept for the way out. Refused as a whole: no CFDocument, two contents under one identifier, a
tree that goes in a circle, and what exchange/bounded_json.py refuses. docs/formats.md describes all of it.
"""

from collections.abc import Callable, Iterator
from numbers import Real
from operator import itemgetter
from typing import TypeVar
from uuid import UUID

from competencies.calc.framework_content import (
    Arrived,
    Item,
    PackageRefused,
    RowRefused,
    RubricLine,
    RubricSheet,
    RubricStep,
    Source,
    Statement,
    content_sha256,
)
from competencies.calc.framework_tree import ChildOf, Circle, Node, find_circle, place
from competencies.calc.grade_range import grade_range
from competencies.exchange.bounded_json import object_of
from competencies.exchange.case_values import Notes, day_of, is_stamp, link_of, lowered, text_of, texts_of, uuid_of, whole_of

CHILD_OF, PRECEDES = "isChildOf", "precedes"
KINDS = {CHILD_OF, PRECEDES, "isPeerOf", "isPartOf", "exactMatchOf", "isRelatedTo", "replacedBy", "exemplar", "hasSkillLevel"}
KINDS |= {"isTranslationOf"}  # of 1.1
STATUSES = {"Private Draft", "Draft", "Adopted", "Deprecated"}
DEEPEST = 1000
CODE, TYPE, KIND, VERSION = 200, 200, 60, 100
Read = TypeVar("Read", Item, Statement, RubricSheet)


def read_package(content: bytes) -> Arrived:
    """The framework in an unpacked package; raises PackageRefused."""
    return arrange(object_of(content))


def arrange(package: Source) -> Arrived:
    """The framework in a package that is parsed already; raises PackageRefused."""
    if isinstance(package.get("CFPackage"), dict):
        package = package["CFPackage"]
    document = package.get("CFDocument")
    identifier = uuid_of(document.get("identifier")) if isinstance(document, dict) else None
    if not isinstance(document, dict) or identifier is None:
        found = ", ".join(sorted(package)[:5]) or "nothing"
        raise PackageRefused(
            "This is no CASE package: it has no CFDocument with a uuid as its identifier "
            f"(it has {found[:200]}). Ask the publisher for the CFPackage of the framework."
        )
    notes, refused = Notes(), list[RowRefused]()
    document = lowered(document)
    _note_document(document, notes)
    items = _once(_parts(package, "CFItems", _item, notes, refused), "CFItems", notes)
    statements = _once(_parts(package, "CFAssociations", _statement, notes, refused), "CFAssociations", notes)
    rubrics = _once(_parts(package, "CFRubrics", _rubric, notes, refused), "CFRubrics", notes)
    if items and all(item.lowest_grade is None for item in items):
        notes.add("No item names a grade (educationLevel), so nothing here can be ordered or found by grade.")
    order = _order(identifier, items, statements, notes)
    return Arrived(
        identifier=identifier,
        title=text_of(document, "title", notes, "CFDocument") or "(without a title)",
        creator=text_of(document, "creator", notes, "CFDocument"),
        version=text_of(document, "version", notes, "CFDocument")[:VERSION],
        adoption_status=text_of(document, "adoptionStatus", notes, "CFDocument")[:KIND],
        licence=_licence(document),
        document=document,
        definitions={
            key: value for key, value in package.items() if key not in ("CFDocument", "CFItems", "CFAssociations", "CFRubrics")
        },
        items=items,
        statements=statements,
        rubrics=rubrics,
        order=order,
        warnings=notes.lines(),
        refused=refused,
    )


def _note_document(document: Source, notes: Notes) -> None:
    for key in ("title", "creator"):
        if not document.get(key):
            notes.add(f"CFDocument has no {key}, which the standard requires")
    if document.get("adoptionStatus") and document["adoptionStatus"] not in STATUSES:
        notes.add("adoptionStatus is not one of the standard's and was kept as it is", str(document["adoptionStatus"])[:80])
    _note_habits(document, "CFDocument", notes)


def _note_habits(source: Source, where: str, notes: Notes) -> None:
    """Notes on what the standard asks of every object."""
    for key, value in source.items():
        if value is None:
            notes.add(f"{key} is null; read as not given", where)
    for key in ("CFPackageURI", "CFDocumentURI"):
        if key in source:
            notes.add(f"{key} stands inside a package, where the standard has none; it was kept aside", where)
    if not isinstance(source.get("uri"), str):
        notes.add("uri is missing; on the way out it is made from the identifier", where)
    if not is_stamp(source.get("lastChangeDateTime")):
        notes.add("lastChangeDateTime is missing or no date and time with its zone", where)


def _licence(document: Source) -> str:
    link = document.get("licenseURI")
    if isinstance(link, dict):
        return str(link.get("title") or link.get("uri") or "")
    return link if isinstance(link, str) else ""


def _parts(
    package: Source, name: str, read: Callable[[Source, UUID, str, Notes], Read], notes: Notes, refused: list[RowRefused]
) -> Iterator[Read]:
    """The parts of one list that can be keyed; the others become refusals."""
    parts = package.get(name)
    if parts is None:
        return
    if not isinstance(parts, list):
        raise PackageRefused(f"{name} is no list; send the package as its publisher wrote it.")
    for number, part in enumerate(parts):
        where = f"{name}[{number}]"
        identifier = uuid_of(part.get("identifier")) if isinstance(part, dict) else None
        if identifier is None:
            refused.append(RowRefused(where, "It has no uuid as its identifier, so it could not be found again; give it one."))
            continue
        if part["identifier"] != str(identifier):
            notes.add("Identifiers in upper case were read as lower case", where)
        part = lowered(part)
        _note_habits(part, where, notes)
        try:
            yield read(part, identifier, where, notes)
        except _Unfit as problem:
            refused.append(RowRefused(f"{where} {identifier}", str(problem)))


class _Unfit(ValueError):
    """A part that cannot be taken; says why and the way out."""


def _once(parts: Iterator[Read], name: str, notes: Notes) -> list[Read]:
    """Each identifier once; the same content again is passed over, another content refuses the package."""
    found: dict[UUID, Read] = {}
    for part in parts:
        first = found.setdefault(part.identifier, part)
        if first is part:
            continue
        if content_sha256(first.source) != content_sha256(part.source):
            raise PackageRefused(
                f"{name} states {part.identifier} twice with differing content; which one counts cannot be told. Ask the publisher."
            )
        notes.add(f"The same part stands twice in {name}; read once", str(part.identifier))
    return list(found.values())


def _item(source: Source, identifier: UUID, where: str, notes: Notes) -> Item:
    named = {key: text_of(source, key, notes, where) for key in ("fullStatement", "abbreviatedStatement", "humanCodingScheme")}
    statement = named["fullStatement"] or named["abbreviatedStatement"] or named["humanCodingScheme"]
    if not statement.strip():
        raise _Unfit("It has no fullStatement: a competency says something. Add its words.")
    if not named["fullStatement"]:
        notes.add("fullStatement is missing; the abbreviated statement or the code stands for it", where)
    code, item_type = named["humanCodingScheme"], text_of(source, "CFItemType", notes, where)
    if not item_type and isinstance(source.get("CFItemTypeURI"), dict):
        item_type = str(source["CFItemTypeURI"].get("title") or "")
    if not item_type:
        notes.add("CFItemType is missing; an item's level is then its depth in the tree", where)
    if len(code) > CODE or len(item_type) > TYPE:
        notes.add(f"A code or item type has more than {CODE} characters; shown cut off, kept whole", where)
    grades = grade_range(texts_of(source, "educationLevel", notes, where))
    for word in grades.others:
        notes.add(f"educationLevel {word[:40]!r} names no grade; kept as words", where)
    ended_on = day_of(source, "statusEndDate", notes, where)
    enumeration = text_of(source, "listEnumeration", notes, where)
    label = named["abbreviatedStatement"] or text_of(source, "alternativeLabel", notes, where)
    return Item(
        identifier, code[:CODE], statement, label, item_type[:TYPE], enumeration, grades.lowest, grades.highest, ended_on, source
    )  # fmt: skip


def _statement(source: Source, identifier: UUID, where: str, notes: Notes) -> Statement:
    kind = text_of(source, "associationType", notes, where)
    if not kind or len(kind) > KIND:
        raise _Unfit(f"Its associationType is missing or has more than {KIND} characters; say what ties its two ends.")
    if kind not in KINDS and not kind.startswith("ext:"):
        notes.add(f"associationType {kind!r} is not one of the standard's; kept as it is", where)
    origin, destination = link_of(source, "originNodeURI"), link_of(source, "destinationNodeURI")
    for end, found in (("originNodeURI", origin), ("destinationNodeURI", destination)):
        if not isinstance(source.get(end), dict):
            raise _Unfit(f"It has no {end}: an association ties two ends. Add the link.")
        if found is None:
            if kind == CHILD_OF:
                raise _Unfit(f"Its {end} names no uuid, so it hangs nowhere in the tree. Give the identifier of an item.")
            notes.add(f"{end} names no uuid: kept, and tied to nothing here", where)
    return Statement(identifier, kind, origin, destination, whole_of(source, "sequenceNumber", notes, where), source)


def _rubric(source: Source, identifier: UUID, where: str, notes: Notes) -> RubricSheet:
    title, description = (text_of(source, key, notes, where) for key in ("title", "description"))
    lines = []
    for number, line in enumerate(_members(source, "CFRubricCriteria", where, notes)):
        at = f"{where}.CFRubricCriteria[{number}]"
        position = whole_of(line, "position", notes, at)
        lines.append(
            RubricLine(
                UUID(line["identifier"]),
                link_of(line, "CFItemURI"),
                text_of(line, "description", notes, at) or text_of(line, "category", notes, at),
                number if position is None else position,
                tuple(_steps(line, at, notes)),
            )
        )
    return RubricSheet(identifier, title, description, tuple(lines), source)


def _steps(line: Source, where: str, notes: Notes) -> Iterator[RubricStep]:
    """The levels of a criterion from the lowest: by score where each has one, else by position, else as they stand."""
    levels = _members(line, "CFRubricCriterionLevels", where, notes)
    for key in ("score", "position"):
        values = [level[key] for level in levels if isinstance(level.get(key), Real) and not isinstance(level[key], bool)]
        if len(set(values)) == len(levels):
            levels.sort(key=itemgetter(key))
            break
    for rank, level in enumerate(levels, start=1):
        quality, description = (text_of(level, key, notes, where) for key in ("quality", "description"))
        yield RubricStep(UUID(level["identifier"]), rank, quality, description)


def _members(source: Source, name: str, where: str, notes: Notes) -> list[Source]:
    """The objects with a uuid in a rubric's list, each uuid once."""
    listed = source.get(name)
    found: dict[UUID, Source] = {}
    for member in listed if isinstance(listed, list) else []:
        identifier = uuid_of(member.get("identifier")) if isinstance(member, dict) else None
        if identifier is None or identifier in found:
            notes.add(f"A part of {name} has no uuid of its own; kept for the way out, not shown", where)
            continue
        found[identifier] = member
    return list(found.values())


def _order(document: UUID, items: list[Item], statements: list[Statement], notes: Notes) -> list[tuple[UUID, int]]:
    """The tree from top to bottom, with notes on what hangs nowhere; raises PackageRefused."""
    names = {item.identifier: item.code or item.label or item.statement[:40] for item in items}
    edges: list[ChildOf] = []
    pairs: set[tuple[UUID, UUID]] = set()
    for one in statements:
        if one.kind != CHILD_OF or one.origin is None or one.destination is None:
            continue
        if (one.origin, one.destination) in pairs:
            notes.add(
                "isChildOf is stated more than once between the same two; the child stands once",
                names.get(one.origin, str(one.origin)),
            )
        pairs.add((one.origin, one.destination))
        if one.origin not in names or (one.destination not in names and one.destination != document):
            notes.add("isChildOf names an item that is not in this package; passed over in the tree", str(one.identifier))
        edges.append(ChildOf(one.origin, one.destination, one.sequence))
    nodes = [Node(item.identifier, item.enumeration, item.code) for item in items]
    try:
        order, orphans = place(document, nodes, edges)
    except Circle as circle:
        shown = " is a child of ".join(names.get(one, str(one)) for one in circle.path[:6])
        raise PackageRefused(
            f"The tree goes in a circle: {shown}{' ...' if len(circle.path) > 6 else ''}. Ask the publisher."
        ) from None
    if order and max(depth for _, depth in order) >= DEEPEST:
        raise PackageRefused(f"The tree is deeper than {DEEPEST} levels; no framework is.")
    for orphan in orphans:
        notes.add("No isChildOf hangs an item anywhere; it stands under the document, after the others", names[orphan])
    first: dict[UUID, UUID] = {}
    for edge in edges:
        if edge.child in names and first.setdefault(edge.child, edge.parent) != edge.parent:
            notes.add("An item has more than one parent; it stands where it is met first", names[edge.child])
    after: dict[UUID, list[UUID]] = {}
    for one in statements:
        if one.kind == PRECEDES and one.origin is not None and one.destination is not None:
            after.setdefault(one.origin, []).append(one.destination)
    if find_circle(after):
        notes.add("Its prerequisites go in a circle: " + " precedes ".join(names.get(one, str(one)) for one in find_circle(after)[:6]))
    return order
