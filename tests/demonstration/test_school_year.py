"""The demonstration's school year: whole, the same again, and nothing of it on the money's side."""

import pytest

from competencies.models import CurrentLevel, Framework, MasteryJudgment
from demonstration import people_to_sign_in, school_year, state
from enrollments.models import Completion, Section
from pathways.models import AssessmentRequest, CreditAward, LearningPlan, PlanItem, Requirement
from tests.committed import empty_every_table


@pytest.fixture(scope="module")
def grown(django_db_setup, django_db_blocker):
    """Ninety students and their year, once for this module."""
    with django_db_blocker.unblock():
        empty_every_table()
        state.grow(students=90)
        told = []
        year = school_year.grow(teacher_id=people_to_sign_in.appoint_teacher(), progress=lambda done, of: told.append((done, of)))
        yield year, told
        empty_every_table()


@pytest.fixture(autouse=True)
def _open(grown, django_db_blocker):
    with django_db_blocker.unblock():
        yield


def test_every_student_has_classes_judgements_and_a_plan(grown):
    year, told = grown
    assert (year.classes, told[-1]) == (6, (3, 3))
    assert Framework.objects.count() == 3
    assert LearningPlan.objects.count() == 90
    assert CurrentLevel.objects.values("student").distinct().count() == 90
    assert MasteryJudgment.objects.count() > year.judgments > 3_000
    for filled in (PlanItem, AssessmentRequest, CreditAward, Requirement):
        assert filled.objects.exists(), filled.__name__


def test_growing_it_again_adds_nothing(grown):
    before = MasteryJudgment.objects.count(), Section.objects.count()
    again = school_year.grow(teacher_id=people_to_sign_in.appoint_teacher(), progress=lambda done, of: None)
    assert (again.judgments, MasteryJudgment.objects.count(), Section.objects.count()) == (0, *before)


def test_no_judgement_stands_in_for_a_completion(grown):
    assert not Completion.objects.exists()


def test_each_role_of_a_school_can_be_seated(grown):
    seated = people_to_sign_in.seat_at_school(school_code="RIVER")
    assert set(seated) == {"counsellor", "school_administrator", "district_administrator"}
    assert people_to_sign_in.seat_at_school(school_code="RIVER") == seated
