"""What other importers of CASE packages are known to get wrong, each held by a test; and what is tolerated."""

import json

import pytest

from competencies.models import Association, Competency, CompetencyWording, Framework, RubricCriterion, RubricLevel, SampleWork
from competencies.queries.frameworks import competency_graph, exact_matches, framework_tree
from tests.competencies.case_packages import document, identifier, item, link, package, take, tie
from tests.competencies.test_case_export import rubric

pytestmark = pytest.mark.django_db


def codes():
    return [one.node.code for one in framework_tree(Framework.objects.get())]


def test_is_child_of_is_not_doubled_when_a_package_comes_again_with_new_identifiers():
    take(package(["A", "B"], [tie("A", "document"), tie("B", "A")]))
    anew = package(["A", "B"], [tie("A", "document", name="new 1"), tie("B", "A", name="new 2")])
    changes = take(anew)
    assert [one.what for one in changes.associations] == ["added", "added", "retired", "retired"]
    assert changes.unchanged == 2
    tree = framework_tree(Framework.objects.get())
    assert [(one.node.code, len(one.parents)) for one in tree] == [("A", 0), ("B", 1)]
    graph = competency_graph()
    assert [len(parents) for parents in graph.parents.values()] == [1]


def test_is_child_of_stated_twice_between_the_same_two_makes_one_child():
    doubled = package(["A", "B"], [tie("A", "document"), tie("B", "A"), tie("B", "A", name="again", sequenceNumber=3)])
    changes = take(doubled)
    assert [line for line in changes.warnings if "stated more than once" in line]
    assert codes() == ["A", "B"]
    assert Association.objects.count() == 3


def test_sequence_numbers_decide_then_enumeration_then_code_then_the_file():
    items = [item(name, **fields) for name, fields in [
        ("x.10", {}), ("x.9", {}), ("Q", {"listEnumeration": "10"}), ("R", {"listEnumeration": "9"}), ("Z", {}), ("Y", {}),
    ]]  # fmt: skip
    ties = [tie(name, "document") for name in ("x.10", "x.9", "Q", "R")]
    take(package(items, [*ties, tie("Z", "document", sequenceNumber=1), tie("Y", "document", sequenceNumber=2)]))
    assert codes() == ["Z", "Y", "R", "Q", "x.9", "x.10"]
    nameless = package([], [])
    nameless["CFItems"] = [{**item(name), "humanCodingScheme": None} for name in ("second", "first")]
    nameless["CFDocument"] = document("other")
    nameless["CFAssociations"] = [tie("first", "other"), tie("second", "other")]
    take(nameless)
    by_file = [one.node.statement for one in framework_tree(Framework.objects.get(title="other"))]
    assert by_file == ["Do second", "Do first"]


def test_an_item_is_known_by_its_identifier_and_never_by_its_text_or_code():
    take(package(["A", "B"]))
    first = dict(Competency.objects.values_list("uuid", "id"))
    swapped = package(["A", "B"])
    for key in ("fullStatement", "humanCodingScheme"):
        one, other = swapped["CFItems"]
        one[key], other[key] = other[key], one[key]
    changes = take(swapped)
    assert [len(changes.changed), len(changes.added)] == [2, 0]
    assert dict(Competency.objects.values_list("uuid", "id")) == first
    assert set(CompetencyWording.objects.values_list("statement", flat=True)) == {"Do A", "Do B"}


def test_a_change_of_words_is_seen_though_the_senders_time_of_change_is_the_same():
    take(package(["A"]))
    reworded = package([item("A", fullStatement="Other words")])
    assert [one.differences for one in take(reworded).changed] == [[("fullStatement", "Do A", "Other words")]]


def test_an_item_under_two_parents_stands_once_and_keeps_both():
    changes = take(package(["A", "B", "C"], [tie("A", "document"), tie("B", "document"), tie("C", "A"), tie("C", "B")]))
    assert [line for line in changes.warnings if "more than one parent" in line]
    tree = framework_tree(Framework.objects.get())
    assert [(one.node.code, one.node.depth, len(one.parents)) for one in tree] == [("A", 0, 0), ("C", 1, 2), ("B", 0, 0)]


def test_an_orphan_stands_under_the_document_after_the_others():
    lost = [tie("B", "document"), tie("C", "nowhere")]
    changes = take(package(["A", "B", "C"], lost))
    assert codes() == ["B", "A", "C"]
    assert [line for line in changes.warnings if line.startswith("No isChildOf hangs an item anywhere")]
    assert [line for line in changes.warnings if "not in this package" in line]


def test_the_tolerances_of_the_standards_readers():
    bare = package(["A", "B"])
    bare["CFItems"][0] |= {
        "CFItemType": None,
        "licenseURI": None,
        "educationLevel": ["09", "Grade 10", "HS"],
        "uri": "http://else.example/1",
    }
    bare["CFItems"][1] |= {"fullStatement": "Solve $x^2 = 2$ *exactly* 𝑑 \r\n| a | b |"}
    bare["CFDocument"] |= {"adoptionStatus": "In review", "licenseURI": None}
    bare["CFAssociations"] += [tie("A", "B", "sameAs")]
    bare["CFDefinitions"] = None
    changes = take({"CFPackage": bare})
    assert changes.refused == []
    first, second = Competency.objects.order_by("position")
    assert [first.lowest_grade, first.highest_grade, first.item_type] == [9, 10, ""]
    assert second.statement == bare["CFItems"][1]["fullStatement"]
    told = " ".join(changes.warnings)
    for words in (
        "'HS' names no grade",
        "licenseURI is null",
        "CFItemType is missing",
        "adoptionStatus is not one",
        "'sameAs' is not one",
    ):
        assert words in told
    assert Association.objects.filter(kind="sameAs").exists()


def test_parts_that_cannot_be_keyed_are_refused_by_themselves_and_the_others_kept():
    mixed = package(["A", "B", "C"])
    mixed["CFItems"][1].pop("identifier")
    mixed["CFItems"][2] |= {"fullStatement": " ", "humanCodingScheme": "", "abbreviatedStatement": None}
    mixed["CFAssociations"] += [{**tie("A", "B"), "originNodeURI": None}, "nothing", tie("A", "B", "k" * 61)]
    changes = take(mixed)
    assert [one.code for one in changes.added] == ["A"]
    assert [one.where.split()[0] for one in changes.refused] == ["CFItems[1]", "CFItems[2]"] + [
        f"CFAssociations[{n}]" for n in (3, 4, 5)
    ]
    assert all(one.detail.endswith(".") for one in changes.refused)


def test_prerequisites_of_a_package_are_edges_and_a_circle_of_them_is_said():
    ties = [tie("A", "document"), tie("B", "document"), tie("A", "B", "precedes"), tie("B", "A", "precedes")]
    changes = take(package(["A", "B"], ties))
    assert [line for line in changes.warnings if line.startswith("Its prerequisites go in a circle")]
    ids = {node.code: node.id for node in competency_graph().nodes.values()}
    assert set(competency_graph().precedes) == {(ids["A"], ids["B"]), (ids["B"], ids["A"])}


def test_a_crosswalk_is_followed_both_ways_and_over_what_is_not_on_file(django_assert_num_queries):
    one = package(["A"], [tie("A", "document"), tie("A", "hub", "exactMatchOf")])
    other = package(["B"], [tie("B", "other"), tie("hub", "B", "exactMatchOf")])
    take(one)
    take({**other, "CFDocument": document("other")})
    uuids = dict(Competency.objects.values_list("code", "uuid"))
    with django_assert_num_queries(1):
        found = exact_matches([uuids["A"], uuids["B"]])
    assert found == {uuids["A"]: {uuids["B"]}, uuids["B"]: {uuids["A"]}}


def test_a_rubric_comes_in_with_its_levels_and_is_tied_to_its_competency():
    take(package(["A"], CFRubrics=[rubric()]))
    line = RubricCriterion.objects.get()
    assert [line.competency.code, line.rubric.title] == ["A", "How it is judged"]
    assert list(line.levels.order_by("rank").values_list("rank", "quality")) == [(n, f"Quality {n}") for n in (1, 2, 3, 4)]


def test_a_rubrics_levels_may_change_places_vanish_and_return_and_samples_stay():
    take(package(["A"], CFRubrics=[rubric()]))
    ids = dict(RubricLevel.objects.values_list("quality", "id"))
    SampleWork.objects.create(level_id=ids["Quality 2"], title="An essay")
    turned = rubric(ranks=(4, 3, 1))
    for score, level in enumerate(turned["CFRubricCriteria"][0]["CFRubricCriterionLevels"], 1):
        level["score"] = score
    changes = take(package(["A"], CFRubrics=[turned]))
    assert changes.rubrics == ["changed: How it is judged"]
    in_use = RubricLevel.objects.filter(retired_on__isnull=True).order_by("rank")
    assert list(in_use.values_list("id", "rank")) == [(ids["Quality 4"], 1), (ids["Quality 3"], 2), (ids["Quality 1"], 3)]
    assert [line for line in changes.warnings if "has 3 levels and the framework's scale 4" in line]
    take(package(["A"], CFRubrics=[rubric()]))
    assert dict(RubricLevel.objects.filter(retired_on__isnull=True).values_list("quality", "id")) == ids
    assert take(package(["A"])).rubrics == ["retired: How it is judged"]
    assert SampleWork.objects.get().level_id == ids["Quality 2"]


def test_an_association_of_another_framework_is_kept_out_by_name():
    take(package(["A"]))
    other = {**package(["B"], [tie("B", "other"), tie("A", "document")]), "CFDocument": document("other")}
    other["CFAssociations"][1] = {**package(["A"])["CFAssociations"][0], "destinationNodeURI": link("elsewhere")}
    changes = take(other)
    assert [(one.where.split()[1], "'document' has an association" in one.detail) for one in changes.refused] == [
        (identifier("A isChildOf document"), True)
    ]
    assert json.dumps(changes.as_json())


def test_a_rubric_whose_parts_are_another_rubrics_is_kept_out_by_name():
    take(package(["A"], CFRubrics=[rubric()]))
    other = {**rubric(), "identifier": identifier("second")}
    changes = take(package(["A"], CFRubrics=[rubric(), other]))
    assert [one.where for one in changes.refused] == [f"CFRubrics {identifier('second')}"]
    twins = package(["B"], [tie("B", "other")], CFRubrics=[rubric("third"), {**rubric("third"), "identifier": identifier("fourth")}])
    changes = take({**twins, "CFDocument": document("other")})
    assert [one.where for one in changes.refused] == [f"CFRubrics {identifier('fourth')}"]
    assert RubricCriterion.objects.count() == 2
