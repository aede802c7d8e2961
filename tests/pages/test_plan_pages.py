"""The plan's pages: who reads them, what they say, what a student does on them, and what they ask of the database."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from competencies.actions.record_judgments import NewJudgment, record_judgments
from competencies.actions.withdraw_judgment import withdraw_judgment
from competencies.models import Evidence, EvidenceFile, MasteryJudgment
from pathways.actions.answer_request import answer_request
from pathways.actions.ask_for_assessment import ask_for_assessment
from pathways.models import AssessmentAnswer, AssessmentRequest, PlanGoal, PlanItem
from people.models import Organization
from tests import build_learning as build
from tests.pages.plan_ground import set_up

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_learning")]
# What enters and leaves an area, and a transaction within the test's own.
NO_READING = ("SAVEPOINT", "SET LOCAL ROLE", "current_setting('role')")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
PAGES = ("plan/", "plan/summary/", "plan/credit/")


@pytest.fixture
def school():
    return set_up()


def as_user(user):
    client = Client(enforce_csrf_checks=False)
    client.force_login(user)
    return client


def text(answer):
    return answer.content.decode()


def test_the_comment_of_a_withdrawn_judgement_no_longer_stands_as_the_answer(school):
    competency, at = school.competencies[1], timezone.now()
    asked = ask_for_assessment(student_id=school.student.pk, competency_id=competency.pk, asked_by=school.student.pk, at=at)
    told = answer_request(
        student_id=school.student.pk, request=asked.uuid, answered_by=school.teacher.pk, at=at, rank=1, worked_on=timezone.localdate(),
        note="Meant for somebody else.",
    )  # fmt: skip
    client, pages = as_user(school.student), [school.path("plan/"), school.cell(1)]
    assert all("Meant for somebody else." in text(client.get(page)) for page in pages)
    withdraw_judgment(judgment_id=told.judgment_id, withdrawn_by=school.teacher.pk, reason="Wrong student.", at=timezone.now())
    pages.append(school.path("plan/summary/"))
    assert not any("Meant for somebody else." in text(client.get(page)) for page in pages)
    assert "The judgement that answered your last request was withdrawn on" in text(client.get(school.cell(1)))


def test_a_teacher_reads_the_way_to_judging_first_and_in_whose_name_work_is_handed_in(school):
    page = text(as_user(school.teacher).get(school.cell(1)))
    assert page.index("Judge this") < page.index("Hand in work")
    assert f"You put this on file for {school.student.full_name}, in your own name." in page
    assert "You put this on file" not in text(as_user(school.student).get(school.cell(1)))


@pytest.mark.parametrize("who", ["student", "guardian", "teacher", "counsellor", "administrator"])
def test_whoever_stands_in_relation_to_a_student_reads_the_pages(school, who):
    client = as_user(getattr(school, who))
    for page in (*map(school.path, PAGES), school.cell(0)):
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert "no-store" in answer["Cache-Control"]


def test_to_everybody_else_there_is_no_such_page(school):
    provider = Organization.objects.create(kind="provider", code="P9", name="Provider 9")
    others = [school.stranger, build.student(), build.person("auditor"), build.person("provider_staff", organization=provider)]
    for other in others:
        client = as_user(other)
        for page in (*map(school.path, PAGES), school.cell(0)):
            assert client.get(page).status_code == 404, (other.username, page)
        for deed in ("evidence/", "ask/", "place/", f"requests/{uuid.uuid4()}/take-back/"):
            assert client.post(school.cell(1, deed), {"place-place": "focus", "work-title": "x"}).status_code == 404
        assert client.post(school.path("plan/goals/"), {"title": "x"}).status_code == 404
    assert Client().get(school.path()).status_code == 302
    assert as_user(school.student).get(school.path(f"plan/{uuid.uuid4()}/")).status_code == 404
    assert as_user(school.guardian).get("/plan/").status_code == 404


def test_a_guardian_and_an_administrator_change_nothing(school):
    for who in (school.guardian, school.administrator):
        client = as_user(who)
        page = text(client.get(school.path())) + text(client.get(school.cell(1)))
        assert "<form" not in page[page.index("<main") : page.index("</main>")]
        for deed in ("evidence/", "ask/", "place/"):
            assert client.post(school.cell(1, deed), {}).status_code == 403
        assert client.post(school.path("plan/goals/"), {"title": "x"}).status_code == 403
        assert client.get(school.cell(1, "ask/")).status_code == 405


def test_every_deed_asks_for_the_pages_token(school):
    client = Client(enforce_csrf_checks=True)
    client.force_login(school.student)
    for deed in (school.cell(1, "evidence/"), school.cell(1, "ask/"), school.cell(1, "place/"), school.path("plan/goals/")):
        assert client.post(deed, {}).status_code == 403


def test_the_plan_names_one_next_step_and_what_is_mastered_in_focus_and_next(school):
    page = text(as_user(school.student).get("/plan/"))
    assert "1 of 5</strong> mastered" in page
    assert page.count('class="usa-button"') == 1
    assert page.index("Hand in work") < page.index("In focus") < page.index("<h2>Next") < page.index("<h2>Mastered")
    assert "Comes after: MA.3" in page
    assert "Become a surveyor" in page


def test_the_next_step_is_to_start_where_nothing_is_in_focus(school):
    client = as_user(school.student)
    client.post(school.cell(1, "place/"), {"place-place": "aside"})
    page = text(client.get("/plan/"))
    assert f'action="{school.cell(2, "place/")}"' in page
    answer = client.post(school.cell(2, "place/"), {"place-place": "focus"}, follow=True)
    assert "MA.3 is in focus now." in text(answer)
    assert PlanItem.objects.order_by("-id").first().origin == "student"


def test_an_empty_plan_says_what_fills_it():
    learner = build.student()
    page = text(as_user(learner).get("/plan/"))
    assert "The plan is still empty" in page
    assert "No goal is set." in page
    assert "The plan is still empty" in text(as_user(build.guardian(learner)).get(f"/students/{learner.uuid}/plan/summary/"))
    assert "No credit is earned yet" in text(as_user(learner).get(f"/students/{learner.uuid}/plan/credit/"))


def test_a_level_is_told_in_the_records_own_words_to_whoever_reads_it(school):
    told = "Proficient: the newest of 2 judgements."
    for who in (school.student, school.teacher, school.guardian):
        page = text(as_user(who).get(school.cell(0)))
        assert told in page
        assert "moved from Developing to <strong>Proficient</strong>" in page
        assert "Every step is explained." in page
    assert told in text(as_user(school.guardian).get(school.path("plan/summary/")))


def test_the_sheet_leads_a_guardian_to_all_that_is_mastered_and_both_print(school):
    client, whole = as_user(school.guardian), school.path("portfolio/")
    sheet = text(client.get(school.path("plan/summary/")))
    assert f'href="{whole}"' in sheet
    for page in (sheet, text(client.get(whole))):
        assert "data-print hidden" in page
        assert "learning/print" in page
    assert f'href="{whole}"' not in text(as_user(school.teacher).get(school.path("plan/summary/")))


def test_asking_twice_makes_one_request_and_it_can_be_taken_back(school):
    client = as_user(school.student)
    first = client.post(school.cell(1, "ask/"), {"ask-message": "I can do it now."}, follow=True)
    assert first.redirect_chain == [(school.cell(1), 302)]
    assert "Your teacher sees that you ask to be assessed." in text(first)
    assert "You have asked already" in text(client.post(school.cell(1, "ask/"), {}, follow=True))
    asked = AssessmentRequest.objects.get()
    assert asked.message == "I can do it now."
    # While it waits, the next step is another one.
    assert f'action="{school.cell(2, "place/")}"' in text(client.get("/plan/"))
    back = school.cell(1, f"requests/{asked.uuid}/take-back/")
    assert "taken back" in text(client.post(back, follow=True))
    assert "The request ended" in text(client.post(back, follow=True))
    assert AssessmentAnswer.objects.get().outcome == "taken_back"
    assert "Ask to be assessed" in text(client.get(school.cell(1)))


def work(**fields):
    return {f"work-{name}": value for name, value in {"title": "Recipe", "worked_on": "2025-10-01", "setting": "work"}.items()} | {
        f"work-{name}": value for name, value in fields.items()
    }


def test_work_is_handed_in_as_a_note_a_link_or_a_file_and_asks_on_request(school):
    client = as_user(school.student)
    for sent in (
        work(text="I halved a recipe."),
        work(address="https://example.org/recipe"),
        work(file=SimpleUploadedFile("../cake.jpeg", PNG), ask="on"),
    ):
        answer = client.post(school.cell(1, "evidence/"), sent, follow=True)
        assert answer.redirect_chain == [(school.cell(1), 302)]
    assert "Your teacher sees that you ask to be assessed." in text(answer)
    assert list(Evidence.objects.order_by("id").values_list("kind", "setting")) == [
        ("note", "work"),
        ("link", "work"),
        ("file", "work"),
    ]
    assert bytes(EvidenceFile.objects.get().content) == PNG
    assert AssessmentRequest.objects.get().evidence.kind == "file"
    page = text(client.get(school.cell(1)))
    assert "I halved a recipe." in page
    assert "cake.png" in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": ""}, "Give your work a name."),
        ({}, "Say what you did, add a file, or give a link."),
        ({"text": "x", "worked_on": "soon"}, "Enter a day like 2025-09-30."),
        ({"text": "x", "worked_on": "2999-01-01"}, "still to come"),
        ({"address": "javascript:alert(1)"}, "begins with https://"),
        ({"file": SimpleUploadedFile("a.png", b"<html><script>")}, "Send it as PDF"),
        ({"file": SimpleUploadedFile("a.JPG", b"No picture, words alone.")}, "its content is no picture"),
        ({"photo": SimpleUploadedFile("a.jpeg", b"%PDF-1.7\n" + bytes(64))}, "its content is no picture"),
        ({"file": SimpleUploadedFile("a.png", PNG), "address": "https://example.org"}, "not both"),
    ],
)
def test_refused_work_says_why_at_its_field_and_keeps_what_was_typed(school, fields, said):
    if file := fields.get("file") or fields.get("photo"):
        file.seek(0)
    answer = as_user(school.student).post(
        school.cell(1, "evidence/"), work(**{"text": "I wrote this down."} | fields if fields else fields)
    )
    page = text(answer)
    assert answer.status_code == 422
    assert said in page
    assert "<title>Error: " in page
    if fields and "text" not in fields:
        assert "I wrote this down." in page
    assert 'aria-invalid="true"' in page
    assert not Evidence.objects.exists()


def test_a_refused_choice_or_goal_keeps_what_was_typed(school):
    client = as_user(school.student)
    chosen = client.post(school.cell(1, "place/"), {"place-place": "focus", "place-target_on": "2020-01-01"})
    assert chosen.status_code == 422
    assert 'value="2020-01-01"' in text(chosen)
    wanted = client.post(school.path("plan/goals/"), {"title": "Fly", "target_on": "2020-01-01"})
    assert wanted.status_code == 422
    assert 'value="Fly"' in text(wanted)
    assert "lies before its start" in text(wanted)


def test_a_goal_is_set_and_ended_by_the_student(school):
    client = as_user(school.student)
    client.post(school.path("plan/goals/"), {"title": "Build a bridge"})
    goal = PlanGoal.objects.get(title="Build a bridge")
    assert "Build a bridge" in text(client.get("/plan/"))
    assert "The goal is ended." in text(client.post(school.path(f"plan/goals/{goal.uuid}/end/"), follow=True))
    assert "already" in text(client.post(school.path(f"plan/goals/{goal.uuid}/end/"), follow=True))
    assert "Build a bridge" not in text(client.get("/plan/"))


def test_credit_is_told_as_earned_and_on_the_way_with_the_requirements(school):
    client = as_user(school.guardian)
    told = text(client.get(school.path("plan/credit/")))
    assert "In all: <strong>1/2</strong>." in told
    assert "Mathematics 8: Unit 2, 1/2 credit" in told
    assert "MA.2: Developing (level 2); mastery is needed" in told
    assert "Mathematics for graduation" in told
    assert "1/2 of 2 credits" in told
    sheet = text(client.get(school.path("plan/summary/")))
    assert "Earned in all: <strong>1/2</strong>." in sheet
    assert "Mathematics 8: Unit 2, 1/2:" in sheet
    assert "Mathematics for graduation:" in sheet


def test_the_first_page_leads_each_to_the_plan(school):
    assert 'href="/plan/"' in text(as_user(school.student).get("/"))
    page = text(as_user(school.guardian).get("/"))
    assert f'href="{school.path("plan/summary/")}"' in page
    assert 'href="/plan/"' not in page


def questions(client, page):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
    return [one["sql"] for one in asked if not any(word in one["sql"] for word in NO_READING)]


@pytest.mark.parametrize("who", ["student", "guardian", "teacher"])
def test_the_plan_asks_at_most_fifteen_questions_whatever_its_size(school, who):
    client = as_user(getattr(school, who))
    client.get("/")
    _framework, many = build.framework(80, lowest_grade=8, highest_grade=8)
    first = questions(client, school.path())
    assert len(first) <= 15, first
    for one in many[:40]:
        build.judge(school.teacher, school.student, one, 3)
    second = questions(client, school.path())
    assert len(second) <= 15
    answer = client.get(school.path())
    print(f"plan of {who}: {len(second)} queries, {len(answer.content)} bytes")
    for page in (school.cell(0), school.path("plan/credit/"), school.path("plan/summary/")):
        print(f"{page.split('/', 3)[3]}: {len(questions(client, page))} queries, {len(client.get(page).content)} bytes")
    assert len(questions(client, school.cell(0))) <= 16
    assert len(questions(client, school.path("plan/credit/"))) <= 20
    assert len(questions(client, school.path("plan/summary/"))) <= 33


def test_several_files_are_handed_in_at_once_and_all_or_none(school):
    client, address = as_user(school.student), school.cell(1, "evidence/")
    photos = [SimpleUploadedFile(f"page{place}.png", PNG + bytes([place])) for place in range(3)]
    answer = client.post(address, work(text="Three pages.", file=photos[1:], photo=photos[0]), follow=True)
    assert "“Recipe” is handed in: 3 files." in text(answer)
    assert list(Evidence.objects.order_by("id").values_list("title", flat=True)) == ["Recipe (1/3)", "Recipe (2/3)", "Recipe (3/3)"]
    refused = client.post(address, work(file=[SimpleUploadedFile("fine.png", PNG), SimpleUploadedFile("bad.png", b"<html><script>")]))
    assert refused.status_code == 422
    assert "bad.png: " in text(refused)
    many = client.post(address, work(file=[SimpleUploadedFile(f"{place}.png", PNG) for place in range(6)]))
    assert "You chose 6 files" in text(many)
    large = client.post(address, work(photo=SimpleUploadedFile("film.mp4", bytes(10 * 1024 * 1024 + 1))))
    assert "“film.mp4” has 10.0" in text(large)
    assert Evidence.objects.count() == 3


def test_what_moved_is_told_for_two_weeks_in_the_words_of_the_record(school):
    client = as_user(school.student)
    assert "What moved lately" not in text(client.get("/plan/"))
    at = timezone.now()
    judged = [NewJudgment(school.student.pk, school.competencies[1].pk, 3, at.date(), reason="You say what it means.")]
    record_judgments(judged_by=school.teacher.pk, at=at, judgments=judged)
    for who in (school.student, school.teacher, school.guardian):
        page = text(as_user(who).get(school.path()))
        card = page[page.index("What moved lately") : page.index("In focus")]
        assert "Judged Proficient; the level moved from Developing to <strong>Proficient</strong>." in card
        assert "Rosalind Okafor" in card
        assert "You say what it means." in card
    withdraw_judgment(judgment_id=MasteryJudgment.objects.latest("id").pk, withdrawn_by=school.teacher.pk, reason="Mistyped.", at=at)
    assert "What moved lately" not in text(client.get("/plan/"))


def test_a_portfolio_says_what_it_holds_and_is_downloaded_as_the_same_bytes_twice(school):
    client = as_user(school.student)
    client.post(school.cell(0, "evidence/"), work(file=SimpleUploadedFile("cake.png", PNG), text="Half a cake."))
    page = text(client.get(school.path("portfolio/")))
    assert "1 competency mastered" in page
    assert "1 piece of work, in its latest version; 1 file" in page
    assert "Half a cake." in page
    assert page.index("Add and subtract fractions") < page.index("<h2>Work</h2>")
    first, second = (b"".join(client.get(f"/api/v1/students/{school.student.uuid}/portfolio")) for _ in range(2))
    assert first == second
    assert first.startswith(b"PK")
    nobody_yet = build.student()
    assert "The portfolio is still empty" in text(as_user(nobody_yet).get(f"/students/{nobody_yet.uuid}/portfolio/"))
    assert as_user(school.teacher).get(school.path("portfolio/")).status_code == 403
    assert len(questions(client, school.path("portfolio/"))) <= 16
