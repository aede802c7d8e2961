"""The language of a page follows its reader's choice, then the browser; the API stays English."""

import pytest
from django.test import Client

from tests import build_learning as build

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_learning")]
SPANISH = {"accept-language": "es-MX,es;q=0.9,en;q=0.5"}


def text(answer):
    return answer.content.decode()


def test_a_browser_that_asks_for_spanish_gets_it_signed_in_or_not():
    signed_out = Client().get("/sign-in/", headers=SPANISH)
    assert '<html lang="es">' in text(signed_out)
    assert signed_out.headers["Content-Language"] == "es"
    assert "Accept-Language" in signed_out.headers["Vary"]
    reader = Client()
    reader.force_login(build.teacher())
    assert '<html lang="es">' in text(reader.get("/", headers=SPANISH))
    assert '<html lang="en">' in text(reader.get("/", headers={"accept-language": "fi"}))


def test_the_choice_counts_before_the_browser_and_outlives_the_sign_in():
    reader = Client(enforce_csrf_checks=True)
    page = reader.get("/sign-in/", headers=SPANISH)
    assert 'name="language" value="en" lang="en">English</button>' in text(page)
    sent = {"language": "en", "next": "/sign-in/", "csrfmiddlewaretoken": page.context["csrf_token"]}
    chosen = reader.post("/language/", sent, headers=SPANISH)
    assert (chosen.status_code, chosen.headers["Location"]) == (302, "/sign-in/")
    assert '<html lang="en">' in text(reader.get("/sign-in/", headers=SPANISH))
    reader.force_login(build.teacher())
    assert '<html lang="en">' in text(reader.get("/", headers=SPANISH))


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_the_choice_leads_nowhere_else(elsewhere):
    assert Client().post("/language/", {"language": "es", "next": elsewhere}).headers["Location"] == "/"


def test_an_unknown_language_and_a_mere_link_change_nothing():
    reader = Client()
    reader.post("/language/", {"language": "fi", "next": "/sign-in/"})
    assert '<html lang="en">' in text(reader.get("/sign-in/"))
    assert reader.get("/language/?language=es").status_code == 405


def test_a_refused_form_does_not_offer_to_be_left():
    assert 'name="language"' not in text(Client().post("/sign-in/", {"username": "", "password": ""}))


def test_an_answer_that_holds_nothing_typed_offers_the_choice_and_warns_where_it_shows_something_once():
    student = build.student(build.school())
    guardian, office = Client(), Client()
    guardian.force_login(build.guardian(student))
    office.force_login(build.administrator(build.school()))
    address = f"/students/{student.uuid}/plan/sharing/"
    made = text(guardian.post(address, {"shown_name": "Ana", "days": 7}))
    assert "The link is made" in made
    assert f'name="next" value="{address}"' in made
    assert "Keep what is shown above first" in made
    assert 'name="language"' not in text(guardian.post(address, {"shown_name": "", "days": 7}))
    assert "Keep what is shown" not in text(guardian.get(address))
    teacher = {"full_name": "New Teacher", "username": "new-teacher", "kind": "teacher", "place": str(build.school().uuid)}
    secret = text(office.post("/people/new/", teacher | {"starts_on": "2026-01-01"}))
    assert 'name="next" value="/people/"' in secret
    assert "Keep what is shown above first" in secret
    refused = guardian.post("/people/new/", {})
    assert refused.status_code == 403
    assert 'name="next" value="/"' in text(refused)


def test_the_sign_in_asks_in_the_readers_language_alone():
    page = text(Client().get("/sign-in/", headers=SPANISH))
    assert '<label class="usa-label" for="id_username">Nombre de usuario</label>' in page


def test_the_api_speaks_english_whatever_the_browser_asks_for():
    reader = Client()
    reader.force_login(build.teacher())
    reader.cookies["credence_language"] = "es"
    answer = reader.get("/api/v1/students?limit=0", headers=SPANISH)
    assert answer.headers["Content-Language"] == "en"
    assert answer.json() == reader.get("/api/v1/students?limit=0", headers={"accept-language": "en"}).json()
    assert '<html lang="es">' in text(reader.get("/", headers={"accept-language": "en"}))
