"""The learning site: each role's first page, and no way from it to money."""

import pytest
from django.urls import URLPattern, get_resolver

from people.models import Guardianship, Role
from tests import build
from tests.pages.office import PASSWORD, SINCE, let_sign_in, set_up

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_learning")]


@pytest.fixture
def office():
    return set_up()


def views_of(resolver):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.callback
        else:
            yield from views_of(pattern)


def test_no_path_of_the_learning_site_leads_to_a_view_of_the_money():
    modules = {view.__module__ for view in views_of(get_resolver("config.urls_learning"))}
    assert modules
    assert not {module for module in modules if module.split(".")[0] in ("funding", "accountability")}


@pytest.mark.parametrize("path", ["/statements/", "/discrepancies/", "/periods/", "/payments/1/", "/lines/1/"])
def test_the_offices_addresses_do_not_exist_on_the_learning_site(client, office, path):
    client.force_login(office.people["finance_officer"])
    assert client.get(path).status_code == 404


def see(client, user):
    client.force_login(user)
    return client.get("/").content.decode()


def test_a_student_sees_the_own_enrollments_and_what_is_completed_of_what_is_required(client, office):
    Role.objects.create(user=office.student, kind="student", starts_on=SINCE)
    page = see(client, office.student)
    assert "Course A 1" in page
    assert "4 of 4" in page
    assert "0 of 4" in page


def test_a_student_sees_nothing_of_another_student(client, office):
    other = build.enrollment(build.offering("P3", code="B 2")).student
    Role.objects.create(user=other, kind="student", starts_on=SINCE)
    page = see(client, other)
    assert "Course B 2" in page
    assert "Course A 1" not in page


def test_a_voided_completion_is_not_shown_as_completed(client, office):
    Role.objects.create(user=office.student, kind="student", starts_on=SINCE)
    enrollment = office.student.enrollments.get()
    build.complete(enrollment, build.assignments(enrollment.offering)[0], build.day(5), sequence=1)
    assert "3 of 4" in see(client, office.student)


def test_a_guardian_sees_the_wards_of_today_alone(client, office):
    guardian = office.people["guardian"]
    ward = Guardianship.objects.create(guardian=guardian, student=office.student, starts_on=SINCE)
    assert office.student.full_name in see(client, guardian)
    Guardianship.objects.filter(pk=ward.pk).update(ends_on=build.START)
    page = see(client, guardian)
    assert office.student.full_name not in page
    assert "No student is linked to your account" in page


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("teacher", "No class is assigned to you yet"),
        ("provider_staff", "POST /api/v1/completions"),
        ("auditor", "Nothing is set up for your account here"),
    ],
)
def test_the_first_page_tells_each_role_what_there_is(client, office, role, words):
    assert words in see(client, office.people[role])


def test_one_signs_in_and_out_and_a_wrong_password_keeps_the_name(client, office):
    user = let_sign_in(office.people["teacher"])
    wrong = client.post("/sign-in/", {"username": user.username, "password": "wrong"}).content.decode()
    assert "You are not signed in" in wrong
    assert f'value="{user.username}"' in wrong
    right = client.post("/sign-in/", {"username": user.username, "password": PASSWORD}, follow=True)
    assert f"Signed in as <strong>{user.full_name}</strong>" in right.content.decode()
    client.post("/sign-out/")
    assert client.get("/").status_code == 302
