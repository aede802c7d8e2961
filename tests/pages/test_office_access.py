"""Who may open which page of the office: every path of the site, for every role."""

import re
import uuid

import pytest
from django.urls import URLPattern, get_resolver, reverse

from funding.access import RIGHTS
from people.models import Role, StudentLook
from tests.pages.office import NIGHT, ROLES, doubt, set_up

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_office")]

OFFICER, RELEASER, AUDITOR, STAFF = ROLES[:4]
OFFICE = {OFFICER, RELEASER, AUDITOR}
# {URL name: (method, who may)}. What is not said to be allowed must be refused.
MATRIX = {
    "home": ("get", OFFICE | {STAFF}),
    "nights": ("get", OFFICE),
    "batch": ("get", OFFICE),
    "release": ("post", {RELEASER}),
    "periods": ("get", OFFICE),
    "close_month": ("get", {OFFICER}),
    "close_year": ("get", {OFFICER}),
    "providers": ("get", OFFICE | {STAFF}),
    "statement": ("get", OFFICE | {STAFF}),
    "statement_csv": ("get", OFFICE | {STAFF}),
    "explanation": ("get", OFFICE | {STAFF}),
    "look_up_student": ("post", {AUDITOR}),
    "discrepancies": ("get", {OFFICER, AUDITOR, STAFF}),
    "resolve": ("get", {OFFICER}),
}
OPEN_TO_ALL = {"sign_in", "account_login", "sign_out", "language"}
# What concerns one's own sign-in: of the same views on both sites (tests/pages/test_second_factor.py).
OWN_SIGN_IN = {
    "mfa_authenticate", "account_reauthenticate", "mfa_reauthenticate", "mfa_index", "mfa_activate_totp", "mfa_deactivate_totp",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "choose_password",
}  # fmt: skip


@pytest.fixture
def office():
    return set_up()


def patterns(resolver=None):
    for pattern in (resolver or get_resolver("config.urls_office")).url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from patterns(pattern)


def url_of(name, office):
    arguments = {
        "nights": ["trial"],
        "batch": [office.batch.pk],
        "release": [office.batch.pk],
        "close_month": ["trial", NIGHT.year, NIGHT.month],
        "close_year": ["trial", NIGHT.year],
        "statement": [office.own.uuid],
        "statement_csv": [office.own.uuid],
        "explanation": [office.line.pk],
        "look_up_student": [office.line.pk],
    }
    query = f"?id={doubt('after_withdrawal', office.own).pk}" if name == "resolve" else ""
    return reverse(name, args=arguments.get(name, [])) + query


def payload(name, office):
    if name == "release":
        return {"paid_on": "2026-02-03"}
    return {"transfer": str(office.transfer.pk), "purpose": "a complaint"} if name == "look_up_student" else {}


def without_token(answer):
    """The page but for what guards its forms, which is drawn anew each time."""
    # Tokens of forms, and where the choice of a language leads back to: the address that was asked for.
    return re.sub(rb'[A-Za-z0-9]{64}|name="next" value="[^"]*"', b"", answer.content)


def test_every_path_of_the_office_stands_in_the_matrix_and_declares_a_right():
    found = {pattern.name: pattern.callback for pattern in patterns()}
    assert set(found) - OPEN_TO_ALL - OWN_SIGN_IN == set(MATRIX)
    for name in MATRIX:
        assert found[name].right in RIGHTS


@pytest.mark.parametrize("name", MATRIX)
def test_a_page_opens_to_the_roles_of_its_row_and_to_no_other(client, office, name):
    method, allowed = MATRIX[name]
    opened = set()
    for role in ROLES:
        client.force_login(office.people[role])
        answer = getattr(client, method)(url_of(name, office), payload(name, office) if method == "post" else None)
        assert answer.status_code in (200, 302, 403)
        if answer.status_code != 403:
            opened.add(role)
    assert opened == allowed


@pytest.mark.parametrize("name", MATRIX)
def test_nobody_gets_in_without_signing_in(client, office, name):
    answer = getattr(client, MATRIX[name][0])(url_of(name, office))
    assert answer.status_code == 302
    assert answer.url.startswith("/sign-in/")


def test_a_role_that_has_ended_opens_nothing(client, office):
    Role.objects.filter(user=office.people[AUDITOR]).update(ends_on=NIGHT)
    client.force_login(office.people[AUDITOR])
    assert client.get("/").status_code == 403


@pytest.mark.parametrize("name", ["statement", "statement_csv", "explanation"])
def test_what_belongs_to_another_provider_is_answered_like_what_does_not_exist(client, office, name):
    client.force_login(office.people[STAFF])
    foreign = office.foreign_line.pk if name == "explanation" else office.foreign.uuid
    missing = 10**6 if name == "explanation" else uuid.uuid4()
    answers = [client.get(reverse(name, args=[key])) for key in (foreign, missing)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert without_token(answers[0]) == without_token(answers[1])


def test_provider_staff_see_the_discrepancies_of_their_own_provider_alone(client, office):
    client.force_login(office.people[STAFF])
    own = client.get("/discrepancies/?state=all").content.decode()
    assert f"#{doubt('after_withdrawal', office.own).pk}" in own
    assert f"#{doubt('after_withdrawal', office.foreign).pk}" not in own
    asked_for = client.get("/discrepancies/?state=all&provider=P2").content.decode()
    assert f"#{doubt('after_withdrawal', office.foreign).pk}" not in asked_for


def test_provider_staff_are_led_from_the_first_page_to_their_own_statement(client, office):
    client.force_login(office.people[STAFF])
    answer = client.get("/", follow=True)
    assert answer.redirect_chain[-1][0] == reverse("statement", args=[office.own.uuid])


def test_only_an_auditor_is_offered_the_look_up_of_a_student(client, office):
    for role in (OFFICER, RELEASER, STAFF, AUDITOR):
        client.force_login(office.people[role])
        page = client.get(reverse("explanation", args=[office.line.pk])).content.decode()
        assert ("Show the student" in page) == (role == AUDITOR)


def test_a_look_at_a_students_name_shows_it_and_is_recorded_with_its_purpose(client, office):
    client.force_login(office.people[AUDITOR])
    page = client.post(
        reverse("look_up_student", args=[office.line.pk]), {"transfer": office.transfer.pk, "purpose": "complaint 12"}
    ).content.decode()
    assert office.student.full_name in page
    look = StudentLook.objects.get()
    assert (look.viewer_id, look.student_id, look.purpose) == (office.people[AUDITOR].pk, office.student.pk, "complaint 12")


def test_a_look_without_a_purpose_shows_no_name_and_says_what_is_missing(client, office):
    client.force_login(office.people[AUDITOR])
    answer = client.post(reverse("look_up_student", args=[office.line.pk]), {"transfer": office.transfer.pk, "purpose": " "})
    assert answer.status_code == 422
    assert "Say what you need the name for" in answer.content.decode()
    assert office.student.full_name not in answer.content.decode()
    assert not StudentLook.objects.exists()


def test_a_transfer_of_another_line_leads_to_no_name(client, office):
    client.force_login(office.people[AUDITOR])
    answer = client.post(
        reverse("look_up_student", args=[office.foreign_line.pk]), {"transfer": office.transfer.pk, "purpose": "complaint 12"}
    )
    assert answer.status_code == 404
    assert not StudentLook.objects.exists()
