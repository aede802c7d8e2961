"""A framework as a plain table: one competency a line, in the layout that docs/formats.md describes.

The table becomes a CASE package and goes the same way from there, so a later CASE package of the same framework meets it.
"""

import re
import uuid
from typing import Any

from competencies.calc.framework_content import Arrived, PackageRefused, RowRefused
from competencies.calc.framework_tree import find_circle
from competencies.calc.grade_range import grade_range
from competencies.exchange.case_package import CHILD_OF, PRECEDES, arrange
from competencies.exchange.case_values import Notes, uuid_of
from competencies.exchange.table import rows_of

COLUMNS = ("code", "statement")
OPTIONAL = ("parent", "grade", "after", "label", "item_type", "sequence", "identifier")
CODE = 200
# Names of frameworks that have no identifier of their own; made once, never changed.
OWN_FRAMEWORKS = uuid.UUID("6d2b7e0e-8f0c-5d55-9a44-5f6c6f6d7061")
_SEPARATORS = re.compile(r"[\s;]+")


def read_table(content: bytes, *, title: str, identifier: uuid.UUID | None) -> Arrived:
    """The framework in an unpacked table; raises PackageRefused.

    Without an `identifier` the title names the framework, so the same title is the same framework. A line without an
    identifier of its own is known again by its code. Without a sequence, siblings stand as their lines do.
    """
    if not title.strip():
        raise PackageRefused("A table does not say what framework it is: give its title, or the identifier of one that is on file.")
    framework = identifier or uuid.uuid5(OWN_FRAMEWORKS, title.strip())
    notes, refused = Notes(), list[RowRefused]()
    rows = _rows(content, framework, refused)
    known = {row["code"]: row for row in rows if row["code"]} | {row["identifier"]: row for row in rows}
    items, associations = [], []
    siblings: dict[str, int] = {}
    for row in rows:
        items.append(_item(row, notes))
        if row["parent"] and row["parent"] not in known:
            notes.add(f"Parent {row['parent']!r} is no code of this table; the line stands under the document", f"line {row['line']}")
        parent = known.get(row["parent"])
        above = parent["identifier"] if parent else str(framework)
        siblings[above] = siblings.get(above, 0) + 1
        sequence = int(row["sequence"]) if row["sequence"] else siblings[above]
        associations.append(_statement(framework, row["identifier"], CHILD_OF, above, sequence))
        for code in filter(None, _SEPARATORS.split(row["after"])):
            if code in known:
                associations.append(_statement(framework, known[code]["identifier"], PRECEDES, row["identifier"]))
            else:
                notes.add(f"Prerequisite {code[:60]!r} is no code of this table; passed over", f"line {row['line']}")
    _warn_of_circles(associations, rows, notes)
    document = {"identifier": str(framework), "uri": f"urn:uuid:{framework}", "title": title.strip()}
    arrived = arrange({"CFDocument": document, "CFItems": items, "CFAssociations": associations})
    arrived.warnings, arrived.refused = notes.lines(), refused + arrived.refused
    return arrived


def _warn_of_circles(associations: list[dict[str, Any]], rows: list[dict[str, Any]], notes: Notes) -> None:
    """Prerequisites that go in a circle are taken as they are said: whoever wrote them is told, for no path can begin there."""
    following: dict[uuid.UUID, set[uuid.UUID]] = {}
    for one in associations:
        if one["associationType"] == PRECEDES:
            before, then = (uuid.UUID(one[end]["identifier"]) for end in ("originNodeURI", "destinationNodeURI"))
            following.setdefault(before, set()).add(then)
    if circle := find_circle(following):
        code_of = {uuid.UUID(row["identifier"]): row["code"] or row["identifier"] for row in rows}
        notes.add(f"The prerequisites in the column after go in a circle: {' > '.join(code_of[one] for one in circle)}", "the table")


def _rows(content: bytes, framework: uuid.UUID, refused: list[RowRefused]) -> list[dict[str, Any]]:
    """The lines that can be taken, with their line number and identifier; the others become refusals."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows_of(content, COLUMNS, OPTIONAL):
        if isinstance(row, RowRefused):
            refused.append(row)
            continue
        line, cells = row
        own = uuid_of(cells["identifier"])
        problem = _problem(cells)
        key = str(own or uuid.uuid5(framework, cells["code"]))
        if not problem and key in found:
            problem = f"Line {found[key]['line']} has this {'identifier' if own else 'code'} already; each names one competency."
        if problem:
            refused.append(RowRefused(f"line {line}", problem))
        else:
            found[key] = cells | {"line": line, "identifier": key}
    return list(found.values())


def _problem(cells: dict[str, str]) -> str:
    if cells["identifier"] and uuid_of(cells["identifier"]) is None:
        return "identifier: this is no uuid; leave it empty and the code names the competency."
    if not cells["code"] and not cells["identifier"]:
        return "code: it is empty; without one the competency cannot be found again."
    if len(cells["code"]) > CODE:
        return f"code: it has more than {CODE} characters."
    if cells["code"] != "" and _SEPARATORS.search(cells["code"]):
        return "code: it holds a space or a semicolon, which separate codes in the column after."
    if not cells["statement"]:
        return "statement: it is empty; a competency says something."
    if cells["grade"] and grade_range([cells["grade"]]).lowest is None:
        return f"grade: {cells['grade'][:40]!r} is none; write PK, KG, 1 to 12 or a range such as 9-12."
    if cells["sequence"] and not re.fullmatch(r"[0-9]{1,9}", cells["sequence"]):
        return "sequence: write a whole number, or leave it empty."
    return ""


def _item(row: dict[str, Any], notes: Notes) -> dict[str, Any]:
    item = {"identifier": row["identifier"], "uri": f"urn:uuid:{row['identifier']}", "fullStatement": row["statement"]}
    for key, column in (("humanCodingScheme", "code"), ("abbreviatedStatement", "label"), ("CFItemType", "item_type")):
        if row[column]:
            item[key] = row[column]
    grades = grade_range([row["grade"]] if row["grade"] else [])
    if grades.lowest is not None and grades.highest is not None:
        names = {-1: "PK", 0: "KG"}
        item["educationLevel"] = [names.get(grade, f"{grade:02}") for grade in range(grades.lowest, grades.highest + 1)]
    return item


def _statement(framework: uuid.UUID, origin: str, kind: str, destination: str, sequence: int | None = None) -> dict[str, Any]:
    """The same statement has the same identifier whenever the table comes again."""
    identifier = str(uuid.uuid5(framework, f"{origin} {kind} {destination}"))
    ends = {
        name: {"title": end, "identifier": end, "uri": f"urn:uuid:{end}"}
        for name, end in (("originNodeURI", origin), ("destinationNodeURI", destination))
    }
    statement = {"identifier": identifier, "uri": f"urn:uuid:{identifier}", "associationType": kind, **ends}
    return statement if sequence is None else statement | {"sequenceNumber": sequence}
