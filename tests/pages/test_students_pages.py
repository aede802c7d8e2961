"""A counsellor's and a school's students: who is near, stalled or without a plan; credit due and revoked by page."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from competencies.actions.record_judgments import NewJudgment, record_judgments
from pathways.actions.open_plan import plan_of
from pathways.actions.set_requirement import set_requirement
from pathways.models import CreditAward, CreditRevocation, LearningPlan
from people.actions.give_case import give_cases
from tests import build_learning as build
from tests.pathways.credit_ground import asks, course, set_for
from tests.pathways.plans import choose

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_learning")]


def as_user(user):
    client = Client(enforce_csrf_checks=False)
    client.force_login(user)
    return client


def text(answer):
    return answer.content.decode()


class Cases:
    """A school of three students: one has met the requirement, one is near it and stalled, one has nothing and no plan."""

    def __init__(self, more=0):
        teacher = build.teacher()
        self.school = build.school("CASES", "CASES")
        self.met, self.near, self.none = (build.student(name=name) for name in ("Ada Met", "Ben Near", "Cleo None"))
        self.students = [self.met, self.near, self.none, *(build.student(name=f"More {number:03}") for number in range(more))]
        build.section(self.students, teacher, school_code="CASES")
        _, self.competencies = build.framework(4)
        self.course, (self.module,) = course("1/2", code=f"SCI{more}")
        set_for(self.course, self.module, asks(self.competencies[0]), teacher)
        set_requirement(
            kind="graduation", code="grad", title="Graduation", tree=asks(*self.competencies), decided_by=teacher.pk, at=build.noon(1)
        )
        for place, one in enumerate(self.competencies):
            build.judge(teacher, self.met, one, 3, on=2)
            if place < 3:
                build.judge(teacher, self.near, one, 3, on=2)
        judged = [NewJudgment(one.pk, self.competencies[0].pk, 3, build.day(2)) for one in self.students[3:]]
        record_judgments(judged_by=teacher.pk, at=build.noon(2), judgments=judged)
        for one in (self.met, self.near, *self.students[3:]):
            plan_of(one.pk, build.noon(1))
        choose(self.near, focus=[self.competencies[3]])
        self.teacher = teacher
        self.counsellor = build.counsellor(self.met)
        give_cases(counsellor_id=self.counsellor.pk, student_ids=[one.pk for one in self.students[1:]], starts_on=build.START)
        self.client = as_user(self.counsellor)

    def names(self, query=""):
        return [row.student.name for row, _ in self.client.get(f"/students/{query}").context["shown"]]


@pytest.fixture
def cases():
    return Cases()


def test_each_number_opens_its_list(cases):
    page = cases.client.get("/students/")
    (graduation,) = page.context["load"].requirements
    assert (graduation.met, graduation.near, graduation.on_the_way) == (1, 1, 1)
    assert (page.context["load"].stalled, page.context["load"].without_plan) == (1, 1)
    assert cases.names() == ["Ada Met", "Ben Near", "Cleo None"]
    assert cases.names("?requirement=grad&show=met") == ["Ada Met"]
    assert cases.names("?requirement=grad&show=near") == ["Ben Near"]
    assert cases.names("?requirement=grad&show=on_the_way") == ["Cleo None"]
    assert cases.names("?show=stalled") == ["Ben Near"]
    assert cases.names("?show=without_plan") == ["Cleo None"]
    assert cases.names("?show=nonsense&requirement=none") == ["Ada Met", "Ben Near", "Cleo None"]
    assert "3 of 4 met (75 of 100)" in text(cases.client.get("/students/?show=near"))


def test_a_name_is_searched_in_the_body_and_stands_in_no_address(cases):
    answer = cases.client.post("/students/", {"name": "near BEN"})
    assert [row.student.name for row, _ in answer.context["shown"]] == ["Ben Near"]
    assert "?name=" not in text(answer)
    assert "Nobody is in this list" in text(cases.client.post("/students/", {"name": "Zoe"}))


def test_the_list_is_taken_along_as_a_table(cases):
    answer = cases.client.get("/students/table/?requirement=grad&show=near")
    assert answer["Content-Type"].startswith("text/csv")
    assert "no-store" in answer["Cache-Control"]
    assert text(answer).splitlines()[1:] == [
        f"Ben Near,School CASES,8,yes,{cases.competencies[3].code},Graduation,near,75,3 of 4 met",
    ]


def test_plans_are_opened_for_all_who_have_none_and_a_second_click_opens_none(cases):
    assert "1 plan is opened." in text(cases.client.post("/students/plans/", follow=True))
    assert "has a plan already" in text(cases.client.post("/students/plans/", follow=True))
    assert LearningPlan.objects.filter(student=cases.none).count() == 1


def test_counsellors_and_schools_see_their_own_students_alone(cases):
    administrator = as_user(build.administrator(cases.school))
    assert len(administrator.get("/students/").context["shown"]) == 3
    stranger = as_user(build.counsellor(build.student()))
    assert stranger.get("/students/").context["count"] == 1
    assert "No student is in your care yet" in text(as_user(build.person("counsellor")).get("/students/"))
    for who in (cases.teacher, cases.met, build.guardian(cases.met), build.administrator(build.district("CASES"))):
        assert as_user(who).get("/students/").status_code == 403
        assert as_user(who).post("/students/plans/").status_code == 403
    assert not LearningPlan.objects.filter(student=cases.none).exists()
    for page in ("credit/", "placement/"):
        assert stranger.get(f"/students/{cases.met.uuid}/{page}").status_code == 404


def test_the_first_page_leads_with_the_exceptions(cases):
    for client in (cases.client, as_user(build.administrator(cases.school))):
        page = text(client.get("/"))
        for said in ("3 students", "1 is stalled", "1 has no plan yet", "1 is near Graduation", "2 awards of credit are due"):
            assert said in page
    assert "/frameworks/" in text(as_user(build.administrator(build.district("CASES"))).get("/"))


def test_credit_due_is_looked_at_and_awarded_with_one_confirmation(cases):
    page = cases.client.get("/credit/due/")
    keys = [line.key for line in page.context["page"]]
    assert [line.student.name for line in page.context["page"]] == ["Ada Met", "Ben Near"]
    shown = cases.client.post("/credit/due/", {"what": "look", "due": keys, "occasion": "recovery"})
    assert "2 awards, 1 credit in all. Recovery of credit." in " ".join(text(shown).split())
    assert not CreditAward.objects.exists()
    done = {"what": "award", "due": keys, "occasion": "recovery", "once": "a"}
    assert "2 awards are made." in text(cases.client.post("/credit/due/", done, follow=True))
    cases.client.post("/credit/due/", done, follow=True)
    assert cases.client.post("/credit/due/", done | {"once": "b"}).status_code == 422
    assert sorted(CreditAward.objects.values_list("student__full_name", "occasion", "awarded_by_id")) == [
        ("Ada Met", "recovery", cases.counsellor.pk),
        ("Ben Near", "recovery", cases.counsellor.pk),
    ]
    assert "No credit is due" in text(cases.client.get("/credit/due/"))


def test_40_awards_cost_as_many_queries_as_2():
    asked = []
    for more in (0, 38):
        cases = Cases(more=more)
        keys = [line.key for line in cases.client.get("/credit/due/").context["page"]]
        with CaptureQueriesContext(connection) as queries:
            cases.client.post("/credit/due/", {"what": "award", "due": keys, "occasion": "regular"})
        asked.append(len(queries))
    assert CreditAward.objects.count() == 42
    print(f"awarding: {asked[0]} queries")
    assert asked[0] == asked[1]


def test_nothing_is_awarded_that_is_not_due_or_not_in_reach(cases):
    for due in ([], [f"{cases.none.uuid} credit/SCI0/M1"], ["nonsense"]):
        answer = cases.client.post("/credit/due/", {"what": "award", "due": due, "occasion": "regular"})
        assert answer.status_code == 422
    keys = [line.key for line in cases.client.get("/credit/due/").context["page"]]
    assert cases.client.post("/credit/due/", {"what": "award", "due": keys, "occasion": "gift"}).status_code == 422
    stranger = as_user(build.counsellor(build.student()))
    assert stranger.post("/credit/due/", {"what": "award", "due": keys, "occasion": "regular"}).status_code == 422
    assert not CreditAward.objects.exists()


def test_an_award_is_revoked_with_its_reason_once(cases):
    keys = [line.key for line in cases.client.get("/credit/due/").context["page"]]
    cases.client.post("/credit/due/", {"what": "award", "due": keys, "occasion": "regular"})
    award = CreditAward.objects.get(student=cases.met)
    address = f"/students/{cases.met.uuid}/credit/"
    assert "Stands" in text(cases.client.get(address))
    refused = cases.client.post(f"{address}{award.uuid}/revoke/", {"reason": " "})
    assert refused.status_code == 422
    assert "Give the reason" in text(refused)
    assert not CreditRevocation.objects.exists()
    assert "stays on record" in text(cases.client.post(f"{address}{award.uuid}/revoke/", {"reason": "A mix-up."}, follow=True))
    assert "revoked already" in text(cases.client.post(f"{address}{award.uuid}/revoke/", {"reason": "Again."}, follow=True))
    assert "A mix-up." in text(cases.client.get(address))
    other = CreditAward.objects.get(student=cases.near)
    assert cases.client.post(f"{address}{other.uuid}/revoke/", {"reason": "No."}).status_code == 404
    assert CreditRevocation.objects.get().award == award


def test_500_students_cost_as_many_queries_as_3_and_are_paged(cases):
    cases.client.get("/")
    pages = ("/students/", "/students/?show=near", "/students/table/", "/", "/credit/due/")

    def asked(client):
        found = {}
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(page)
            found[page] = len(queries)
            print(f"{page}: {len(queries)} queries, {len(answer.content)} bytes")
        return found

    few = asked(cases.client)
    many = Cases(more=497)
    many.client.get("/")
    assert len(many.client.get("/students/").context["shown"]) == 50
    assert asked(many.client) == few
    assert few["/students/"] <= 25
