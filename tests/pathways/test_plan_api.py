"""The API of plans: who may do what, in which form, in how many queries."""

import datetime
import json
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from competencies.models import MasteryJudgment
from enrollments.models import Enrollment
from pathways.actions.link_resources import NewResource, link_resources, practise
from pathways.models import PlanItem
from tests import build
from tests import build_learning as learning
from tests.pathways.plans import choose, ladder

pytestmark = pytest.mark.django_db

# What a transaction and an area cost is the same for every endpoint, and no reading.
NO_READING = ("SAVEPOINT", "SET LOCAL ROLE", "current_setting('role')")


@pytest.fixture
def school():
    """(teacher, student, class, competencies by grade)."""
    educator, (student,), section = learning.class_of()
    return educator, student, section, ladder()


def api(person):
    client = Client()
    client.force_login(person)

    def call(method, path, body=None):
        answer = client.generic(method, f"/api/v1/{path}", *([body and _json(body), "application/json"] if body is not None else []))
        return answer.status_code, answer.json()

    return call


def _json(body):
    return json.dumps(body, default=str)


def of(student, path=""):
    return f"students/{student.uuid}/{path}"


def codes(lines):
    return [line["competency"]["code"] for line in lines]


def test_a_plan_is_read_with_all_that_its_items_lead_to(school):
    educator, student, _, steps = school
    learning.judge(educator, student, steps[6], 3)
    choose(student, focus=[steps[7]])
    link_resources(competency_id=steps[7].pk, resources=[NewResource("Video", "https://example.org/v", "CC BY 4.0")])
    offering = build.offering(assignments=1)
    practise(competency_id=steps[7].pk, assignment_ids=[one.pk for one in build.assignments(offering)])
    Enrollment.objects.create(code="own", student=student, offering=offering, batch=build.batch())
    status, plan = api(student)("GET", of(student, "plan"))
    assert status == 200
    assert (codes(plan["mastered"]), codes(plan["in_focus"]), codes(plan["next"])) == (["G6"], ["G7"], ["G8"])
    (line,) = plan["in_focus"]
    assert line["resources"][0]["licence"] == "CC BY 4.0"
    assert (line["assignments"][0]["title"], line["assignments"][0]["done"]) == ("Work 1.1", False)
    assert line["choice"]["origin"] == "student"
    assert plan["mastered"][0]["level"] == {"rank": 3, "label": "Proficient", "overridden": False}
    assert plan["next"][0]["waits_for"] == [{"uuid": str(steps[7].uuid), "code": "G7"}]
    assert plan["pace"] == {"ahead": None, "words": "No own dates are set.", "late": [], "catch_up": []}
    assert plan["ask_to_be_assessed_at"] == f"/api/v1/students/{student.uuid}/assessment-requests"


def test_reading_a_plan_asks_at_most_fifteen_questions_whatever_its_size(school):
    educator, student, _, steps = school
    _, many = learning.framework(80, lowest_grade=8, highest_grade=8)
    choose(student, focus=[*steps.values(), *many[:40]])
    learning.judge(educator, student, many[79], 3)
    call = api(student)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            status, plan = call("GET", of(student, "plan"))
        assert status == 200
        return plan, [one["sql"] for one in queries if not any(word in one["sql"] for word in NO_READING)]

    plan, first = asked()
    assert len(plan["in_focus"]) == 45
    assert len(first) <= 15, first
    for one in many[40:79]:
        learning.judge(educator, student, one, 3)
    plan, second = asked()
    assert len(plan["mastered"]) == 40
    assert len(second) <= len(first)


def test_whoever_is_related_reads_a_plan_and_nobody_else_can_tell_that_it_is_there(school):
    educator, student, section, _ = school
    related = [educator, student, learning.guardian(student), learning.counsellor(student), learning.administrator(section.school)]
    strangers = [learning.class_of()[0], learning.student(), learning.person("auditor"), learning.person("finance_officer")]
    assert [api(one)("GET", of(student, "plan"))[0] for one in related] == [200] * 5
    answers = {api(one)("GET", of(student, "plan"))[1]["detail"] for one in strangers}
    assert [api(one)("GET", of(student, "plan"))[0] for one in strangers] == [404] * 4
    assert answers == {api(educator)("GET", f"students/{uuid.uuid4()}/plan")[1]["detail"]}


def test_staff_of_a_provider_see_levels_and_places_and_no_words(school):
    _, student, _, steps = school
    offering = build.offering()
    Enrollment.objects.create(code="own", student=student, offering=offering, enrolled_on=learning.day(1), batch=build.batch())
    staff = api(learning.person("provider_staff", organization=offering.provider))
    choose(student, focus=[(steps[8], {"reason": "Because of my illness"})])
    status, plan = staff("GET", of(student, "plan"))
    assert status == 200
    assert set(plan) == {"student", "mastered", "in_focus", "next", "aside"}
    assert "illness" not in str(plan)
    assert staff("GET", of(student, "assessment-requests"))[0] == 403


def test_student_and_teacher_choose_and_a_guardian_does_not(school):
    educator, student, _, steps = school
    body = {"choices": [{"competency": steps[8].uuid, "place": "focus", "reason": "I like it"}]}
    for person, status, origin in [(student, 201, "student"), (educator, 201, "educator"), (learning.guardian(student), 403, None)]:
        got, said = api(person)("POST", of(student, "plan/choices"), body)
        assert got == status
        assert origin is None or said["choices"][0]["origin"] == origin
    assert PlanItem.objects.count() == 2


def test_what_cannot_be_chosen_is_a_problem_that_names_the_field(school):
    _, student, _, steps = school
    call = api(student)
    nobody = uuid.uuid4()
    body = {"choices": [{"competency": steps[8].uuid, "place": "focus"}, {"competency": nobody, "place": "next"}]}
    status, said = call("POST", of(student, "plan/choices"), body)
    assert (status, said["errors"][0]["pointer"]) == (422, "/choices/1/competency")
    status, said = call("POST", of(student, "plan/choices"), {"choices": [{"competency": "x", "place": "there"}]})
    assert (status, {one["pointer"] for one in said["errors"]}) == (400, {"/choices/0/competency", "/choices/0/place"})
    status, said = call(
        "POST", of(student, "plan/choices"), {"choices": [{"competency": steps[8].uuid, "place": "focus", "position": 3}]}
    )
    assert (status, "orders what is next" in said["detail"]) == (422, True)
    assert call("POST", of(student, "plan/choices"), {"choices": []})[0] == 400
    assert not PlanItem.objects.exists()


def test_a_goal_is_set_and_ended(school):
    _, student, _, steps = school
    call = api(student)
    status, goal = call(
        "POST", of(student, "plan/goals"), {"title": "Algebra", "competency": steps[8].uuid, "target_on": "2199-01-01"}
    )
    assert (status, goal["competency"], goal["ended_on"]) == (201, str(steps[8].uuid), None)
    assert call("GET", of(student, "plan"))[1]["goals"] == [goal]
    status, ended = call("POST", of(student, f"plan/goals/{goal['uuid']}/end"), {})
    assert (status, ended["ended_on"]) == (200, timezone.now().date().isoformat())
    assert call("POST", of(student, f"plan/goals/{goal['uuid']}/end"), {})[0] == 422
    assert call("POST", of(student, "plan/goals"), {"title": "x", "requirement": uuid.uuid4()})[0] == 422


def test_a_student_asks_the_teacher_answers_and_the_student_asks_again(school):
    educator, student, section, steps = school
    asking, teaching = api(student), api(educator)
    status, request = asking("POST", of(student, "assessment-requests"), {"competency": steps[8].uuid, "message": "Ready."})
    assert (status, request["answer"], request["message"]) == (201, None, "Ready.")
    assert asking("POST", of(student, "assessment-requests"), {"competency": steps[8].uuid})[0] == 409
    status, queue = teaching("GET", f"classes/{section.uuid}/assessment-requests")
    assert [(one["uuid"], one["student"]["uuid"]) for one in queue["results"]] == [(request["uuid"], str(student.uuid))]
    answer = of(student, f"assessment-requests/{request['uuid']}/answer")
    assert asking("POST", answer, {"rank": 4})[0] == 403
    assert teaching("POST", answer, {})[0] == 422
    status, answered = teaching("POST", answer, {"rank": 2, "note": "Nearly."})
    assert (status, answered["answer"]["outcome"], answered["answer"]["note"]) == (201, "judged", "Nearly.")
    assert MasteryJudgment.objects.get(pk=answered["answer"]["judgment"]).judged_by == educator
    assert teaching("POST", answer, {"rank": 2})[0] == 409
    assert teaching("GET", f"classes/{section.uuid}/assessment-requests")[1]["results"] == []
    status, again = asking("POST", of(student, "assessment-requests"), {"competency": steps[8].uuid})
    assert asking("POST", of(student, f"assessment-requests/{again['uuid']}/take-back"), {})[1]["answer"]["outcome"] == "taken_back"
    status, history = teaching("GET", of(student, "assessment-requests"))
    assert [one["uuid"] for one in history["results"]] == [again["uuid"], request["uuid"]]


def test_a_teacher_cannot_ask_for_a_student_nor_take_a_request_back(school):
    educator, student, _, steps = school
    assert api(educator)("POST", of(student, "assessment-requests"), {"competency": steps[8].uuid})[0] == 403
    _, request = api(student)("POST", of(student, "assessment-requests"), {"competency": steps[8].uuid})
    assert api(educator)("POST", of(student, f"assessment-requests/{request['uuid']}/take-back"), {})[0] == 403


def test_a_diagnostic_lays_out_a_path(school):
    educator, student, _, steps = school
    results = [{"competency": steps[grade].uuid, "rank": rank} for grade, rank in [(8, 1), (6, 1), (5, 2), (4, 3)]]
    status, done = api(educator)("POST", of(student, "diagnostics"), {"results": results, "finish_by": "2199-01-01"})
    assert status == 201
    assert [(one["competency"]["code"], one["why"]) for one in done["path"]] == [
        ("G5", "gap"), ("G6", "gap"), ("G7", "not_shown"), ("G8", "gap")
    ]  # fmt: skip
    assert len(done["judgments"]) == 4
    assert codes(api(student)("GET", of(student, "plan"))[1]["next"]) == ["G5", "G6", "G7", "G8"]
    assert api(student)("POST", of(student, "diagnostics"), {"results": results})[0] == 403
    assert api(educator)("POST", of(student, "diagnostics"), {"results": [*results, results[0]]})[0] == 422


def test_a_class_shows_who_is_stalled_and_each_students_pace(school):
    educator, student, section, steps = school
    today = timezone.now().date()
    target = learning.day(1) + datetime.timedelta(days=1)
    assert target < today
    choose(student, focus=[(steps[7], {"target_on": target})])
    status, stalled = api(educator)("GET", f"classes/{section.uuid}/stalled")
    assert status == 200
    assert [(one["student"]["uuid"], one["competency"]["code"]) for one in stalled["results"]] == [(str(student.uuid), "G7")]
    assert stalled["results"][0]["quiet_days"] == (today - learning.day(1)).days
    status, pace = api(educator)("GET", f"classes/{section.uuid}/pace")
    assert (status, pace["results"][0]["ahead"]) == (200, -1)
    assert pace["results"][0]["words"].startswith("1 behind. To catch up: ")


@pytest.mark.parametrize("what", ["assessment-requests", "stalled", "pace"])
def test_a_class_is_open_to_those_who_teach_it_alone(school, what):
    educator, student, section, _ = school
    other = learning.class_of()[0]
    assert api(educator)("GET", f"classes/{section.uuid}/{what}")[0] == 200
    for person in (other, student, learning.guardian(student), learning.person("payment_releaser")):
        assert api(person)("GET", f"classes/{section.uuid}/{what}")[0] == 404
    assert api(educator)("GET", f"classes/{uuid.uuid4()}/{what}")[0] == 404
    without = learning.section([], educator)
    assert api(educator)("GET", f"classes/{without.uuid}/{what}") == (200, {"results": [], "next": None})


def test_a_write_sent_twice_under_one_key_is_done_once(school):
    _, student, _, steps = school
    client = Client()
    client.force_login(student)
    body = {"choices": [{"competency": str(steps[8].uuid), "place": "focus"}]}
    path = f"/api/v1/{of(student, 'plan/choices')}"
    answers = [client.post(path, body, content_type="application/json", headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert PlanItem.objects.count() == 1
