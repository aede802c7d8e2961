"""A school's own sign-on, against a real small OpenID provider in this process: whom it opens an account to, and whom not."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client

from people.actions.appoint import appoint
from people.models import User
from tests.pages.office import SINCE
from tests.pages.openid_provider import CLIENT, SECRET, Provider

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_learning")]
BEGIN = "/sign-in/school/"


@pytest.fixture(scope="module")
def one_provider():
    running = Provider()
    yield running
    running.stop()


@pytest.fixture
def provider(one_provider, settings):
    cache.clear()
    settings.SITE = "learning"
    settings.SIGN_ON = {"issuer": one_provider.address, "name": "Elm School", "client_id": CLIENT, "client_secret": SECRET}
    first = {name: dict(value) if isinstance(value, dict) else value for name, value in vars(one_provider).items()}
    yield one_provider
    vars(one_provider).update(first)
    cache.clear()


@pytest.fixture
def ada(provider):
    user = appoint(username="ada", full_name="Ada", kind="teacher", starts_on=SINCE)
    EmailAddress.objects.create(user=user, email="ada@school.example", verified=True)
    return user


def there_and_back(client, next_page=""):
    """To the provider and back, as a browser goes; the way back is returned, not yet gone."""
    sent = client.get(BEGIN, {"next": next_page} if next_page else {})
    back = requests.get(sent["Location"], allow_redirects=False, timeout=5).headers["Location"]
    return back.removeprefix("http://testserver")


def signed_in(client):
    return int(client.session.get("_auth_user_id", 0))


def test_the_first_day_is_by_verified_email_and_every_other_by_the_subject_alone(client, provider, ada):
    first = client.get(there_and_back(client, "/your-sign-in/"))
    assert (first.status_code, first["Location"], signed_in(client)) == (302, "/your-sign-in/", ada.pk)
    kept = SocialAccount.objects.get()
    assert (kept.user_id, kept.uid, kept.extra_data) == (ada.pk, "subject-1", {})
    EmailAddress.objects.all().delete()
    provider.claims = {"sub": "subject-1", "email": "married@school.example", "email_verified": True}
    again = Client()
    assert again.get(there_and_back(again)).status_code == 302
    assert signed_in(again) == ada.pk


def test_an_unknown_person_is_refused_and_not_created(client, provider, ada):
    provider.claims = {"sub": "subject-2", "email": "eve@school.example", "email_verified": True}
    people = User.objects.count()
    refused = client.get(there_and_back(client))
    assert (refused.status_code, signed_in(client)) == (403, 0)
    assert "Nothing was created" in refused.text
    assert (User.objects.count(), SocialAccount.objects.count()) == (people, 0)


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_email_that_is_not_called_verified_opens_nothing(client, provider, ada, verified):
    provider.claims = {"sub": "subject-1", "email": "ada@school.example", "email_verified": verified}
    assert client.get(there_and_back(client)).status_code == 403
    assert not SocialAccount.objects.exists()


def test_an_address_that_passed_to_somebody_else_does_not_take_the_account_along(client, provider, ada):
    client.get(there_and_back(client))
    provider.claims |= {"sub": "subject-9"}
    other = Client()
    assert other.get(there_and_back(other)).status_code == 403
    assert signed_in(other) == 0


@pytest.mark.parametrize("change", [{"is_active": False}, {"works_in_office": True}])
def test_a_closed_account_and_one_of_the_office_are_not_bound(client, provider, ada, change):
    User.objects.filter(pk=ada.pk).update(**change)
    assert client.get(there_and_back(client)).status_code == 403
    assert not SocialAccount.objects.exists()


def test_an_account_closed_since_is_not_opened(client, provider, ada):
    client.get(there_and_back(client))
    User.objects.filter(pk=ada.pk).update(is_active=False)
    again = Client()
    assert again.get(there_and_back(again)).status_code == 403
    assert signed_in(again) == 0


def test_who_has_a_second_factor_is_asked_for_it_here_too(client, provider, ada):
    TOTP.activate(ada, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    ada.set_password("a long enough password")
    ada.save()
    answer = client.get(there_and_back(client))
    assert (answer["Location"], signed_in(client)) == ("/sign-in/code/", 0)
    assert ada.password not in str(dict(client.session))


@pytest.mark.parametrize(
    "change",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://elsewhere.example"},
        {"aud": "another client"},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_request_is_refused(client, provider, ada, change):
    provider.changes = change
    refused = client.get(there_and_back(client))
    assert (refused.status_code, signed_in(client)) == (401, 0)
    assert "Try again" in refused.text


@pytest.mark.parametrize(("algorithm", "key"), [("HS256", SECRET * 2), ("none", None)])
def test_a_token_that_is_not_signed_by_the_providers_key_is_refused(client, provider, ada, algorithm, key):
    provider.algorithm, provider.signing_key = algorithm, key
    assert client.get(there_and_back(client)).status_code == 401


def test_a_token_signed_by_another_key_is_refused(client, provider, ada):
    other = Provider()
    other.stop()
    provider.signing_key = other.key
    assert client.get(there_and_back(client)).status_code == 401


def test_the_way_back_is_open_to_the_browser_that_went_and_once(client, provider, ada):
    back = there_and_back(client)
    assert Client().get(back).status_code == 401
    assert client.get(back).status_code == 302
    client.logout()
    assert client.get(back).status_code == 401
    assert client.get(f"{BEGIN}back/?code=guessed&state=guessed").status_code == 401
    assert client.get(f"{BEGIN}back/?error=access_denied").status_code == 401


def test_an_address_asks_nothing_else_of_the_provider(client, provider, ada):
    asked = {"process": "connect", "scope": "everything", "auth_params": "prompt=none", "next": "https://elsewhere.example/"}
    sent = parse_qs(urlsplit(client.get(BEGIN, asked)["Location"]).query)
    assert set(sent["scope"][0].split()) == {"openid", "email"}
    assert {"state", "nonce", "code_challenge"} <= set(sent)
    assert "prompt" not in sent
    back = requests.get(client.get(BEGIN, asked)["Location"], allow_redirects=False, timeout=5).headers["Location"]
    assert client.get(back.removeprefix("http://testserver"))["Location"] == "/"


def test_an_email_told_apart_from_the_token_counts_if_it_is_told_of_the_same_subject(client, provider, ada):
    provider.claims = {"sub": "subject-1"}
    provider.told = {"sub": "subject-7", "email": "ada@school.example", "email_verified": True}
    assert client.get(there_and_back(client)).status_code == 401
    provider.told["sub"] = "subject-1"
    assert client.get(there_and_back(client)).status_code == 302
    assert signed_in(client) == ada.pk


def test_a_provider_that_is_away_is_told_and_costs_nothing_else(client, provider, settings):
    settings.SIGN_ON = settings.SIGN_ON | {"issuer": "http://127.0.0.1:9"}
    assert client.get(BEGIN).status_code == 401
    assert "Sign in with Elm School" in client.get("/sign-in/").text


def test_without_one_nothing_is_offered(client, settings):
    settings.SIGN_ON = settings.SIGN_ON | {"issuer": ""}
    assert client.get(BEGIN)["Location"] == "/sign-in/"
    assert BEGIN not in client.get("/sign-in/").text


def test_the_database_keeps_a_subject_with_its_person(ada):
    SocialAccount.objects.create(user=ada, provider="school", uid="one")
    other = appoint(username="bea", full_name="Bea", kind="teacher", starts_on=SINCE)
    with pytest.raises(ProgrammingError, match="never edited"), transaction.atomic():
        SocialAccount.objects.update(user=other)
    with pytest.raises(IntegrityError), transaction.atomic():
        SocialAccount.objects.create(user=ada, provider="school", uid="two")
