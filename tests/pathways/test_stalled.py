"""Who is stalled: in focus with nothing new for as long as the rule says."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from competencies.actions.record_evidence import record_evidence
from competencies.models import Evidence, EvidenceCompetency, EvidenceVersion
from database.areas import acting_as
from pathways.actions.ask_for_assessment import ask_for_assessment, take_back_request
from pathways.actions.return_work import return_work
from pathways.queries.stalled import stalled_on
from tests import build_learning as build
from tests.pathways.plans import choose

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiet():
    """A student who has had a competency in focus since day 1."""
    educator, (student,), _ = build.class_of()
    _, (competency,) = build.framework(1)
    choose(student, focus=[competency])
    return educator, student, competency


def stalled(student, on):
    with acting_as("area_learning"):
        return stalled_on(student_ids=[student.pk], day=build.day(on))


def test_a_student_stalls_on_the_day_that_the_rule_names_and_is_told_in_words(quiet):
    _, student, competency = quiet
    assert stalled(student, on=21) == []
    (found,) = stalled(student, on=22)
    assert (found.student_id, found.competency, found.stall.last_sign_on) == (student.pk, competency.uuid, build.day(1))
    assert found.stall.words == "No evidence, judgement or request for 21 days; the rule says 21."


def test_evidence_a_judgement_or_a_request_is_a_sign_of_work(quiet):
    educator, student, competency = quiet
    build.judge(educator, student, competency, 1, on=10)
    assert [len(stalled(student, on=on)) for on in (30, 31)] == [0, 1]
    evidence = Evidence.objects.create(
        student=student, kind="note", title="x", worked_on=build.day(15), recorded_by=educator, recorded_at=build.noon(15)
    )
    EvidenceCompetency.objects.create(evidence=evidence, competency=competency)
    EvidenceVersion.objects.create(evidence=evidence, number=1, text="x", recorded_by=educator, recorded_at=build.noon(15))
    assert [len(stalled(student, on=on)) for on in (35, 36)] == [0, 1]
    EvidenceVersion.objects.create(evidence=evidence, number=2, text="x", recorded_by=educator, recorded_at=build.noon(18))
    assert [len(stalled(student, on=on)) for on in (38, 39)] == [0, 1]
    asked = ask_for_assessment(student_id=student.pk, competency_id=competency.pk, asked_by=student.pk, at=build.noon(19))
    take_back_request(student_id=student.pk, request=asked.uuid, taken_back_by=student.pk, at=build.noon(20))
    assert [len(stalled(student, on=on)) for on in (40, 41)] == [0, 1]


def test_who_waits_for_the_teacher_is_not_stalled_and_the_answer_begins_the_count_anew(quiet):
    educator, student, competency = quiet
    asked = ask_for_assessment(student_id=student.pk, competency_id=competency.pk, asked_by=student.pk, at=build.noon(2))
    assert stalled(student, on=100) == []
    return_work(student_id=student.pk, request=asked.uuid, returned_by=educator.pk, at=build.noon(60), comment="Say why.", seen=[])
    assert [len(stalled(student, on=on)) for on in (80, 81)] == [0, 1]
    made = record_evidence(
        student_id=student.pk, recorded_by=student.pk, title="A bridge", worked_on=build.day(70), at=build.noon(70), kind="note",
        text="It holds.", competency_ids=[competency.pk],
    )  # fmt: skip
    assert stalled(student, on=200) == []
    versions = tuple(made.versions.values_list("id", flat=True))
    build.judge(educator, student, competency, 1, on=110, evidence_versions=versions)
    assert [len(stalled(student, on=on)) for on in (130, 131)] == [0, 1]


def test_signs_of_another_student_or_competency_do_not_count(quiet):
    educator, student, competency = quiet
    build.judge(educator, build.student(), competency, 1, on=10)
    build.judge(educator, student, build.framework(1)[1][0], 1, on=10)
    assert len(stalled(student, on=22)) == 1


def test_choosing_the_same_again_hides_no_stall_and_taking_it_up_anew_begins_anew(quiet):
    _, student, competency = quiet
    choose(student, on=15, focus=[(competency, {"target_on": build.day(60)})])
    assert len(stalled(student, on=22)) == 1
    choose(student, on=23, aside=[competency])
    assert stalled(student, on=60) == []
    choose(student, on=40, focus=[competency])
    assert [len(stalled(student, on=on)) for on in (60, 61)] == [0, 1]


def test_what_is_mastered_or_retired_stalls_nobody(quiet):
    educator, student, competency = quiet
    build.judge(educator, student, competency, 3, on=2)
    assert stalled(student, on=100) == []
    _, (other,) = build.framework(1)
    choose(student, focus=[other])
    type(other).objects.filter(pk=other.pk).update(retired_on=build.day(3))
    assert stalled(student, on=100) == []


def test_each_kind_of_competency_has_its_own_days(quiet):
    _, student, competency = quiet
    type(competency).objects.filter(pk=competency.pk).update(kind="lifelong")
    assert [len(stalled(student, on=on)) for on in (42, 43)] == [0, 1]


def test_a_class_is_asked_in_three_queries_the_longest_stall_first():
    _, students, _ = build.class_of(5)
    _, competencies = build.framework(3)
    for number, student in enumerate(students, start=1):
        choose(student, on=number, focus=competencies)
    with acting_as("area_learning"), CaptureQueriesContext(connection) as asked:
        found = stalled_on(student_ids=[one.pk for one in students], day=build.day(100))
    assert [one.student_id for one in found] == [student.pk for student in students for _ in competencies]
    assert len([query for query in asked if "ROLE" not in query["sql"] and "SAVEPOINT" not in query["sql"]]) <= 3
