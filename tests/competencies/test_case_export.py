"""CASE packages go out again: valid by the standard's own schemas, and with everything that came in."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from competencies.models import Association, Competency, Framework, FrameworkArrival
from tests.competencies.case_packages import (
    CASE,
    MATHEMATICS,
    STAMP,
    document,
    identifier,
    item,
    link,
    needs_shared_data,
    package,
    take,
    tie,
)

pytestmark = pytest.mark.django_db


def exported(uuid=None):
    out = io.StringIO()
    call_command("export_framework", str(uuid or Framework.objects.get().uuid), stdout=out)
    return json.loads(out.getvalue())


def errors_by(version, package):
    from jsonschema import Draft7Validator, Draft201909Validator, FormatChecker

    schema = json.loads((CASE / "schema" / f"case-v1p{version}-cfpackage.schema.json").read_text())
    validator = Draft201909Validator if version else Draft7Validator
    return [
        f"{list(error.path)}: {error.message[:200]}"
        for error in validator(schema, format_checker=FormatChecker()).iter_errors(package)
    ]


def without_nulls(value):
    if isinstance(value, dict):
        return {key: without_nulls(member) for key, member in value.items() if member is not None}
    return [without_nulls(member) for member in value] if isinstance(value, list) else value


@needs_shared_data
def test_the_standards_for_mathematics_go_out_as_they_came_in_and_valid():
    take(MATHEMATICS)
    out = exported()
    assert out == json.loads(MATHEMATICS.read_text())
    assert [errors_by(version, out) for version in (0, 1)] == [[], []]
    assert not take(out).is_change


@needs_shared_data
@pytest.mark.parametrize(
    "name", ["ItemTypeTestFramework", "MarkdownFramework", "Ordering", "SmartLevelFramework", "Utf8TestFramework"]
)
def test_a_sample_goes_out_valid_with_all_that_the_schema_has(name):
    path = CASE / "samples" / f"{name}.json"
    take(path)
    out = exported()
    assert [errors_by(version, out) for version in (0, 1)] == [[], []]
    sent = json.loads(path.read_text())
    for one in (sent["CFDocument"], *sent["CFItems"], *sent["CFAssociations"]):
        one.pop("CFPackageURI", None)
        one.pop("CFDocumentURI", None)
    assert without_nulls(sent) == out
    again = take(out)
    assert [again.added, again.changed, again.retired, again.associations] == [[], [], [], []]


def level(name, rank, **fields):
    named = {"identifier": identifier(name), "uri": f"https://example.org/{identifier(name)}", "lastChangeDateTime": STAMP}
    return {**named, "quality": f"Quality {rank}", "description": f"Work at {rank}", "score": rank, "position": rank, **fields}


def rubric(name="rubric", about="A", ranks=(1, 2, 3, 4)):
    named = {"identifier": identifier(name), "uri": f"https://example.org/{identifier(name)}", "lastChangeDateTime": STAMP}
    line = {
        "identifier": identifier(f"{name} line"),
        "uri": "https://example.org/line",
        "category": "Content",
        "description": "What it says",
        "CFItemURI": link(about),
        "weight": 0.25,
        "position": 1,
        "rubricId": identifier(name),
        "lastChangeDateTime": STAMP,
        "CFRubricCriterionLevels": [level(f"{name} level {rank}", rank) for rank in ranks],
    }
    return {**named, "title": "How it is judged", "description": "For all", "CFRubricCriteria": [line]}


def everything():
    """A package of 1.1 with every list that the standard has."""
    named = {"uri": "https://example.org/x", "lastChangeDateTime": STAMP}
    definitions = {
        "CFConcepts": [{**named, "identifier": identifier("concept"), "title": "Number", "keywords": "n", "hierarchyCode": "1"}],
        "CFSubjects": [{**named, "identifier": identifier("subject"), "title": "Maths", "hierarchyCode": "1"}],
        "CFLicenses": [{**named, "identifier": identifier("licence"), "title": "CC BY", "licenseText": "Name it"}],
        "CFItemTypes": [{**named, "identifier": identifier("type"), "title": "S", "description": "Standard", "hierarchyCode": "1"}],
        "CFAssociationGroupings": [{**named, "identifier": identifier("group"), "title": "Crosswalk"}],
        "extensions": {"kept": [1, 2]},
    }
    ties = [
        tie("A", "document", sequenceNumber=2, notes="first"),
        tie("B", "document", sequenceNumber=1),
        tie("A", "B", "precedes"),
        tie("A", "elsewhere", "exactMatchOf", CFAssociationGroupingURI=link("group")),
        tie("A", "B", "isPeerOf"),
        tie("A", "B", "ext:needs"),
        tie("A", "B", "exemplar")
        | {"destinationNodeURI": {"title": "A film", "identifier": "film-7", "uri": "https://example.org/film"}},
    ]
    items = [
        item("A", licenseURI=link("licence"), subject=["Maths"], extensions={"colour": "blue"}),
        item("B", educationLevel=["PK", "KG"]),
    ]
    others = {"CFDefinitions": definitions, "CFRubrics": [rubric()], "extensions": {"ours": {"x": None}}}
    stated = document(caseVersion="1.1", frameworkType="Standards", licenseURI=link("licence"), subject=["Maths"])
    return {**package(items, ties, **others), "CFDocument": stated}


def test_groupings_subjects_licences_rubrics_and_every_kind_of_association_survive():
    sent = everything()
    changes = take(sent)
    assert changes.refused == []
    assert exported() == sent
    assert set(Association.objects.values_list("kind", flat=True)) == {
        "isChildOf", "precedes", "exactMatchOf", "isPeerOf", "ext:needs", "exemplar",
    }  # fmt: skip
    assert Framework.objects.get().licence == "licence"
    assert not take(exported()).is_change


@needs_shared_data
def test_a_package_with_everything_is_valid_by_the_schema_of_1_1():
    take(everything())
    assert errors_by(1, exported()) == []


@needs_shared_data
def test_what_deviates_goes_out_strictly():
    sent = package(["A", "B"])
    sent["CFDocument"].pop("uri")
    sent["CFItems"][0] |= {
        "identifier": identifier("A").upper(),
        "listEnumeration": 7,
        "notes": None,
        "CFItemTypeURI": {"title": "Standard"},
        "lastChangeDateTime": "yesterday",
        "colour": "blue",
        "educationLevel": "04",
        "statusStartDate": "2020-01-01T00:00:00Z",
    }
    sent["CFAssociations"][0]["sequenceNumber"] = "1"
    changes = take(sent)
    assert [changes.refused, len(changes.warnings)] == [[], 6]
    out = exported()
    assert [errors_by(0, out)] == [[]]
    assert out["CFDocument"]["uri"] == f"urn:uuid:{out['CFDocument']['identifier']}"
    assert out["CFItems"][0]["identifier"] == identifier("A")
    assert Competency.objects.get(code="A").source["colour"] == "blue"
    kept = json.loads(json.dumps(out))
    take(kept)
    assert exported() == kept


def test_what_is_retired_and_what_is_ours_stays_behind():
    from competencies.actions.import_prerequisites import import_prerequisites
    from competencies.exchange.prerequisites_csv import PrerequisiteRow
    from tests.competencies.case_packages import AT

    take(package(["A", "B", "C"]))
    take(package(["A", "B"]))
    import_prerequisites(framework=Framework.objects.get().uuid, rows=[PrerequisiteRow("line 2", "A", "B")], at=AT)
    assert exported() == package(["A", "B"])
    assert FrameworkArrival.objects.count() == 2


def test_a_framework_that_is_not_on_file_is_named_with_the_way_out():
    with pytest.raises(CommandError, match="import_framework tells"):
        exported(identifier("nothing"))
