"""What two do at once with one student's plan comes out as if one had been first."""

import pytest

from competencies.models import MasteryJudgment
from pathways.actions.answer_request import answer_request
from pathways.actions.ask_for_assessment import RequestRefused, ask_for_assessment
from pathways.actions.open_plan import plan_of
from pathways.models import AssessmentRequest, LearningPlan
from tests import build_learning as build
from tests.at_once import at_once


@pytest.fixture
def eighth(committed_db):
    educator, (student,), _ = build.class_of()
    return educator, student, build.framework(1)[1][0]


def refused_or(what):
    try:
        what()
    except RequestRefused as refused:
        return "refused" if refused.conflict else str(refused)
    return "taken"


def test_of_many_requests_for_a_competency_at_once_one_is_open(eighth):
    _, student, competency = eighth
    plan_of(student.pk, build.noon(1))

    def ask(_):
        return refused_or(
            lambda: ask_for_assessment(student_id=student.pk, competency_id=competency.pk, asked_by=student.pk, at=build.noon(1))
        )

    assert sorted(at_once(6, ask)) == ["refused"] * 5 + ["taken"]
    assert (AssessmentRequest.objects.count(), LearningPlan.objects.count()) == (1, 1)


def test_of_many_answers_at_once_one_judges(eighth):
    educator, student, competency = eighth
    request = ask_for_assessment(student_id=student.pk, competency_id=competency.pk, asked_by=student.pk, at=build.noon(1))

    def answer(number):
        return refused_or(
            lambda: answer_request(
                student_id=student.pk, request=request.uuid, answered_by=educator.pk, at=build.noon(2), rank=1 + number % 4
            )
        )

    assert sorted(at_once(6, answer)) == ["refused"] * 5 + ["taken"]
    assert MasteryJudgment.objects.count() == 1


def test_many_first_uses_at_once_make_one_plan(eighth):
    _, student, _ = eighth
    assert len(set(at_once(6, lambda _: plan_of(student.pk, build.noon(1)).pk))) == 1
