"""The second factor: asked for where there is one, set up where it must be, and kept where its person signs in."""

import json
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from cryptography.fernet import InvalidToken
from django.core.cache import cache
from django.core.management import CommandError, call_command

from people.actions.appoint import appoint
from people.models import Organization
from tests.pages.office import PASSWORD, SINCE

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_learning")]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SET_UP, CODE = "/your-sign-in/app/", "/sign-in/code/"


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()
    yield
    cache.clear()


def person(kind="teacher"):
    school, _ = Organization.objects.get_or_create(kind="school", code="S", defaults={"name": "School"})
    place = school if "administrator" in kind else None
    return appoint(username=f"a-{kind}", full_name="Ada", kind=kind, starts_on=SINCE, organization=place, password=PASSWORD)


def with_factor(kind="teacher"):
    user = person(kind)
    TOTP.activate(user, SECRET)
    return user


def code(secret=SECRET, step=0):
    """What an app shows now; `step` 1 is the next one, that a clock half a minute ahead shows."""
    return format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1 + step]))


def enter(client, user, **extra):
    return client.post("/sign-in/", {"username": user.username, "password": PASSWORD, **extra})


def is_in(client):
    return "_auth_user_id" in client.session


def test_who_has_a_second_factor_is_signed_in_by_its_code_and_not_before(client):
    user = with_factor()
    asked = enter(client, user, next="/plan/")
    assert (asked.status_code, asked["Location"], is_in(client)) == (302, CODE, False)
    assert client.get("/").status_code == 302
    wrong = client.post(CODE, {"code": "000000"})
    assert (wrong.status_code, is_in(client)) == (422, False)
    assert "You are not signed in" in wrong.text
    right = client.post(CODE, {"code": code()})
    assert (right.status_code, right["Location"], is_in(client)) == (302, "/plan/", True)


def test_a_code_signs_in_once_though_the_clock_shows_it_longer(client):
    user = with_factor()
    now = code()
    enter(client, user)
    assert client.post(CODE, {"code": now}).status_code == 302
    client.post("/sign-out/")
    cache.delete(f"allauth.mfa.totp.used?user={user.pk}&code={now}")
    enter(client, user)
    assert client.post(CODE, {"code": f" {now[:3]} {now[3:]}"}).status_code == 422


def test_a_recovery_code_signs_in_once(client):
    user = with_factor()
    first = RecoveryCodes.activate(user).get_unused_codes()[0]
    enter(client, user)
    assert client.post(CODE, {"code": first}).status_code == 302
    client.post("/sign-out/")
    enter(client, user)
    assert client.post(CODE, {"code": first}).status_code == 422


def test_codes_cannot_be_tried_without_end(client):
    user = with_factor()
    enter(client, user)
    for _ in range(10):
        assert client.post(CODE, {"code": "000000"}).status_code == 422
    assert client.post(CODE, {"code": code()}).status_code == 422
    assert not is_in(client)


@pytest.mark.parametrize("kind", ["teacher", "counsellor", "school_administrator", "provider_staff"])
def test_where_it_is_required_staff_set_it_up_before_anything_opens(client, settings, kind):
    settings.SECOND_FACTOR = "required"
    if kind == "provider_staff":
        provider = Organization.objects.create(kind="provider", code="P", name="Provider")
        user = appoint(username="p", full_name="P", kind=kind, starts_on=SINCE, organization=provider, password=PASSWORD)
    else:
        user = person(kind)
    enter(client, user)
    for path in ("/", "/classes/00000000-0000-0000-0000-000000000000/", "/your-sign-in/"):
        assert client.get(path)["Location"] == SET_UP
    api = client.get("/api/v1/students")
    assert (api.status_code, api.json()["detail"]) == (403, "Finish your sign-in on the site first.")
    page = client.get(SET_UP)
    assert "Your role asks for a second factor" in page.text
    done = client.post(SET_UP, {"code": code(page.context["form"].secret)})
    assert (done.status_code, done["Location"]) == (302, "/your-sign-in/recovery-codes/")
    assert len(client.get(done["Location"]).context["unused_codes"]) == 10
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("kind", ["student", "guardian"])
def test_where_it_is_required_students_and_guardians_need_none(client, settings, kind):
    settings.SECOND_FACTOR = "required"
    enter(client, person(kind))
    assert client.get("/").status_code == 200


def test_where_it_is_offered_nobody_is_stopped(client):
    enter(client, person())
    assert client.get("/").status_code == 200
    assert "Set up a second factor" in client.get("/your-sign-in/").text


def test_a_session_that_came_by_another_door_is_ended_where_a_second_factor_is_required(client, settings):
    settings.SECOND_FACTOR = "required"
    client.force_login(with_factor())
    assert client.get("/")["Location"] == "/sign-in/"
    assert not is_in(client)


def test_what_is_required_cannot_be_turned_off_and_what_is_offered_can(client, settings):
    user = with_factor()
    enter(client, user)
    client.post(CODE, {"code": code()})
    settings.SECOND_FACTOR = "required"
    assert client.post("/your-sign-in/app/remove/").status_code == 422
    assert Authenticator.objects.filter(user=user).exists()
    settings.SECOND_FACTOR = "offered"
    assert client.post("/your-sign-in/app/remove/").status_code == 302
    assert not Authenticator.objects.filter(user=user).exists()


def test_somebody_at_an_open_browser_is_asked_again_before_it_is_turned_off(client):
    user = with_factor()
    client.force_login(user)
    assert client.post("/your-sign-in/app/remove/")["Location"].startswith("/sign-in/again/")
    assert Authenticator.objects.filter(user=user).exists()


def test_recovery_codes_are_shown_once_and_made_anew(client):
    user = person()
    enter(client, user)
    page = client.get(SET_UP)
    shown = client.post(SET_UP, {"code": code(page.context["form"].secret)}, follow=True)
    first = shown.context["unused_codes"]
    assert first[0] in shown.text
    assert first[0] not in client.get("/your-sign-in/recovery-codes/").text
    anew = client.post("/your-sign-in/recovery-codes/new/", follow=True)
    assert not set(anew.context["unused_codes"]) & set(first)


def test_secrets_are_kept_under_a_key(settings):
    user = with_factor()
    RecoveryCodes.activate(user)
    kept = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in kept
    settings.SECOND_FACTOR_KEY = "another"
    with pytest.raises(InvalidToken):
        TOTP(Authenticator.objects.get(type="totp")).validate_code(code())


@pytest.mark.parametrize("kind", ["finance_officer", "payment_releaser", "auditor"])
def test_who_handles_money_does_not_sign_in_at_the_learning_site(client, settings, kind):
    settings.SITE = "learning"
    answer = enter(client, person(kind))
    assert (answer.status_code, is_in(client)) == (403, False)
    assert "This account is for the office" in answer.text


@pytest.mark.urls("config.urls_office")
def test_the_office_asks_for_it_too(client, settings):
    settings.SECOND_FACTOR, settings.SITE = "required", "office"
    enter(client, person("auditor"))
    assert client.get("/")["Location"] == SET_UP
    page = client.get(SET_UP)
    client.post(SET_UP, {"code": code(page.context["form"].secret)})
    assert client.get("/").status_code == 200


def test_the_command_takes_a_lost_one_away(client):
    user = with_factor()
    call_command("take_second_factor_away", user.username, stdout=StringIO())
    enter(client, user)
    assert is_in(client)
    with pytest.raises(CommandError, match="nobody of the name"):
        call_command("take_second_factor_away", user.username)


def test_signing_out_has_the_browser_forget_what_pages_kept(client):
    enter(client, person())
    assert client.post("/sign-out/")["Clear-Site-Data"] == '"storage"'


def test_a_closed_account_and_a_wrong_password_read_the_same(client):
    user = person()
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    closed, wrong = enter(client, user), client.post("/sign-in/", {"username": user.username, "password": "wrong"})
    assert "You are not signed in" in closed.text
    assert closed.status_code == wrong.status_code


def test_the_sign_in_asks_the_database_no_more_than_it_must(client, django_assert_max_num_queries):
    user = with_factor()
    with django_assert_max_num_queries(12):
        enter(client, user)
