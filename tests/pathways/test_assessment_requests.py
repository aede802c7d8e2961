"""A student asks to be assessed any day of the year, as often as it takes."""

import pytest

from competencies.actions.record_judgments import JudgmentRefused
from competencies.models import Evidence, EvidenceVersion, JudgmentEvidence, MasteryJudgment
from database.areas import acting_as
from pathways.actions.answer_request import answer_request
from pathways.actions.ask_for_assessment import RequestRefused, ask_for_assessment, take_back_request
from pathways.models import AssessmentAnswer, AssessmentRequest
from pathways.queries.assessment_requests import open_requests
from tests import build_learning as build
from tests.pathways.plans import choose, codes, ladder, plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def eighth():
    educator, (student,), _ = build.class_of()
    return educator, student, ladder()[8]


def ask(student, competency, on=1, **fields):
    return ask_for_assessment(student_id=student.pk, competency_id=competency.pk, asked_by=student.pk, at=build.noon(on), **fields)


def answer(educator, student, request, on=1, **fields):
    return answer_request(student_id=student.pk, request=request.uuid, answered_by=educator.pk, at=build.noon(on), **fields)


def evidence_of(student, versions=2, on=1):
    made = Evidence.objects.create(
        student=student, kind="note", title="Work", worked_on=build.day(on), recorded_by=student, recorded_at=build.noon(on)
    )
    return made, [
        EvidenceVersion.objects.create(evidence=made, number=number, text="x", recorded_by=student, recorded_at=build.noon(on))
        for number in range(1, versions + 1)
    ]


def waiting(*students):
    with acting_as("area_learning"):
        return [request.uuid for request in open_requests([one.pk for one in students])]


def test_a_student_asks_on_any_day_of_the_year_and_again_until_competent(eighth):
    educator, student, competency = eighth
    for on, rank in [(1, 1), (120, 2), (300, 3)]:
        request = ask(student, competency, on=on)
        assert waiting(student) == [request.uuid]
        answer(educator, student, request, on=on, rank=rank, note="Look at the third part.")
        assert waiting(student) == []
    assert codes(plan(student, on=300).mastered) == ["G8"]
    assert [judged.rank for judged in MasteryJudgment.objects.order_by("id")] == [1, 2, 3]


def test_the_plan_tells_how_it_stands_with_the_request(eighth):
    educator, student, competency = eighth
    choose(student, focus=[competency])
    assert plan(student).focus[0].request is None
    request = ask(student, competency)
    assert (plan(student).focus[0].request.uuid, plan(student).focus[0].request.outcome) == (request.uuid, "")
    answer(educator, student, request, on=2, rank=2, note="Nearly.")
    said = plan(student, on=2).focus[0].request
    assert (said.outcome, said.answered_on, said.note) == ("judged", build.day(2), "Nearly.")


def test_one_request_is_open_at_a_time_for_a_competency(eighth):
    _, student, competency = eighth
    request = ask(student, competency)
    with pytest.raises(RequestRefused, match="take it back first") as refused:
        ask(student, competency)
    assert refused.value.conflict
    take_back_request(student_id=student.pk, request=request.uuid, taken_back_by=student.pk, at=build.noon(2))
    assert AssessmentAnswer.objects.get().outcome == "taken_back"
    ask(student, competency, on=2)


def test_an_answer_judges_the_newest_version_of_the_evidence_by_the_day_of_the_work(eighth):
    educator, student, competency = eighth
    evidence, versions = evidence_of(student, on=3)
    done = answer(educator, student, ask(student, competency, on=5, evidence=evidence.uuid), on=9, rank=3)
    assert (done.judgment.worked_on, done.judgment.judged_by_id) == (build.day(3), educator.pk)
    assert JudgmentEvidence.objects.get().version_id == versions[-1].pk


def test_an_answer_may_name_a_judgement_that_was_recorded_since(eighth):
    educator, student, competency = eighth
    before = build.judge(educator, student, competency, 1, on=1)
    request = ask(student, competency, on=2)
    other = build.judge(educator, build.student(), competency, 3, on=3)
    for wrong in (before, other, 0):
        with pytest.raises(RequestRefused, match="No judgement of this number"):
            answer(educator, student, request, on=3, judgment_id=wrong)
    since = build.judge(educator, student, competency, 3, on=3)
    assert answer(educator, student, request, on=3, judgment_id=since).judgment_id == since
    assert MasteryJudgment.objects.count() == 3


def test_a_request_ends_once_and_a_refused_answer_judges_nothing(eighth):
    educator, student, competency = eighth
    request = ask(student, competency)
    for fields in ({}, {"rank": 3, "judgment_id": 1}):
        with pytest.raises(RequestRefused, match="give one of them"):
            answer(educator, student, request, **fields)
    with pytest.raises(JudgmentRefused, match="from 1 to 4"):
        answer(educator, student, request, rank=9)
    with pytest.raises(RequestRefused, match="shorten"):
        answer(educator, student, request, rank=3, note="x" * 2001)
    assert not MasteryJudgment.objects.exists()
    answer(educator, student, request, rank=3)
    with pytest.raises(RequestRefused, match="may ask again") as refused:
        answer(educator, student, request, rank=4)
    assert refused.value.conflict
    with pytest.raises(RequestRefused, match="no such request"):
        answer(educator, build.student(), request, rank=3)
    assert MasteryJudgment.objects.count() == 1


def test_a_request_that_cannot_be_meant_is_refused(eighth):
    _, student, competency = eighth
    others, _ = evidence_of(build.student())
    with pytest.raises(RequestRefused, match="not this student's"):
        ask(student, competency, evidence=others.uuid)
    with pytest.raises(RequestRefused, match="shorten"):
        ask(student, competency, message="x" * 2001)
    type(competency).objects.filter(pk=competency.pk).update(retired_on=build.day(1))
    with pytest.raises(RequestRefused, match="retired"):
        ask(student, competency)
    assert not AssessmentRequest.objects.exists()


def test_a_class_has_its_open_requests_as_a_queue_in_the_order_of_asking(eighth):
    _, student, competency = eighth
    other = build.student()
    second = ask(other, competency, on=2)
    first = ask(student, competency, on=1)
    ask(build.student(), competency, on=1)
    assert waiting(student, other) == [first.uuid, second.uuid]
