"""A learning plan: mastered, in focus, next; what it follows, and what it does not."""

import datetime
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from competencies.models import CurrentLevel
from database.areas import acting_as
from enrollments.models import Enrollment
from pathways.actions.choose_plan_items import PlanChoice, PlanItemRefused, choose_plan_items
from pathways.actions.link_resources import NewResource, ResourceRefused, link_resources, practise
from pathways.actions.open_plan import open_plans, plan_of
from pathways.actions.set_goal import GoalRefused, end_goal, set_goal
from pathways.models import LearningPlan, PlanItem, Requirement
from pathways.queries.plan import pace_of, plan_on
from tests import build
from tests import build_learning as learning
from tests.pathways.plans import choose, codes, ladder, plan, precedes

pytestmark = pytest.mark.django_db


@pytest.fixture
def eighth():
    """An eighth grader of a class on a ladder of competencies from grade 4 to 8."""
    educator, (student,), _ = learning.class_of()
    return educator, student, ladder()


def test_a_student_has_one_plan_made_on_first_use_and_a_school_gets_all_at_once():
    students = [learning.student(learning.school()) for _ in range(3)]
    elsewhere = learning.student(learning.school("S2"))
    first = plan_of(students[0].pk, learning.noon(1))
    assert plan_of(students[0].pk, learning.noon(2)) == first
    assert open_plans(school_id=learning.school().pk, at=learning.noon(3)) == 2
    assert open_plans(school_id=learning.school().pk, at=learning.noon(3)) == 0
    assert LearningPlan.objects.filter(student__in=students).count() == 3
    assert not LearningPlan.objects.filter(student=elsewhere).exists()


def test_a_plan_reads_as_mastered_in_focus_and_next(eighth):
    educator, student, steps = eighth
    learning.judge(educator, student, steps[6], 3)
    choose(student, focus=[steps[7]])
    now = plan(student)
    assert (codes(now.mastered), codes(now.focus), codes(now.next), now.aside) == (["G6"], ["G7"], ["G8"], ())
    assert [node.code for node in now.next[0].waits_for] == ["G7"]
    assert now.mastered[0].level.label == "Proficient"


def test_a_student_of_whom_nothing_is_known_has_a_plan_without_lines():
    now = plan(learning.student())
    assert (now.mastered, now.focus, now.next, now.pace.ahead) == ((), (), (), None)


def test_next_follows_prerequisites_then_the_goals_then_the_grade(eighth):
    educator, student, steps = eighth
    other = learning.competency(steps[8].framework, position=1, code="other", lowest_grade=8, highest_grade=8)
    high = learning.competency(steps[8].framework, position=99, code="high", lowest_grade=11, highest_grade=11)
    precedes(other, high)
    learning.judge(educator, student, steps[5], 1)
    assert codes(plan(student).next) == ["G5", "G6", "G7", "other", "G8"]
    goal = set_goal(student_id=student.pk, set_by=student.pk, at=learning.noon(1), title="Aim high", competency_id=high.pk)
    assert codes(plan(student).next) == ["other", "high", "G5", "G6", "G7", "G8"]
    end_goal(student_id=student.pk, goal=goal.uuid, ended_on=learning.day(3))
    assert codes(plan(student, on=2).next)[:2] == ["other", "high"]
    assert codes(plan(student, on=3).next) == ["G5", "G6", "G7", "other", "G8"]


def test_the_teachers_choice_stands_before_the_order_of_prerequisites(eighth):
    educator, student, steps = eighth
    learning.judge(educator, student, steps[5], 1)
    choose(student, by=educator, next=[(steps[8], {"position": 1}), (steps[6], {"position": 2})])
    now = plan(student)
    assert codes(now.next) == ["G8", "G6", "G5", "G7"]
    assert now.next[0].item.origin == PlanItem.Origin.EDUCATOR
    choose(student, by=educator, on=2, aside=[steps[5]])
    assert codes(plan(student, on=2).next) == ["G8", "G6", "G7"]
    assert codes(plan(student, on=2).aside) == ["G5"]


def test_without_prerequisites_the_grade_band_and_then_the_place_order_what_is_next():
    educator, (student,), _ = learning.class_of()
    _, (second, first) = learning.framework(2, lowest_grade=8, highest_grade=8)
    type(first).objects.filter(pk=first.pk).update(position=0)
    learning.judge(educator, student, second, 1)
    assert codes(plan(student).next) == [first.code, second.code]


def test_a_goal_on_a_requirement_asks_for_the_competencies_of_its_tree(eighth):
    educator, student, steps = eighth
    learning.judge(educator, student, steps[4], 3)
    tree = {"all": [{"competency": str(steps[6].uuid), "level": "proficient"}]}
    requirement = Requirement.objects.create(
        kind="pathway", code="trade", number=1, title="Trade", tree=tree, decided_by=educator, recorded_at=learning.noon(1)
    )
    set_goal(student_id=student.pk, set_by=educator.pk, at=learning.noon(1), title="A trade", requirement=requirement.uuid)
    assert codes(plan(student).next) == ["G5", "G6", "G7", "G8"]


def test_the_latest_choice_for_a_competency_counts_and_earlier_ones_stay_on_record(eighth):
    _, student, steps = eighth
    choose(student, focus=[steps[8]])
    choose(student, on=2, next=[steps[8]])
    assert (plan(student, on=2).focus, codes(plan(student, on=2).next)[-1]) == ((), "G8")
    assert PlanItem.objects.filter(plan__student=student).count() == 2


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"place": "somewhere"}, "there are focus, next, aside"),
        ({"place": "focus", "position": 1}, "orders what is next"),
        ({"place": "next", "position": 0}, "from 1 to"),
        ({"place": "next", "target_on": learning.day(1) - datetime.timedelta(days=1)}, "from 2025-09-01 on"),
        ({"place": "aside", "target_on": learning.day(9)}, "in focus or next"),
        ({"place": "aside", "reason": "x" * 2001}, "shorten it"),
    ],
)
def test_a_choice_that_cannot_be_meant_is_refused_and_nothing_of_it_is_kept(eighth, choice, said):
    _, student, steps = eighth
    good = PlanChoice(steps[7].pk, "focus")
    with pytest.raises(PlanItemRefused, match=f"Choice 2.*{said}"):
        choose_plan_items(
            student_id=student.pk, decided_by=student.pk, at=learning.noon(1), choices=[good, PlanChoice(steps[8].pk, **choice)]
        )
    assert not PlanItem.objects.exists()


def test_a_retired_or_unknown_or_repeated_competency_is_no_choice(eighth):
    _, student, steps = eighth
    type(steps[8]).objects.filter(pk=steps[8].pk).update(retired_on=learning.day(1))
    with pytest.raises(PlanItemRefused, match="retired"):
        choose(student, focus=[steps[8]])
    with pytest.raises(PlanItemRefused, match="name each once"):
        choose(student, focus=[steps[7]], next=[steps[7]])
    steps[7].pk = 0
    with pytest.raises(PlanItemRefused, match="not on file"):
        choose(student, focus=[steps[7]])
    choose(student, aside=[steps[8]])


def test_a_goal_that_cannot_be_meant_is_refused(eighth):
    _, student, steps = eighth
    for fields, said in [
        ({"title": " "}, "title"),
        ({"title": "x", "competency_id": steps[8].pk, "requirement": uuid.uuid4()}, "two goals"),
        ({"title": "x", "target_on": learning.day(0)}, "lies before its start"),
        ({"title": "x", "competency_id": 0}, "not on file"),
        ({"title": "x", "requirement": uuid.uuid4()}, "not on file"),
    ]:
        with pytest.raises(GoalRefused, match=said):
            set_goal(student_id=student.pk, set_by=student.pk, at=learning.noon(1), **fields)
    goal = set_goal(student_id=student.pk, set_by=student.pk, at=learning.noon(1), title="x")
    end_goal(student_id=student.pk, goal=goal.uuid, ended_on=learning.day(2))
    for someone in (student, learning.student()):
        with pytest.raises(GoalRefused):
            end_goal(student_id=someone.pk, goal=goal.uuid, ended_on=learning.day(3))


def test_a_playlist_has_its_licences_and_is_added_to_in_order(eighth):
    _, student, steps = eighth
    choose(student, focus=[steps[8]])
    video = NewResource("Video", "https://example.org/video", "CC BY 4.0")
    text = NewResource("Text", "https://example.org/text", "CC BY-SA 4.0")
    assert link_resources(competency_id=steps[8].pk, resources=[video]) == 1
    assert link_resources(competency_id=steps[8].pk, resources=[video, text]) == 1
    assert [(one.title, one.licence) for one in plan(student).focus[0].playlist] == [("Video", "CC BY 4.0"), ("Text", "CC BY-SA 4.0")]
    for bad, said in [
        (NewResource("x", "javascript:alert(1)", "y"), "http"),
        (NewResource("x", "https://example.org/", " "), "terms"),
    ]:
        with pytest.raises(ResourceRefused, match=said):
            link_resources(competency_id=steps[8].pk, resources=[text, bad])


def test_a_completion_added_or_removed_changes_nothing_but_its_assignments_own_done(eighth):
    educator, student, steps = eighth
    learning.judge(educator, student, steps[6], 1)
    choose(student, focus=[(steps[6], {"target_on": learning.day(30)})])
    offering = build.offering(assignments=2)
    enrollment = build.enrollment(offering, enrolled_on=learning.day(1))
    own = Enrollment.objects.create(code="own", student=student, offering=offering, enrolled_on=learning.day(1), batch=build.batch())
    first, second = build.assignments(offering)
    practise(competency_id=steps[6].pk, assignment_ids=[first.pk, second.pk])

    def seen(on):
        now = plan(student, on=on)
        work = [(one.title, one.enrollment, one.done) for one in now.focus[0].assignments]
        rest = [(line.node, line.level, line.item, line.why, line.waits_for) for line in (*now.mastered, *now.focus, *now.next)]
        return work, (rest, now.goals, now.pace, now.not_checked, list(CurrentLevel.objects.values()))

    before, without = seen(5)
    assert before == [("Work 1.1", own.uuid, False), ("Work 1.2", own.uuid, False)]
    build.complete(enrollment, first, on=learning.day(2))  # another student's
    assert seen(5) == (before, without)
    build.complete(own, first, on=learning.day(2))
    work, rest = seen(5)
    assert [done for *_, done in work] == [True, False]
    assert rest == without
    build.complete(own, first, on=learning.day(2), sequence=1)
    assert seen(5) == (before, without)


def test_work_of_an_enrollment_that_ended_or_has_not_begun_is_not_offered(eighth):
    _, student, steps = eighth
    choose(student, focus=[steps[6]])
    offering = build.offering(assignments=1)
    practise(competency_id=steps[6].pk, assignment_ids=[one.pk for one in build.assignments(offering)])
    Enrollment.objects.create(
        code="own", student=student, offering=offering, enrolled_on=learning.day(5), withdrawn_on=learning.day(8), batch=build.batch()
    )
    assert [len(plan(student, on=on).focus[0].assignments) for on in (4, 5, 8, 9)] == [0, 1, 1, 0]


def test_pace_is_told_against_the_students_own_dates(eighth):
    educator, student, steps = eighth
    choose(student, focus=[(steps[5], {"target_on": learning.day(10)})], next=[(steps[6], {"target_on": learning.day(20)})])
    assert plan(student, on=9).pace.words == "On pace."
    assert plan(student, on=10).pace.ahead == -1
    learning.judge(educator, student, steps[5], 3, on=11)
    assert plan(student, on=11).pace.words == "On pace."
    learning.judge(educator, student, steps[6], 3, on=12)
    assert plan(student, on=12).pace.words == "1 ahead."
    with acting_as("area_learning"), CaptureQueriesContext(connection) as asked:
        paces = pace_of(student_ids=[student.pk, educator.pk], day=learning.day(12))
    assert {pk: pace.ahead for pk, pace in paces.items()} == {student.pk: 1, educator.pk: None}
    assert len(asked) <= 3


def test_reading_a_plan_asks_twelve_questions_whatever_its_size(eighth):
    educator, student, steps = eighth
    _, many = learning.framework(60, lowest_grade=8, highest_grade=8)
    choose(student, focus=[*steps.values(), *many[:30]])
    for one in many[30:]:
        learning.judge(educator, student, one, 3)
    with acting_as("area_learning"):
        with CaptureQueriesContext(connection) as asked:
            now = plan_on(student_id=student.pk, day=learning.day(1))
        assert len(now.focus) == 35
        assert len(now.mastered) == 30
        assert len(asked) <= 12


def test_the_grade_speaks_only_where_the_courses_name_nothing():
    from enrollments.models import Course
    from pathways.models import CourseCompetency
    from tests import build_learning

    steps = ladder(4, 8)
    own = build_learning.competency(build_learning.framework(0)[0], code="own")
    course = Course.objects.create(catalogue="school", code="OWN", title="Our own")
    educator, (student,), _ = build_learning.class_of(course=course)
    build_learning.judge(educator, student, steps[7], 3)
    assert codes(plan(student).next) == ["G8"]
    CourseCompetency.objects.create(course=course, competency=own)
    assert codes(plan(student).next) == ["own"]
