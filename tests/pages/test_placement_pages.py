"""Placing a newcomer by page: a portfolio is brought, its competencies are confirmed or refused, each once."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from competencies.models import Association, MasteryJudgment
from pathways.models import Placement, PlacementDecision, PortfolioArrival
from people.models import Role
from tests import build_learning as build
from tests.pathways.portfolio_ground import a_years_work, empty, export, zipped

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_learning")]


def as_user(user):
    client = Client(enforce_csrf_checks=False)
    client.force_login(user)
    return client


def text(answer):
    return answer.content.decode()


class Newcomer:
    """A student who arrives with a portfolio of two mastered competencies, and their counsellor."""

    def __init__(self):
        _, self.competencies = build.framework(3)
        _, leaver = a_years_work(self.competencies)
        self.bundle = export(leaver)
        self.student = build.student(build.school("NEW"), name="Imogen Castellanos")
        self.counsellor = build.counsellor(self.student)
        self.client = as_user(self.counsellor)
        self.address = f"/students/{self.student.uuid}/placement/"

    def bring(self, content=None, **fields):
        file = SimpleUploadedFile("portfolio.zip", self.bundle if content is None else content)
        return self.client.post(f"{self.address}bring/", {"bundle": file, **fields}, follow=True)

    def decide(self, what, placements=None, **fields):
        chosen = [str(one.uuid) for one in (Placement.objects.all() if placements is None else placements)]
        return self.client.post(f"{self.address}decide/", {"what": what, "placement": chosen, **fields}, follow=True)


@pytest.fixture
def newcomer():
    return Newcomer()


def test_a_portfolio_is_proposed_competency_by_competency_and_confirmed_at_once(newcomer):
    assert "Nothing is proposed yet" in text(newcomer.client.get(newcomer.address))
    page = text(newcomer.bring())
    assert "The portfolio from School OLD is taken in. 3 pieces of evidence came along." in page
    assert page.count("The same identifier") == 2
    assert page.count("checked>") == 2
    assert not MasteryJudgment.objects.filter(student=newcomer.student).exists(), "nothing counts yet"
    first, second = Placement.objects.order_by("id")
    said = text(newcomer.decide("confirm", **{f"rank-{first.uuid}": "3"}))
    assert "2 competencies are confirmed." in said
    judged = MasteryJudgment.objects.filter(student=newcomer.student).order_by("id")
    assert [(one.kind, one.rank, one.judged_by) for one in judged] == [
        ("transfer", 3, newcomer.counsellor),
        ("transfer", second.proposed_rank, newcomer.counsellor),
    ]
    plan = text(newcomer.client.get(f"/students/{newcomer.student.uuid}/plan/"))
    assert "2 of " in plan
    assert newcomer.competencies[0].code in plan[plan.index("<h2>") :]


@pytest.mark.parametrize("roles", ["ended", "none"])
def test_a_student_in_reach_is_a_student_also_after_the_school_year(newcomer, roles):
    theirs = Role.objects.filter(user=newcomer.student)
    theirs.update(ends_on=datetime.date(2020, 6, 30)) if roles == "ended" else theirs.delete()
    for who in (newcomer.counsellor, build.administrator(build.school("NEW"))):
        newcomer.client = as_user(who)
        answer = newcomer.bring()
        assert answer.status_code == 200
        assert "There is no such student" not in text(answer)
    assert PortfolioArrival.objects.filter(student=newcomer.student).count() == 1


def test_a_second_click_and_the_same_file_change_nothing(newcomer):
    newcomer.bring(once="a")
    assert PortfolioArrival.objects.count() == 1
    newcomer.bring(once="a")
    assert "had come before" in text(newcomer.bring(once="b"))
    newcomer.decide("confirm")
    assert "is decided already" in text(newcomer.decide("refuse", note="No."))
    assert PlacementDecision.objects.filter(judgment__isnull=False).count() == 2
    assert PlacementDecision.objects.count() == 2


def test_a_refusal_asks_for_its_reason_and_keeps_what_was_chosen(newcomer):
    newcomer.bring()
    one, other = Placement.objects.order_by("id")
    answer = newcomer.decide("refuse", [one])
    assert answer.status_code == 422
    assert "Say why it is refused" in text(answer)
    assert f'value="{one.uuid}" id="p1" checked' in text(answer)
    assert f'value="{other.uuid}" id="p2">' in text(answer)
    assert "1 competency is refused." in text(newcomer.decide("refuse", [one], note="Shown in another way here."))
    assert "“Shown in another way here.”" in text(newcomer.client.get(newcomer.address))
    assert newcomer.decide("confirm", []).status_code == 422


def test_what_matches_nothing_is_named_and_cannot_be_confirmed(newcomer):
    said = newcomer.bundle
    for one in newcomer.competencies[:2]:
        type(one).objects.filter(pk=one.pk).update(uuid=f"00000000-0000-4000-8000-{one.pk:012}")
    Association.objects.all().delete()
    page = text(newcomer.bring(said))
    assert "Matched to nothing here" in page
    assert "Confirm what is chosen" not in page
    answer = newcomer.decide("confirm")
    assert answer.status_code == 422
    assert "so it cannot be confirmed" in text(answer)
    assert not PlacementDecision.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"PK\x03\x04 no zip", "zip"), (zipped(empty(version=7)), "credence-portfolio")],
    ids=["empty", "damaged", "another form"],
)
def test_a_file_that_is_no_portfolio_is_refused_in_words(newcomer, content, said):
    answer = newcomer.bring(content)
    assert answer.status_code == 422
    assert 'id="id_bundle_error"' in text(answer)
    assert said in text(answer)
    assert not PortfolioArrival.objects.exists()


def test_only_the_students_counsellor_and_school_place_and_no_placement_of_another_student_is_decided(newcomer):
    newcomer.bring()
    stranger = build.student(build.school("ELSEWHERE", "D9"))
    others = [newcomer.student, build.counsellor(stranger), build.administrator(build.district()), build.teacher()]
    for who in others:
        client = as_user(who)
        for address in ("", "bring/", "decide/"):
            answer = client.post(newcomer.address + address, {}) if address else client.get(newcomer.address)
            assert answer.status_code in (403, 404), (who.username, address)
    client = as_user(build.counsellor(stranger))
    chosen = [str(one.uuid) for one in Placement.objects.all()]
    answer = client.post(f"/students/{stranger.uuid}/placement/decide/", {"what": "confirm", "placement": chosen})
    assert answer.status_code == 422
    assert not PlacementDecision.objects.exists()
    assert as_user(build.administrator(build.school("NEW"))).get(newcomer.address).status_code == 200


def mastered(count, frameworks):
    return [
        {
            "framework": str(frameworks[0].uuid), "framework_title": "Numbers", "competency": str(one.uuid), "code": one.code,
            "statement": one.statement, "level": "Proficient", "rank": 3, "highest_rank": 4, "scale": "four-levels 1",
            "judged_on": ["2025-05-05"],
        }
        for one in frameworks[1][:count]
    ]  # fmt: skip


def test_the_page_and_the_decision_ask_as_much_of_the_database_for_80_as_for_8(newcomer):
    frameworks = build.framework(80)
    asked = {}
    for count in (8, 80):
        Placement.objects.filter(decision__isnull=True)
        newcomer.student = build.student(build.school("NEW"), name=f"Newcomer {count}")
        newcomer.client = as_user(build.counsellor(newcomer.student))
        newcomer.address = f"/students/{newcomer.student.uuid}/placement/"
        newcomer.bring(zipped(empty(issuer="Elsewhere", mastered=mastered(count, frameworks))))
        mine = Placement.objects.filter(arrival__student=newcomer.student)
        assert mine.count() == count
        with CaptureQueriesContext(connection) as page:
            answer = newcomer.client.get(newcomer.address)
        with CaptureQueriesContext(connection) as deed:
            newcomer.client.post(f"{newcomer.address}decide/", {"what": "confirm", "placement": [str(one.uuid) for one in mine]})
        assert PlacementDecision.objects.filter(placement__in=mine).count() == count
        asked[count] = (len(page), len(deed))
        print(f"placement of {count}: page {asked[count][0]} queries, {len(answer.content)} bytes; deed {asked[count][1]} queries")
    assert asked[80] == asked[8]
