"""A summary shared by a link: who makes one, what it opens and for how long, and what it never tells."""

import datetime
import logging
import re

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pathways.actions.share_summary import OPEN_AT_ONCE, share_summary
from pathways.models import SharedSummary, SharedSummaryOpening
from people.actions.end_relation import end_relation
from people.models import Guardianship, User
from tests import build_learning as build
from tests.pages.plan_ground import set_up
from tests.pages.test_plan_pages import as_user, text

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_learning")]
LINK = re.compile(r"/shared/([\w-]{43})/")
DAY = datetime.timedelta(days=1)


@pytest.fixture
def school():
    cache.clear()
    return set_up()


def made(school, **fields):
    """A link of the guardian's, and its token."""
    asked = {"shown_name": "Q", "days": 7, "at": timezone.now()} | fields
    return share_summary(student_id=school.student.pk, made_by=school.guardian.pk, **asked)


def opened(token):
    """What somebody without an account is answered."""
    return Client().get(f"/shared/{token}/")


def closed(token):
    answer = opened(token)
    return answer.status_code == 410 and "This link is closed" in text(answer)


def test_a_guardian_makes_a_link_that_is_shown_once_and_opens_without_signing_in(school):
    client, address = as_user(school.guardian), school.path("plan/sharing/")
    page = text(client.get(address))
    assert 'value="Quillon"' in page
    answer = client.post(address, {"shown_name": "Q.", "days": "3", "once": "k"})
    token = LINK.search(text(answer))[1]
    kept = SharedSummary.objects.get()
    assert kept.ends_at - kept.recorded_at == 3 * DAY
    assert kept.made_by == school.guardian
    assert token not in text(client.get(address))
    page = text(opened(token))
    assert "How Q. is doing" in page
    assert "Proficient: the newest of 2 judgements." in page
    assert "this link is open until" in page
    assert "Opened 1 time" in text(client.get(address))


def test_only_a_hash_of_the_token_is_on_record(school):
    _, token = made(school)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM learning.pathways_sharedsummary s WHERE s::text LIKE %s", [f"%{token}%"])
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM learning.people_idempotentanswer s WHERE s::text LIKE %s", [f"%{token}%"])
        assert cursor.fetchone() == (0,)


def test_the_same_form_twice_makes_one_link_and_shows_it_again(school):
    client, address = as_user(school.guardian), school.path("plan/sharing/")
    first, second, other = (
        LINK.search(text(client.post(address, {"shown_name": "Q", "days": "3", "once": key})))[1] for key in ("k", "k", "another")
    )
    assert first == second != other
    assert SharedSummary.objects.count() == 2


def test_the_page_names_nobody_leads_nowhere_and_is_kept_by_nobody(school):
    _, token = made(school)
    answer = opened(token)
    page = text(answer)
    for hidden in ("Quillon", "Zabriskie", "Okafor", str(school.student.uuid), "Become a surveyor", "Every step is explained."):
        assert hidden not in page
    for lead in ("<a ", "<form", "<script", "http-equiv"):
        assert lead not in page
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"]
    assert "Set-Cookie" not in answer


def test_a_link_ends_with_its_time_and_says_nothing_of_whose_it_was(school):
    _, token = made(school, at=timezone.now() - 7 * DAY - datetime.timedelta(seconds=1))
    answer = opened(token)
    assert closed(token)
    unknown = opened("A" * 43)
    assert answer.content == unknown.content
    assert opened("A" * 400).content == unknown.content
    assert not SharedSummaryOpening.objects.exists()
    assert "Closed; it was meant" in text(as_user(school.guardian).get(school.path("plan/sharing/")))


@pytest.mark.parametrize("who", ["guardian", "student", "counsellor"])
def test_whoever_is_near_sees_the_links_and_takes_one_back(school, who):
    shared, token = made(school)
    client, end = as_user(getattr(school, who)), school.path(f"plan/sharing/{shared.uuid}/end/")
    assert "Take back" in text(client.get(school.path("plan/sharing/")))
    assert opened(token).status_code == 200
    assert "opens nothing any more" in text(client.post(end, follow=True))
    assert closed(token)
    assert "closed before" in text(client.post(end, follow=True))


def test_only_a_guardian_shares(school):
    for who in (school.student, school.counsellor, school.teacher, school.administrator):
        assert as_user(who).post(school.path("plan/sharing/"), {"shown_name": "Q", "days": "3"}).status_code == 403
    assert as_user(school.stranger).post(school.path("plan/sharing/"), {"shown_name": "Q", "days": "3"}).status_code == 404
    assert as_user(school.teacher).get(school.path("plan/sharing/")).status_code == 403
    another = build.guardian(build.student())
    shared, token = made(school)
    assert as_user(another).post(school.path(f"plan/sharing/{shared.uuid}/end/")).status_code == 404
    assert opened(token).status_code == 200
    assert SharedSummary.objects.count() == 1


def test_a_link_ends_when_its_maker_is_no_guardian_any_more(school):
    _, token = made(school)
    User.objects.filter(pk=school.guardian.pk).update(is_active=False)
    assert closed(token)
    User.objects.filter(pk=school.guardian.pk).update(is_active=True)
    assert opened(token).status_code == 200
    ward = Guardianship.objects.get(guardian=school.guardian)
    assert end_relation(kind="guardianship", key=ward.pk, ends_on=timezone.localdate())
    assert closed(token)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"days": "0"}, "from 1 to 30"),
        ({"days": "31"}, "from 1 to 30"),
        ({"days": "x"}, "from 1 to 30"),
        ({"shown_name": " "}, "calls"),
    ],
)
def test_a_refused_link_says_why_and_keeps_what_was_typed(school, fields, said):
    answer = as_user(school.guardian).post(school.path("plan/sharing/"), {"shown_name": "Kay", "days": "5"} | fields)
    assert answer.status_code == 422
    assert said in text(answer)
    assert 'aria-invalid="true"' in text(answer)
    assert ("Kay" in text(answer)) == ("shown_name" not in fields)
    assert not SharedSummary.objects.exists()


def test_so_many_links_are_open_at_once_and_no_more(school):
    for _ in range(OPEN_AT_ONCE):
        made(school)
    answer = as_user(school.guardian).post(school.path("plan/sharing/"), {"shown_name": "Q", "days": "3"})
    assert answer.status_code == 422
    assert "take one back first" in text(answer)


def test_the_database_holds_no_link_for_longer_than_thirty_days(school):
    at = timezone.now()
    fields = {"student": school.student, "made_by": school.guardian, "shown_name": "Q", "recorded_at": at}
    for days in (0, 31):
        with pytest.raises(IntegrityError, match="thirty_days_at_most"), transaction.atomic():
            SharedSummary.objects.create(token_sha256="x" * 64, ends_at=at + days * DAY, **fields)


def test_too_many_openings_from_one_place_wait(school):
    _, token = made(school)
    answers = [opened(token).status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]
    late = opened(token)
    assert 0 < int(late["Retry-After"]) <= 31
    assert "Too many tries" in text(late)
    assert SharedSummaryOpening.objects.count() == 60


def test_the_token_comes_into_no_log(school, caplog):
    caplog.set_level(logging.DEBUG)
    _, token = made(school)
    opened(token)
    opened("B" * 43)
    assert token not in caplog.text
    assert "B" * 43 not in caplog.text


def test_what_a_shared_page_and_the_list_of_links_ask(school):
    _, token = made(school)
    opened(token)
    for client, page in ((Client(), f"/shared/{token}/"), (as_user(school.guardian), school.path("plan/sharing/"))):
        client.get(page)
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(page)
        print(f"{page.split('/')[1]}: {len(asked)} queries, {len(answer.content)} bytes")


def test_a_summary_opens_in_the_language_in_which_it_was_shared_unless_its_reader_chose_another(school):
    client = as_user(school.guardian)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "es"
    made_so = text(client.post(school.path("plan/sharing/"), {"shown_name": "Q.", "days": "3", "once": "k"}))
    address = re.search(r"/shared/[\w-]{43}/\?language=es", made_so)[0]
    reader = Client()
    answer = reader.get(address)
    assert '<html lang="es">' in text(answer)
    assert answer["Content-Language"] == "es"
    reader.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert '<html lang="en">' in text(reader.get(address))
    assert '<html lang="en">' in text(Client().get(address.replace("=es", "=xx")))
