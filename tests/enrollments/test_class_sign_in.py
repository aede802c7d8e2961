"""Signing in without e-mail: the class code and an own secret; throttled, and kept only as a slow hash."""

import datetime
import logging
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from enrollments.actions.give_class_secrets import GivenSecret, give_class_secrets
from enrollments.calc.class_secrets import code_from, secret_hash
from enrollments.models import ClassSecret, Course, SchoolYear, Section, SectionEducator, SectionStudent, Term
from people.actions import count_failures
from people.actions.count_failures import CLASS_CODE, PASSWORD
from people.models import Organization, Role, User

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()
SIGN_IN = "/sign-in/class/"


@pytest.fixture(autouse=True)
def _no_failures_counted():
    cache.clear()
    yield
    cache.clear()


def person(name, kind):
    user = User.objects.create_user(name, full_name=name.title())
    Role.objects.create(user=user, kind=kind, starts_on=TODAY)
    return user


def class_of(code, *students, teacher=None):
    year, _ = SchoolYear.objects.get_or_create(code="Y", defaults={"starts_on": TODAY, "ends_on": TODAY.replace(year=TODAY.year + 1)})
    term, _ = Term.objects.get_or_create(school_year=year, code="T", defaults={"starts_on": year.starts_on, "ends_on": year.ends_on})
    school, _ = Organization.objects.get_or_create(kind="school", code="S", defaults={"name": "School"})
    course, _ = Course.objects.get_or_create(catalogue="school", code="C", defaults={"title": "Course"})
    made = Section.objects.create(
        school=school,
        term=term,
        course=course,
        code=code,
        title=f"Class {code}",
        sign_in_code=f"ABC{code}",
        sign_in_salt=f"salt {code}",
    )
    for student in students:
        SectionStudent.objects.create(section=made, student=student, starts_on=TODAY)
    if teacher:
        SectionEducator.objects.create(section=made, educator=teacher, kind="teacher", starts_on=TODAY)
    return made


@pytest.fixture
def ann():
    return person("ann", "student")


@pytest.fixture
def section(ann):
    return class_of("1", ann, person("ben", "student"), teacher=person("tess", "teacher"))


def secrets_of(section):
    return {one.name: one.secret for one in give_class_secrets(section_id=section.pk, day=TODAY)}


def sign_in(client, code, secret, **extra):
    return client.post(SIGN_IN, {"class_code": code, "secret": secret}, **extra)


def test_a_student_signs_in_by_class_code_and_secret_however_they_are_typed(client, section, ann):
    secret = secrets_of(section)["Ann"]
    answer = sign_in(client, " abc-1 ", secret.upper().replace("-", " "))
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(ann.pk)
    assert client.get("/").status_code == 200


def test_only_the_latest_secret_counts_and_is_kept_as_a_hash_alone(client, section):
    first, second = secrets_of(section)["Ann"], secrets_of(section)["Ann"]
    assert sign_in(client, "ABC1", first).status_code == 422
    assert sign_in(client, "ABC1", second).status_code == 302
    kept = list(ClassSecret.objects.values_list("secret_hash", flat=True))
    assert len(set(kept)) == 4
    assert not any(secret in hashed for hashed in kept for secret in (first, second))
    assert "bado" not in repr(GivenSecret("Ann", "bado-mife"))


def test_a_secret_opens_its_own_class_alone_and_ends_with_it(client, section, ann):
    other = class_of("2", ann)
    secret = secrets_of(section)["Ann"]
    assert sign_in(client, other.sign_in_code, secret).status_code == 422
    SectionStudent.objects.filter(section=section, student=ann).update(ends_on=TODAY)
    assert sign_in(client, "ABC1", secret).status_code == 422
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("change", [{"is_active": False}, {"works_in_office": True}])
def test_an_account_that_is_closed_or_of_the_office_is_not_opened(client, section, ann, change):
    secret = secrets_of(section)["Ann"]
    User.objects.filter(pk=ann.pk).update(**change)
    assert sign_in(client, "ABC1", secret).status_code == 422


def test_a_wrong_secret_and_an_unknown_class_read_the_same_and_keep_what_was_typed(client, section):
    wrong, unknown = sign_in(client, "ABC1", "nonsense"), sign_in(client, "ABC9", "nonsense")
    assert wrong.status_code == unknown.status_code == 422
    assert 'value="ABC1"' in wrong.text
    assert "nonsense" not in wrong.text
    assert sign_in(client, "", "").status_code == 422
    assert sign_in(client, "\0", "\0" * 500).status_code == 422


@pytest.fixture
def clock(monkeypatch):
    """clock.now can be moved; the waits are told by it."""
    held = SimpleNamespace(now=1_000_000.0)
    monkeypatch.setattr(count_failures, "_now", lambda: held.now)
    return held


def wrong_ones(count, client, name="ABC1", **extra):
    return [sign_in(client, name, "nonsense", **extra) for _ in range(count)]


def test_a_browser_that_fails_again_and_again_waits_longer_each_time(client, section, clock):
    secret = secrets_of(section)["Ann"]
    client.get(SIGN_IN)
    assert {one.status_code for one in wrong_ones(CLASS_CODE.browser.failures, client)} == {422}
    waits = []
    for _ in range(7):
        closed = sign_in(client, "ABC1", secret)
        assert closed.status_code == 429
        waits.append(int(closed["Retry-After"]))
        clock.now += waits[-1] + 1
        assert sign_in(client, "ABC1", "nonsense").status_code == 422
    assert waits == [31, 61, 121, 241, 481, 901, 901]


def test_one_pupil_cannot_shut_the_class_code_for_those_beside_them(client, section, clock):
    secret = secrets_of(section)["Ann"]
    client.get(SIGN_IN)
    for _ in range(200):
        clock.now += 1
        sign_in(client, "ABC1", "nonsense")
    assert sign_in(client, "ABC1", secret).status_code == 429
    beside = Client()
    beside.get(SIGN_IN)
    assert sign_in(beside, "ABC1", secret).status_code == 302


def test_however_many_browsers_fail_at_a_schools_address_it_waits_for_a_minute_at_most(section, clock):
    secret = secrets_of(section)["Ann"]
    for _ in range(CLASS_CODE.together.failures + 30):
        clock.now += 70
        wrong_ones(1, Client())
    closed = sign_in(Client(), "ABC1", secret)
    assert (closed.status_code, closed["Retry-After"]) == (429, "61")
    assert sign_in(Client(), "ABC1", secret, REMOTE_ADDR="10.0.0.9").status_code == 302
    clock.now += 61
    assert sign_in(Client(), "ABC1", secret).status_code == 302


def test_the_ordinary_sign_in_closes_too(client, clock):
    User.objects.create_user("person", "a long enough password")
    typed = {"username": "person", "password": "nonsense"}
    for _ in range(PASSWORD.together.failures):
        assert client.post("/sign-in/", typed).status_code == 200
    right = {**typed, "password": "a long enough password"}
    closed = client.post("/sign-in/", right)
    assert closed.status_code == 429
    assert "Wait 31 seconds" in closed.text
    assert 'value="person"' in closed.text
    assert Client().post("/sign-in/", right, REMOTE_ADDR="10.0.0.9").status_code == 302
    clock.now += 31
    assert client.post("/sign-in/", right).status_code == 302


def test_empty_fields_sent_again_and_again_shut_nobody_else_out():
    User.objects.create_user("person", "a long enough password")
    for _ in range(PASSWORD.together.failures + 5):
        Client().post("/sign-in/", {"username": "", "password": ""})
    assert Client().post("/sign-in/", {"username": "person", "password": "a long enough password"}).status_code == 302


def test_a_teacher_gives_out_secrets_once_and_for_no_other_class(client, section, ann):
    foreign = class_of("2", ann, teacher=person("tom", "teacher"))
    client.force_login(User.objects.get(username="tess"))
    page = f"/classes/{section.uuid}/secrets/"
    assert page in client.get("/").text
    assert "Ann" in client.get(page).text
    given = client.post(page, {"student": [str(ann.uuid)]})
    assert [one.name for one in given.context["given"]] == ["Ann"]
    secret = given.context["given"][0].secret
    assert secret in given.text
    assert secret not in client.get(page).text
    assert client.get(f"/classes/{foreign.uuid}/secrets/").status_code == 404
    assert client.post(f"/classes/{foreign.uuid}/secrets/", {"student": [str(ann.uuid)]}).status_code == 404
    client.force_login(ann)
    assert client.get(page).status_code == 404
    client.logout()
    assert sign_in(client, "ABC1", secret).status_code == 302


def test_no_secret_comes_into_a_log(client, section, caplog):
    secret = secrets_of(section)["Ann"]
    with caplog.at_level(logging.DEBUG):
        sign_in(client, "ABC1", secret)
        sign_in(client, "ABC1", secret + "x")
    assert secret not in caplog.text


def test_the_command_prints_a_line_a_student(section):
    out = StringIO()
    call_command("class_secrets", "S", "Y", "T", "1", stdout=out)
    assert [line.split("\t")[:2] for line in out.getvalue().splitlines()] == [["Ann", "class code ABC1"], ["Ben", "class code ABC1"]]


def test_a_secret_is_hashed_slowly_under_the_classs_own_salt():
    assert secret_hash("Bado-Mife ", "one") == secret_hash("badomife", "one") != secret_hash("badomife", "two")
    assert len(secret_hash("x", "one")) == 128
    assert code_from(" ab-c 1\0") == "ABC1"
