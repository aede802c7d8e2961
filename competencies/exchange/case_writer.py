"""Writing a CASE package strictly: only what the standard's schema has, in its types; everything else stays behind.

Written as 1.0, which every reader takes, unless the framework says something that only 1.1 can.
"""

import datetime
import re
from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any

from competencies.exchange.case_package import KINDS
from competencies.exchange.case_values import Notes, is_stamp, texts_of, uuid_of, whole_of

_EXTENSION = re.compile(r"ext:[a-zA-Z0-9._-]+")
_NAMED = {"identifier": "uuid", "uri": "uri", "lastChangeDateTime": "stamp"}
_STATUS = {"statusStartDate": "day", "statusEndDate": "day"}
# {object: {key: form}} of the standard; a form with "1.1 " before it is of 1.1 alone.
FORMS: dict[str, dict[str, str]] = {
    "CFDocument": _NAMED
    | {"creator": "text!", "title": "text!", "officialSourceURL": "uri?", "publisher": "text", "description": "text"}
    | {"subject": "texts", "subjectURI": "[link]", "language": "text", "version": "text", "adoptionStatus": "text"}
    | {"frameworkType": "1.1 text", "caseVersion": "1.1 version", "licenseURI": "link", "notes": "text"}
    | _STATUS,
    "CFItem": _NAMED
    | {"fullStatement": "text!", "alternativeLabel": "text", "CFItemType": "text", "humanCodingScheme": "text"}
    | {"listEnumeration": "text", "abbreviatedStatement": "text", "conceptKeywords": "texts", "conceptKeywordsURI": "link"}
    | {"notes": "text", "subject": "1.1 texts", "subjectURI": "1.1 [link]", "language": "text", "educationLevel": "texts"}
    | {"CFItemTypeURI": "link", "licenseURI": "link"}
    | _STATUS,
    "CFAssociation": _NAMED
    | {"associationType": "kind", "sequenceNumber": "whole", "originNodeURI": "node", "destinationNodeURI": "node"}
    | {"CFAssociationGroupingURI": "link", "notes": "1.1 text"},
    "CFConcept": _NAMED | {"title": "text!", "keywords": "text", "hierarchyCode": "text!", "description": "text"},
    "CFSubject": _NAMED | {"title": "text!", "hierarchyCode": "text!", "description": "text"},
    "CFLicense": _NAMED | {"title": "text!", "description": "text", "licenseText": "text!"},
    "CFItemType": _NAMED | {"title": "text!", "description": "text!", "hierarchyCode": "text!", "typeCode": "text"},
    "CFAssociationGrouping": _NAMED | {"title": "text!", "description": "text"},
    "CFRubric": _NAMED | {"title": "text", "description": "text", "CFRubricCriteria": "[CFRubricCriterion]"},
    "CFRubricCriterion": _NAMED
    | {"category": "text", "description": "text", "CFItemURI": "link", "weight": "number", "position": "whole"}
    | {"rubricId": "uuid", "CFRubricCriterionLevels": "[CFRubricCriterionLevel]"},
    "CFRubricCriterionLevel": _NAMED
    | {
        "description": "text",
        "quality": "text",
        "score": "number",
        "feedback": "text",
        "position": "whole",
        "rubricCriterionId": "uuid",
    },
    "link": {"title": "text!", "identifier": "uuid", "uri": "uri"},
    "node": {"title": "text!", "identifier": "text!", "uri": "uri", "targetType": "1.1 text"},
}
DEFINITIONS = ("CFConcept", "CFSubject", "CFLicense", "CFItemType", "CFAssociationGrouping")
LISTS = {"CFItems": "CFItem", "CFAssociations": "CFAssociation", "CFRubrics": "CFRubric"}


def write_package(package: Mapping[str, Any], *, stamped: datetime.datetime | None) -> dict[str, Any]:
    """The package in the strict form. `stamped` stands for a time of change that its sender never gave."""
    newer = _needs_newer(package)
    writer = _Writer(newer, (stamped or datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)).isoformat(timespec="seconds"))
    written: dict[str, Any] = {"CFDocument": writer.object("CFDocument", package["CFDocument"])}
    for name, form in LISTS.items():
        parts = writer.objects(form, package.get(name))
        if parts or name != "CFRubrics":
            written[name] = parts
    definitions = package.get("CFDefinitions")
    if isinstance(definitions, dict):
        # A grouping is "CFAssociationGroupings" and so on; CFLicense and all others take an s.
        named = {f"{form}s": writer.objects(form, definitions.get(f"{form}s")) for form in DEFINITIONS if f"{form}s" in definitions}
        written["CFDefinitions"] = named | writer.extensions(definitions)
    return written | writer.extensions(package)


def _needs_newer(package: Mapping[str, Any]) -> bool:
    """Whether the framework says what 1.0 cannot."""
    if package["CFDocument"].get("caseVersion") == "1.1":
        return True
    kinds = {one.get("associationType") for one in package.get("CFAssociations") or []}
    if kinds - (KINDS - {"isTranslationOf"}):
        return True
    parts = [("CFDocument", package["CFDocument"])]
    parts += [(form, one) for name, form in LISTS.items() for one in package.get(name) or []]
    only = {form: {key for key, said in keys.items() if said.startswith("1.1 ")} | {"extensions"} for form, keys in FORMS.items()}
    return "extensions" in package or any(only[form] & part.keys() for form, part in parts)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


class _Writer:
    """Writes objects by FORMS, in one version of the standard."""

    def __init__(self, newer: bool, stamp: str) -> None:
        self._newer, self._stamp = newer, stamp
        self._forms: dict[str, Callable[[dict[str, Any], str], Any]] = {
            "text": lambda source, key: str(source[key]) if isinstance(source.get(key), str | int | Real) else None,
            "text!": lambda source, key: str(source[key]) if isinstance(source.get(key), str | int | Real) else "",
            "texts": lambda source, key: texts_of(source, key, Notes(), "") if source.get(key) is not None else None,
            "uuid": lambda source, key: str(uuid_of(source.get(key)) or "") or None,
            "uri": self._uri,
            "uri?": lambda source, key: source[key] if isinstance(source.get(key), str) and source[key] else None,
            "stamp": lambda source, key: source[key] if is_stamp(source.get(key)) else self._stamp,
            "day": self._day,
            "whole": lambda source, key: whole_of(source, key, Notes(), ""),
            "number": lambda source, key: (
                source[key] if type(source.get(key)) is not bool and isinstance(source.get(key), Real) else None
            ),
            "kind": self._kind,
            "version": lambda source, key: "1.1" if source.get(key) is not None else None,
        }

    def objects(self, form: str, parts: Any) -> list[dict[str, Any]]:
        """The parts that can be written: what has no identifier is nothing that the standard could name."""
        written = (self.object(form, part) for part in parts if isinstance(part, dict)) if isinstance(parts, list) else ()
        return [part for part in written if "identifier" in part]

    def object(self, name: str, source: dict[str, Any]) -> dict[str, Any]:
        written = {}
        for key, said in FORMS[name].items():
            form = said.removeprefix("1.1 ")
            if form != said and not self._newer:
                continue
            if form.startswith("["):
                value: Any = self.objects(form[1:-1], source[key]) if source.get(key) is not None else None
            elif form in FORMS:
                value = self.object(form, source[key]) if isinstance(source.get(key), dict) else None
                # A link that names nothing is none.
                value = value if value and "identifier" in value else None
            else:
                value = self._forms[form](source, key)
            if value is not None:
                written[key] = value
        return written | (self.extensions(source, name) if name not in ("link", "node") else {})

    def extensions(self, source: Mapping[str, Any], name: str = "") -> dict[str, Any]:
        """What 1.1 leaves open to its users, as it was sent. The standard has a list of it at a rubric's levels alone."""
        fits = isinstance(source.get("extensions"), list if name == "CFRubricCriterionLevel" else dict)
        return {"extensions": source["extensions"]} if self._newer and fits else {}

    def _uri(self, source: dict[str, Any], key: str) -> str:
        if isinstance(source.get(key), str) and source[key]:
            return source[key]
        identifier = uuid_of(source.get("identifier"))
        return f"urn:uuid:{identifier}" if identifier else "urn:unknown"

    def _day(self, source: dict[str, Any], key: str) -> str | None:
        value = source.get(key)
        if not isinstance(value, str):
            return None
        if len(value) > 10 and is_stamp(value) and not self._newer:
            return value
        try:
            return datetime.date.fromisoformat(value[:10]).isoformat()
        except ValueError:
            return None

    def _kind(self, source: dict[str, Any], key: str) -> str:
        kind = str(source.get(key))
        if kind in KINDS or _EXTENSION.fullmatch(kind):
            return kind
        return "ext:" + (re.sub(r"[^a-zA-Z0-9._-]", "_", kind.removeprefix("ext:")) or "_")
