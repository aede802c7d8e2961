"""People and roles as pages: who may, who is listed, and what can be given and ended, once and within one's own schools."""

import datetime

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enrollments.models import SchoolEnrollment
from people.actions.appoint import appoint
from people.models import Guardianship, OneTimeSecret, Role, StudentCase, User
from tests import build_learning as build

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_learning")]
TODAY = timezone.localdate()
LATER = TODAY + datetime.timedelta(days=30)


@pytest.fixture(autouse=True)
def _no_failures_counted():
    cache.clear()


@pytest.fixture
def school():
    return build.school()


@pytest.fixture
def ann(school):
    return build.student(school, name="Ann Archer")


@pytest.fixture
def office(school):
    return as_user(build.administrator(school))


@pytest.fixture
def district(school):
    return as_user(build.administrator(school.district))


def as_user(user):
    client = Client()
    client.force_login(user)
    return client


def page_of(user, deed=""):
    return f"/people/{user.uuid}/{deed}"


def names_on(answer):
    return [person.name for person, _ in answer.context["people"]]


def days(starts_on=TODAY, ends_on=""):
    return {"starts_on": starts_on.isoformat(), "ends_on": ends_on and ends_on.isoformat()}


def test_a_student_who_is_new_is_put_on_file_with_a_grade_and_the_page_says_where_guardians_are_named(office, school):
    page = office.get("/people/new/").text
    assert '<option value="student">' in page
    assert "named on the student" in page
    sent = {"full_name": "Nia New", "username": "nia", "kind": "student", "place": str(school.uuid), **days()}
    refused = office.post("/people/new/", sent)
    assert refused.status_code == 422
    assert "Give the student&#x27;s grade." in refused.text
    assert "One-time secret" in office.post("/people/new/", {**sent, "grade": "8"}).text
    nia = User.objects.get(username="nia")
    assert list(SchoolEnrollment.objects.filter(student=nia).values_list("school", "grade", "starts_on")) == [(school.pk, 8, TODAY)]
    assert office.get(page_of(nia)).status_code == 200
    assert office.get(f"/students/{nia.uuid}/placement/").status_code == 200


def test_everybody_of_the_school_is_listed_and_nobody_of_another(office, district, school, ann):
    teacher = build.teacher(name="Tess Teacher")
    build.section([ann], teacher)
    guardian, counsellor = build.guardian(ann), build.counsellor(ann)
    gone = build.student(school, name="Gone Goodwin")
    SchoolEnrollment.objects.filter(student=gone).update(ends_on=TODAY)
    elsewhere = build.student(build.school("S2", "D2"), name="Else Where")
    shown = names_on(office.get("/people/"))
    assert {"Ann Archer", "Tess Teacher", guardian.full_name, counsellor.full_name} <= set(shown)
    assert not {"Gone Goodwin", "Else Where"} & set(shown)
    assert names_on(office.get("/people/?role=teacher")) == ["Tess Teacher"]
    assert "Ann Archer" in names_on(district.get(f"/people/?at={school.uuid}"))
    assert [client.get(page_of(one)).status_code for client in (office, district) for one in (ann, elsewhere)] == [200, 404] * 2


def test_a_name_is_looked_for_by_post_and_stands_in_no_address(office, ann):
    found = office.post("/people/", {"words": "archer"})
    assert names_on(found) == ["Ann Archer"]
    assert "?" not in found.request.get("QUERY_STRING", "")
    assert "Nobody here matches" in office.post("/people/", {"words": "zzz%_"}).text
    assert "Ann Archer" in names_on(office.get("/people/?words=zzz"))


def test_five_hundred_are_paged_in_as_many_queries_as_one(office, school, ann):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = office.get("/people/?role=student")
        return len(asked), answer

    few, _ = queries()
    users = User.objects.bulk_create(User(username=f"s{one}", full_name=f"S {one:03}", password="!") for one in range(500))
    SchoolEnrollment.objects.bulk_create(
        SchoolEnrollment(student=one, school=school, grade=8, starts_on=datetime.date(2020, 1, 1)) for one in users
    )
    many, answer = queries()
    assert many == few <= 16
    assert (len(answer.context["people"]), answer.context["count"]) == (50, 501)
    assert len(names_on(office.get("/people/?role=student&page=11"))) == 1


@pytest.mark.parametrize("kind", ["teacher", "counsellor", "school_administrator"])
def test_an_appointment_is_given_and_ended_and_twice_does_no_harm(office, school, ann, kind):
    teacher = build.teacher()
    build.section([ann], teacher)
    sent = {"kind": kind, "place": str(school.uuid), **days()}
    for _ in range(2):
        assert office.post(page_of(teacher, "appoint/"), sent).status_code == 302
    role = Role.objects.get(user=teacher, organization=school)
    assert (role.kind, role.starts_on, role.ends_on) == (kind, TODAY, None)
    end = {"what": "role", "key": role.pk, "ends_on": LATER.isoformat()}
    for _ in range(2):
        assert office.post(page_of(teacher, "end/"), end).status_code == 302
    refused = office.post(page_of(teacher, "end/"), {**end, "ends_on": (LATER + datetime.timedelta(days=1)).isoformat()})
    assert refused.status_code == 422
    assert "an end is set once" in refused.text
    assert Role.objects.get(pk=role.pk).ends_on == LATER


def test_a_school_appoints_nobody_to_the_district_and_nobody_to_the_office(office, district, school, ann):
    for place, kind in ((school.district, "district_administrator"), (school, "district_administrator"), (school, "auditor")):
        assert office.post(page_of(ann, "appoint/"), {"kind": kind, "place": str(place.uuid), **days()}).status_code == 422
    wrong = district.post(page_of(ann, "appoint/"), {"kind": "teacher", "place": str(school.district.uuid), **days()})
    assert "This role is not held there" in wrong.text
    assert not Role.objects.filter(user=ann).exclude(kind="student").exists()


def test_what_is_wrong_is_named_and_what_was_typed_is_kept(office, school, ann):
    sent = {"kind": "teacher", "place": str(school.uuid), **days(LATER, TODAY)}
    refused = office.post(page_of(ann, "appoint/"), sent)
    assert refused.status_code == 422
    assert "This lies before the first day." in refused.text
    assert f'value="{LATER.isoformat()}"' in refused.text
    past = {"what": "role", "key": Role.objects.get(user=ann).pk, "ends_on": "2021-01-01"}
    assert "This day is past" in office.post(page_of(ann, "end/"), past).text


def test_guardians_and_cases_are_given_and_ended(office, ann):
    cora, gus = build.counsellor(ann), appoint(username="gus", full_name="Gus", kind="guardian", starts_on=TODAY)
    other = build.student(build.school())
    assert office.post(page_of(other, "guardian/"), {"username": "gus", "full_name": "", **days()}).status_code == 302
    assert office.post(page_of(other, "case/"), {"counsellor": str(cora.uuid), **days()}).status_code == 302
    ward, case = Guardianship.objects.get(student=other), StudentCase.objects.get(student=other)
    assert (ward.guardian, case.counsellor) == (gus, cora)
    for what, key in (("guardianship", ward.pk), ("case", case.pk)):
        assert office.post(page_of(other, "end/"), {"what": what, "key": key, "ends_on": LATER.isoformat()}).status_code == 302
    assert {Guardianship.objects.get(pk=ward.pk).ends_on, StudentCase.objects.get(pk=case.pk).ends_on} == {LATER}


def test_a_guardian_who_handles_money_is_refused_in_words(office, ann):
    appoint(username="audrey", full_name="Audrey", kind="auditor", starts_on=TODAY)
    refused = office.post(page_of(ann, "guardian/"), {"username": "audrey", "full_name": "", **days()})
    assert refused.status_code == 422
    assert "Give the person a second account" in refused.text
    assert not Guardianship.objects.exists()


def test_somebody_new_gets_a_secret_shown_once_and_a_taken_name_none(office, school):
    role = {"kind": "teacher", "place": str(school.uuid), **days()}
    sent = {"full_name": "Nia New", "username": "nia", "email": "nia@school.example", **role}
    made = office.post("/people/new/", sent)
    secret = made.context["secret"]
    assert secret in made.text
    again = office.post("/people/new/", sent)
    assert again.status_code == 422
    assert "This name is taken" in again.text
    assert OneTimeSecret.objects.count() == User.objects.filter(username="nia").count() == 1
    person = Client()
    assert person.post("/sign-in/", {"username": "nia", "password": secret}).status_code == 302
    assert person.get("/")["Location"] == "/your-sign-in/password/"
    taken = office.post("/people/new/", {**sent, "username": "nina"})
    assert "another person" in taken.text
    assert not User.objects.filter(username="nina").exists()


def test_a_new_guardian_gets_a_secret_too(office, ann):
    made = office.post(page_of(ann, "guardian/"), {"username": "gia", "full_name": "Gia", **days()})
    assert made.context["secret"] in made.text
    assert Guardianship.objects.get().guardian.username == "gia"
    assert "Nobody here has this name" in office.post(page_of(ann, "guardian/"), {"username": "gil", "full_name": "", **days()}).text


def test_a_way_into_an_account_is_given_by_nobody_whose_schools_it_goes_beyond(office, district, school, ann):
    assert office.post(page_of(ann, "secret/")).status_code == 200
    further_up = build.administrator(school.district)
    Role.objects.create(user=further_up, kind="school_administrator", organization=school, starts_on=TODAY)
    elsewhere = build.teacher()
    build.section([ann], elsewhere)
    build.section([build.student(build.school("S3", "D3"))], elsewhere, school_code="S3")
    office_person = appoint(username="stan", full_name="Stan", kind="provider_staff", starts_on=TODAY, organization=build.school())
    for client, person, right in (
        (office, further_up, 404), (district, further_up, 200), (office, elsewhere, 404), (office, office_person, 404)
    ):  # fmt: skip
        assert client.post(page_of(person, "secret/")).status_code == right
    assert office.post(page_of(elsewhere, "email/"), {"email": "x@school.example"}).status_code == 404


def test_nobody_ends_the_own_appointment_or_makes_the_own_secret(school):
    user = build.administrator(school)
    client, role = as_user(user), Role.objects.get(user=user)
    refused = client.post(page_of(user, "end/"), {"what": "role", "key": role.pk, "ends_on": LATER.isoformat()})
    assert "Ask another one" in refused.text
    assert client.post(page_of(user, "secret/")).status_code == 404


def test_what_is_held_elsewhere_is_not_ended_from_here(office, ann):
    other = Role.objects.get(user=build.administrator(build.school("S4", "D4")))
    assert office.post(page_of(ann, "end/"), {"what": "role", "key": other.pk, "ends_on": LATER.isoformat()}).status_code == 404
    assert Role.objects.get(pk=other.pk).ends_on is None


def test_a_persons_page_asks_in_as_many_queries_however_much_is_held(office, ann):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            office.get(page_of(ann))
        return len(asked)

    few = queries()
    for _ in range(8):
        build.guardian(ann)
        build.counsellor(ann)
    assert queries() == few <= 20
