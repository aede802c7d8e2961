"""CASE packages come in: whole, again, edited, with parts gone; nothing is ever deleted."""

import copy
import datetime
import gzip
import json

import pytest

from competencies.calc.framework_content import PackageRefused
from competencies.models import (
    Association,
    Competency,
    CompetencyWording,
    Evidence,
    EvidenceCompetency,
    Framework,
    FrameworkArrival,
)
from competencies.queries.frameworks import competency_graph, framework_tree
from tests import build_learning as build
from tests.competencies.case_packages import (
    AT,
    CASE,
    MATHEMATICS,
    edited,
    identifier,
    item,
    needs_shared_data,
    package,
    take,
    tie,
)
from tests.pathways import credit_ground

pytestmark = pytest.mark.django_db
LATER = AT + datetime.timedelta(days=30)


def tree_of_file(path):
    """{child: {parents}} and {parent: [(sequence, child)]}, read in the plainest way."""
    parents, children = {}, {}
    for one in json.loads(path.read_text())["CFAssociations"]:
        child, parent = one["originNodeURI"]["identifier"], one["destinationNodeURI"]["identifier"]
        parents.setdefault(child, set()).add(parent)
        children.setdefault(parent, []).append((one["sequenceNumber"], child))
    return parents, children


@needs_shared_data
def test_the_standards_for_mathematics_come_in_with_all_items_and_their_tree():
    changes = take(MATHEMATICS)
    assert [len(changes.added), len(changes.changed), len(changes.retired), changes.refused] == [746, 0, 0, []]
    framework = Framework.objects.get()
    assert [framework.title, framework.creator, framework.adoption_status] == [
        "Common Core State Standards for Math",
        "CCSSO",
        "Draft",
    ]
    assert framework.scale.code == "four-levels"
    parents, children = tree_of_file(MATHEMATICS)
    tree = framework_tree(framework)
    assert len(tree) == 746
    root = str(framework.uuid)
    assert {str(one.node.uuid): {str(parent) for parent in one.parents} or {root} for one in tree} == parents
    # Where two siblings have one sequence number, either may come first.
    place = {str(one.node.uuid): number for number, one in enumerate(tree)}
    by_sequence = {parent: sorted(below, key=lambda pair: (pair[0], place[pair[1]])) for parent, below in children.items()}
    read = []
    waiting = by_sequence[root][::-1]
    while waiting:
        read.append(waiting.pop()[1])
        waiting += by_sequence.get(read[-1], [])[::-1]
    assert list(place) == read
    fractions = Competency.objects.get(code="6.NS.A.1")
    assert [fractions.lowest_grade, fractions.highest_grade, fractions.item_type] == [6, 6, "Standard"]


@needs_shared_data
def test_the_same_package_again_changes_nothing():
    take(MATHEMATICS)
    before = list(Competency.objects.values()), list(Association.objects.values()), list(FrameworkArrival.objects.values("id"))
    reordered = json.loads(MATHEMATICS.read_text())
    reordered["CFItems"].reverse()
    for content in (MATHEMATICS.read_bytes(), gzip.compress(MATHEMATICS.read_bytes()), json.dumps(reordered).encode()):
        changes = take(content, at=LATER)
        assert not changes.is_change
        assert changes.unchanged == 746
    assert (
        list(Competency.objects.values()),
        list(Association.objects.values()),
        list(FrameworkArrival.objects.values("id")),
    ) == before


@needs_shared_data
def test_an_edited_package_is_told_as_what_was_added_changed_and_gone():
    take(MATHEMATICS)
    new = json.loads(MATHEMATICS.read_text())
    reworded, gone = new["CFItems"][300], new["CFItems"][745]
    old_words, reworded["fullStatement"] = reworded["fullStatement"], "Said in other words"
    new["CFItems"].remove(gone)
    new["CFAssociations"] = [one for one in new["CFAssociations"] if one["originNodeURI"]["identifier"] != gone["identifier"]]
    new["CFItems"].append(item("added"))
    new["CFAssociations"].append({**tie("added", "document"), "destinationNodeURI": new["CFAssociations"][0]["destinationNodeURI"]})
    looked_at = take(new, at=LATER, apply=False)
    assert Competency.objects.count() == 746
    changes = take(new, at=LATER)
    assert {**changes.as_json(), "applied": False} == looked_at.as_json()
    assert [str(one.identifier) for one in changes.added] == [identifier("added")]
    assert [(str(one.identifier), one.differences) for one in changes.changed] == [
        (reworded["identifier"], [("fullStatement", old_words, "Said in other words")])
    ]
    assert [(str(one.identifier), one.judgments, one.evidence) for one in changes.retired] == [(gone["identifier"], 0, 0)]
    assert changes.unchanged == 744
    assert [(one.what, one.kind) for one in changes.associations] == [("added", "isChildOf"), ("retired", "isChildOf")]
    assert Competency.objects.count() == 747
    assert str(Competency.objects.get(retired_on__isnull=False).uuid) == gone["identifier"]
    assert CompetencyWording.objects.get().statement == old_words
    assert FrameworkArrival.objects.count() == 2
    assert not take(new, at=LATER).is_change


def test_a_vanished_competency_with_evidence_or_a_judgement_is_retired_and_said_to_carry_them():
    take(package(["A", "B", "C", "D"]))
    teacher, (student,), _ = build.class_of(1)
    judged = Competency.objects.get(code="B")
    build.judge(teacher, student, judged, 3)
    shown = Competency.objects.get(code="C")
    evidence = Evidence.objects.create(
        student=student, kind="note", title="An essay", worked_on=build.day(1), recorded_by=teacher, recorded_at=build.noon(1)
    )
    EvidenceCompetency.objects.create(evidence=evidence, competency=shown)
    changes = take(package(["A"]), at=LATER)
    assert {one.code: (one.judgments, one.evidence) for one in changes.retired} == {
        "B": (1, 0),
        "C": (0, 1),
        "D": (0, 0),
    }
    assert Competency.objects.filter(retired_on=LATER.date()).count() == 3
    assert [one.retired for one in competency_graph().nodes.values()] == [False, True, True, True]
    assert set(EvidenceCompetency.objects.values_list("competency__code", flat=True)) == {"C"}


def test_a_vanished_competency_that_credit_was_awarded_on_is_retired_and_the_award_keeps_its_words():
    take(package(["A", "B"]))
    educator, student, course = build.teacher(), build.student(), credit_ground.course("1/2")[0]
    awarded_on = Competency.objects.get(code="B")
    credit_ground.set_for(course, None, credit_ground.asks(awarded_on), educator)
    credit_ground.master(educator, student, awarded_on)
    award = credit_ground.award(educator, student, course)
    reworded = package(["A", item("B", fullStatement="In other words")])
    take(reworded, at=LATER)
    take(package(["A"]), at=LATER)
    awarded_on.refresh_from_db()
    assert [awarded_on.retired_on, awarded_on.statement] == [LATER.date(), "In other words"]
    award.refresh_from_db()
    assert "Do B" in json.dumps(award.basis)


def test_a_retired_competency_that_is_stated_again_is_in_force_again_with_its_history():
    take(package(["A", "B"]))
    before = Competency.objects.get(code="B").pk
    take(package(["A"]), at=LATER)
    changes = take(package(["A", "B"]), at=LATER)
    assert [one.code for one in changes.returned] == ["B"]
    assert Competency.objects.get(code="B", retired_on__isnull=True).pk == before


def test_its_publishers_own_end_retires_a_competency_from_that_day():
    ended = package(["A", item("B", statusEndDate="2026-02-01")])
    take(package(["A", "B"]))
    assert [one.code for one in take(ended, at=AT).retired] == []
    assert [(one.code, one.why) for one in take(ended, at=LATER).retired] == [("B", "Its publisher ended it on 2026-02-01.")]


def test_where_a_part_was_refused_nothing_is_retired():
    take(package(["A", "B"]))
    broken = package(["A", "B"])
    broken["CFItems"][1]["identifier"] = "no uuid"
    changes = take(broken, at=LATER)
    assert changes.retired == []
    assert [one.where for one in changes.refused] == ["CFItems[1]"]
    assert "nothing was retired" in " ".join(changes.warnings)
    assert not Competency.objects.filter(retired_on__isnull=False).exists()


@needs_shared_data
@pytest.mark.parametrize(
    ("name", "items", "warned"),
    [
        ("ItemTypeTestFramework", 1, ["No item names a grade"]),
        ("MarkdownFramework", 2, ["CFItemType is missing", "No item names a grade"]),
        (
            "Ordering",
            28,
            ["CFPackageURI stands inside", "CFDocumentURI stands inside", "CFItemType is missing", "No item names a grade"],
        ),
        ("SmartLevelFramework", 14, ["CFItemType is missing", "No item names a grade"]),
        ("Utf8TestFramework", 1, ["CFItemType is missing", "No item names a grade"]),
    ],
)
def test_the_samples_are_read_with_the_warnings_that_they_deserve(name, items, warned):
    path = CASE / "samples" / f"{name}.json"
    changes = take(path)
    assert [len(changes.added), changes.refused] == [items, []]
    assert [any(line.startswith(words) for line in changes.warnings) for words in warned] == [True] * len(warned)
    assert len(changes.warnings) == len(warned)
    sent = {one["identifier"]: one["fullStatement"] for one in json.loads(path.read_text())["CFItems"]}
    assert {str(uuid): statement for uuid, statement in Competency.objects.values_list("uuid", "statement")} == sent
    assert not take(path, at=LATER).is_change


@needs_shared_data
def test_siblings_stand_by_sequence_and_not_as_the_file_has_them():
    take(CASE / "samples" / "Ordering.json")
    codes = [one.node.code.removeprefix("H.A.MATH.GM.PF.2DFP.") for one in framework_tree(Framework.objects.get())]
    assert codes[4:14] == [f"L1.{number}" for number in range(1, 11)]
    take(CASE / "samples" / "SmartLevelFramework.json")
    smart = framework_tree(Framework.objects.get(title="SmartLevel Test"))
    assert [one.node.statement for one in smart][-5:] == ["Item 1.9", "Item 1.10", "Item 2", "Item 2.1", "Item 2.2"]


def test_a_framework_of_lifelong_competencies_stays_one_when_it_comes_again():
    take(package(["A"]), kind="lifelong")
    take(package(["A", "B"]), at=LATER)
    assert set(Competency.objects.values_list("kind", flat=True)) == {"lifelong"}


def test_the_senders_bytes_are_kept_with_what_they_changed():
    content = json.dumps(package()).encode()
    take(content)
    arrival = FrameworkArrival.objects.get()
    assert gzip.decompress(arrival.package) == content
    assert arrival.changes["counts"]["added"] == 2


def test_only_the_senders_time_of_change_is_kept_and_is_no_change_of_a_competency():
    take(package())
    later = copy.deepcopy(package())
    later["CFItems"][0]["lastChangeDateTime"] = "2026-01-01T00:00:00+00:00"
    changes = take(later, at=LATER)
    assert [changes.changed, changes.unchanged, changes.restamped] == [[], 2, 1]
    assert not CompetencyWording.objects.exists()
    assert Competency.objects.get(code="A").source["lastChangeDateTime"] == "2026-01-01T00:00:00+00:00"


def test_an_identifier_of_another_framework_is_refused_with_its_name():
    take(package())
    other = edited(package(), CFDocument={**package()["CFDocument"], "identifier": identifier("other"), "title": "Other"})
    with pytest.raises(PackageRefused, match=r"another framework on file has: .* of 'document'"):
        take(other)
    assert Framework.objects.count() == 1
