"""A second click on a page's form: the same answer and nothing written, also where both are under way at once."""

import re
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from competencies.models import Evidence
from pathways.models import AssessmentAnswer, AssessmentRequest, PlanGoal
from people.models import IdempotentAnswer
from tests.pages.plan_ground import set_up

pytestmark = pytest.mark.urls("config.urls_learning")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
# Nothing is written that a second click would double: nobody is signed in, or something is looked for; of secrets and passwords
# the latest counts; the edits of a grid carry keys of their own.
WITHOUT = {
    "registration/login.html",
    "registration/choose_password.html",
    "enrollments/class_sign_in.html",
    "enrollments/class_secrets.html",
    "enrollments/people.html",
    "pathways/search.html",
    "pathways/students.html",
    "pathways/_grid_bar.html",
    "_navigation.html",
    "_language.html",
}


@pytest.fixture
def school(db):
    return set_up()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def sent(key="first", **fields):
    typed = {"title": "Recipe", "worked_on": "2025-10-01", "setting": "work", "text": "I halved it.", "ask": "on"} | fields
    return {f"work-{name}": value for name, value in typed.items()} | {"once": key}


def photo(last=b"\0"):
    return SimpleUploadedFile("cake.png", PNG + last)


def told(client, page, words):
    """How often the next page says these words."""
    return client.get(page).content.decode().count(words)


def test_the_same_form_again_is_answered_alike_and_writes_nothing(school):
    client, address = signed_in(school.student), school.cell(1, "evidence/")
    answers = [client.post(address, sent(file=photo())) for _ in range(3)]
    assert [one.status_code for one in answers] == [302] * 3
    assert {one["Location"] for one in answers} == {school.cell(1)}
    assert Evidence.objects.count() == AssessmentRequest.objects.count() == 1
    words = "“Recipe” is handed in. Your teacher sees that you ask to be assessed."
    assert told(client, school.cell(1), words) == 1, "told once, though it was answered three times"


def test_another_form_or_other_fields_are_another_write(school):
    client, address = signed_in(school.student), school.cell(1, "evidence/")
    for fields in (sent(), sent("second"), sent(text="And once more."), sent(file=photo()), sent(file=photo(b"\1"))):
        client.post(address, fields)
    client.post(school.cell(2, "evidence/"), sent())
    assert Evidence.objects.count() == 6


def test_anothers_key_is_no_hindrance(school):
    for who in (school.student, school.teacher):
        signed_in(who).post(school.cell(1, "evidence/"), sent())
    assert Evidence.objects.count() == 2


def test_a_refused_form_comes_again_under_its_key(school):
    client, address = signed_in(school.student), school.path("plan/goals/")
    assert client.post(address, {"title": "", "once": "k"}).status_code == 422
    assert client.post(address, {"title": "", "once": "k"}).status_code == 422
    assert not IdempotentAnswer.objects.exists()
    for _ in range(2):
        assert client.post(address, {"title": "Fly", "once": "k"}).status_code == 302
    assert PlanGoal.objects.filter(title="Fly").count() == 1


def test_every_deed_of_a_plan_is_done_once(school):
    client = signed_in(school.student)
    client.post(school.cell(1, "ask/"), {"ask-message": "Ready", "once": "a"})
    back = school.cell(1, f"requests/{AssessmentRequest.objects.get().uuid}/take-back/")
    for _ in range(2):
        client.post(back, {"once": "b"})
        assert told(client, school.cell(1), "Your request is taken back. Ask again whenever you are ready.") == 1
    assert AssessmentAnswer.objects.count() == 1
    client.post(school.cell(1, "ask/"), {"ask-message": "Ready", "once": "a"})
    assert AssessmentRequest.objects.count() == 1, "an old form does not ask again"


def test_a_view_that_fails_keeps_nothing(school, monkeypatch):
    def fail(**_):
        raise RuntimeError

    client = signed_in(school.student)
    client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr("pathways.views.plan_deeds.ask_for_assessment", fail)
        assert client.post(school.cell(1, "evidence/"), sent()).status_code == 500
    assert not Evidence.objects.exists(), "the work is not handed in by half"
    assert client.post(school.cell(1, "evidence/"), sent()).status_code == 302
    assert Evidence.objects.count() == 1


def test_six_at_once_have_one_effect_and_one_answer(committed_db):
    school = set_up()
    clients, together, answers = [signed_in(school.student) for _ in range(6)], threading.Barrier(6), []

    def send(client):
        try:
            together.wait()
            answers.append(client.post(school.cell(1, "evidence/"), sent(file=photo())))
        finally:
            connection.close()

    senders = [threading.Thread(target=send, args=[client]) for client in clients]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert {(one.status_code, one["Location"]) for one in answers} == {(302, school.cell(1))}
    assert [told(one, school.cell(1), "“Recipe” is handed in.") for one in clients] == [1] * 6
    assert Evidence.objects.count() == AssessmentRequest.objects.count() == 1


def test_every_form_of_the_learning_site_that_writes_carries_a_key():
    folder = settings.BASE_DIR / "templates"
    # The office's site, and the sign-in library's own views on both sites.
    others = {folder / "funding", folder / "account", folder / "mfa"}
    bare = []
    for template in Path(folder).rglob("*.html"):
        if others & set(template.parents) or str(template.relative_to(folder)) in WITHOUT:
            continue
        for form in re.findall(r"<form\b.*?</form>", template.read_text(), re.DOTALL):
            if 'method="post"' in form and "{% once %}" not in form:
                bare.append(template.name)
    assert bare == []
