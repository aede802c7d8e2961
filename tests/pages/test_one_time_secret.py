"""A one-time secret: it opens an account once, to choose a password, and nothing before that is done."""

import datetime

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.actions.appoint import appoint
from people.actions.give_one_time_secret import give_one_time_secret
from people.models import OneTimeSecret
from tests.pages.office import SINCE

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_learning")]
CHOOSE = "/your-sign-in/password/"
OWN = "a password of my own"


@pytest.fixture
def ada():
    cache.clear()
    yield appoint(username="ada", full_name="Ada", kind="teacher", starts_on=SINCE, password="the former password")
    cache.clear()


def enter(client, password):
    return client.post("/sign-in/", {"username": "ada", "password": password})


def test_it_opens_the_account_once_to_choose_a_password(client, ada):
    secret = give_one_time_secret(user_id=ada.pk, at=timezone.now())
    assert enter(client, f" {secret.upper()} ").status_code == 302
    assert client.get("/")["Location"] == CHOOSE
    assert client.get("/api/v1/students").status_code == 403
    short = client.post(CHOOSE, {"new_password1": "short", "new_password2": "short"})
    assert short.status_code == 422
    assert "at least 15" in short.text
    other = Client()
    assert enter(other, secret).status_code == 200
    assert enter(other, "the former password").status_code == 200
    with CaptureQueriesContext(connection) as asked:
        done = client.post(CHOOSE, {"new_password1": OWN, "new_password2": OWN})
    # The site's login may write no other column (database/firewall.py).
    (written,) = (one["sql"] for one in asked.captured_queries if one["sql"].startswith('UPDATE "people_user"'))
    assert written.split(" WHERE ")[0].count(" = ") == written.count('"password" = ') == 1
    assert (done.status_code, client.get("/").status_code) == (302, 200)
    assert enter(Client(), OWN).status_code == 302


def test_a_newer_one_and_the_end_close_it(client, ada):
    first = give_one_time_secret(user_id=ada.pk, at=timezone.now())
    second = give_one_time_secret(user_id=ada.pk, at=timezone.now() - datetime.timedelta(days=15))
    assert enter(client, first).status_code == 200
    assert enter(client, second).status_code == 200
    assert not OneTimeSecret.objects.filter(used_at__isnull=False).exists()
    assert enter(client, "the former password").status_code == 302


def test_a_password_is_changed_by_whoever_has_just_shown_that_it_is_them(client, ada):
    client.force_login(ada)
    assert client.get(CHOOSE)["Location"].startswith("/sign-in/again/")
    assert client.post("/sign-in/again/", {"password": "wrong"}).status_code == 422
    assert client.post("/sign-in/again/?next=" + CHOOSE, {"password": "the former password"})["Location"] == CHOOSE
    assert client.post(CHOOSE, {"new_password1": OWN, "new_password2": OWN}).status_code == 302
    assert client.get("/").status_code == 200
