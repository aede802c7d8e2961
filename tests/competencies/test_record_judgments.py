"""Judgements and the level that follows at once."""

import dataclasses

import pytest

from competencies.actions.record_judgments import JudgmentRefused, NewJudgment, record_judgments
from competencies.actions.withdraw_judgment import WithdrawalRefused, withdraw_judgment
from competencies.models import CurrentLevel, MasteryJudgment
from competencies.queries.levels import levels_as_known_on, levels_now
from database.areas import acting_as
from tests.build_learning import class_of, day, framework, judge, noon, scale

pytestmark = pytest.mark.django_db


@pytest.fixture
def cell():
    teacher, (student,), _ = class_of(1)
    _, (competency,) = framework(1)
    return teacher, student, competency


def now(student, competency):
    with acting_as("area_learning"):
        return levels_now([student.pk]).get((student.pk, competency.pk))


def test_a_judgement_gives_a_level_at_once_and_nothing_judged_gives_none(cell):
    teacher, student, competency = cell
    assert now(student, competency) is None
    judge(teacher, student, competency, 2, on=3)
    assert dataclasses.asdict(now(student, competency)) | {"version_id": 0} == {
        "rank": 2,
        "label": "Developing",
        "version_id": 0,
        "mastered": False,
        "overridden": False,
        "judgments": 1,
        "last_worked_on": day(3),
    }
    judge(teacher, student, competency, 3, on=4)
    assert now(student, competency).mastered


def test_the_order_is_that_of_the_work_and_not_of_the_recording(cell):
    teacher, student, competency = cell
    judge(teacher, student, competency, 4, on=10)
    judge(teacher, student, competency, 1, on=5, recorded=20)
    assert now(student, competency).rank == 4


def test_a_withdrawn_judgement_is_today_as_if_it_had_never_been_and_stays_on_earlier_days(cell):
    teacher, student, competency = cell
    judge(teacher, student, competency, 2, on=1)
    wrong = judge(teacher, student, competency, 4, on=2)
    withdraw_judgment(judgment_id=wrong, withdrawn_by=teacher.pk, reason="Another student's work.", at=noon(9))
    assert now(student, competency).rank == 2
    with acting_as("area_learning"):
        assert levels_as_known_on(student.pk, day(8))[competency.pk].rank == 4
        assert levels_as_known_on(student.pk, day(9))[competency.pk].rank == 2


def test_the_only_judgement_withdrawn_leaves_no_level(cell):
    teacher, student, competency = cell
    only = judge(teacher, student, competency, 2)
    withdraw_judgment(judgment_id=only, withdrawn_by=teacher.pk, reason="Not seen.", at=noon(2))
    assert now(student, competency) is None
    assert CurrentLevel.objects.count() == 0
    with pytest.raises(WithdrawalRefused, match="withdrawn already"):
        withdraw_judgment(judgment_id=only, withdrawn_by=teacher.pk, reason="Again.", at=noon(3))


def test_an_override_fixes_the_level_until_it_is_withdrawn(cell):
    teacher, student, competency = cell
    mark = judge(teacher, student, competency, 4, on=2, kind="override", reason="Shown in the oral examination.")
    judge(teacher, student, competency, 1, on=9)
    assert (now(student, competency).rank, now(student, competency).overridden) == (4, True)
    withdraw_judgment(judgment_id=mark, withdrawn_by=teacher.pk, reason="Agreed to wait.", at=noon(10))
    assert (now(student, competency).rank, now(student, competency).overridden) == (1, False)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rank": 5}, "from 1 to 4"),
        ({"rank": 0}, "from 1 to 4"),
        ({"kind": "override"}, "must give its reason"),
        ({"kind": "guess"}, "of kind 'guess'"),
        ({"worked_on": day(5)}, "still to come"),
        ({"competency_id": 10**9}, "not on file"),
        ({"student_id": 10**9}, "not on file"),
        ({"evidence_versions": (10**9,)}, "not this student's"),
    ],
)
def test_a_bad_judgement_is_refused_in_words_and_takes_all_with_it(cell, change, said):
    teacher, student, competency = cell
    good = NewJudgment(student.pk, competency.pk, 2, day(1))
    with pytest.raises(JudgmentRefused, match=f"Judgement 2 .*{said}"):
        record_judgments(judged_by=teacher.pk, at=noon(1), judgments=[good, dataclasses.replace(good, **change)])
    assert MasteryJudgment.objects.count() == 0
    assert now(student, competency) is None


def test_the_level_follows_the_rule_of_the_scale():
    teacher, (student,), _ = class_of(1)
    _, (competency,) = framework(1, version=scale(method="n_of_m", n=3, m=4, below="lowest"))
    for number, rank in enumerate([3, 1, 4], start=1):
        judge(teacher, student, competency, rank, on=number)
    assert now(student, competency).rank == 1
    judge(teacher, student, competency, 3, on=4)
    assert now(student, competency).rank == 3
