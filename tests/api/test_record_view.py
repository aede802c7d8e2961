"""What every endpoint has in common: sign-in, scopes, problem details, idempotency keys, pages."""

import datetime
from datetime import UTC

import pytest
from django.test import Client
from django.urls import path
from rest_framework import serializers
from rest_framework.response import Response

from api.problems import Conflict
from api.views import RecordView, UnknownAddress
from people.access import NotForThisRole, NotInReach
from people.actions.issue_personal_token import issue_personal_token, revoke_personal_tokens
from people.models import IdempotentAnswer, Organization, User

PAST = datetime.datetime(2020, 1, 1, tzinfo=UTC)
FUTURE = datetime.datetime(2100, 1, 1, tzinfo=UTC)


class SchoolIn(serializers.Serializer):
    code = serializers.CharField(max_length=10)
    places = serializers.ListField(child=serializers.IntegerField(), required=False)


class TooManySchoolsRefused(ValueError):
    pointer = "/code"


class Schools(RecordView):
    """Schools, as an endpoint of these tests."""

    scopes = {"get": "record.read", "post": "roster.write"}
    takes = {"post": SchoolIn}
    paged = ("get",)

    def get(self, request):
        schools = Organization.objects.filter(kind="school")
        if request.query_params.get("falling"):
            return self.cursor().page_of(schools, ["-name", "id"], lambda school: school.code)
        if request.query_params.get("memory"):
            rows = sorted(schools.values_list("name", "id", "code"))
            return self.cursor().page(rows, lambda row: row[:2], lambda row: row[2])
        return self.cursor().page_of(schools, ["name", "id"], lambda school: school.code)

    def post(self, request):
        code = self.taken()["code"]
        made = Organization.objects.create(kind="school", code=code, name=f"School {code}")
        for word, error in (
            ("foreign", NotInReach()),
            ("role", NotForThisRole("For administrators.")),
            ("many", TooManySchoolsRefused("There are too many schools; close one first.")),
            ("crossed", Conflict()),
        ):
            if code == word:
                raise error
        return Response({"id": made.pk, "at": self.at}, status=201)


urlpatterns = [path("schools", Schools.as_view()), path("<path:rest>", UnknownAddress.as_view())]
pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.test_record_view")]


@pytest.fixture
def person():
    return User.objects.create_user("person", "a long enough password")


@pytest.fixture
def signed_in(client, person):
    client.force_login(person)
    return client


def bearer(person, *scopes, expires_at=FUTURE):
    token = issue_personal_token(user_id=person.pk, label="tests", scopes=scopes, expires_at=expires_at)
    return {"Authorization": f"Bearer {token}"}


def post(client, body, **headers):
    return client.post("/schools", body, content_type="application/json", headers=headers)


def is_problem(answer, status):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert {"type", "title", "detail"} <= set(document)
    return document


def test_nobody_is_told_to_sign_in_and_not_sent_to_a_page(client):
    answer = client.get("/schools")
    is_problem(answer, 401)
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_session_holds_every_scope_and_a_token_its_own(signed_in, person):
    assert signed_in.get("/schools").status_code == 200
    assert post(signed_in, {"code": "A"}).status_code == 201
    reader = bearer(person, "record.read")
    assert Client().get("/schools", headers=reader).status_code == 200
    assert "roster.write" in is_problem(post(Client(), {"code": "B"}, **reader), 403)["detail"]
    assert post(Client(), {"code": "B"}, **bearer(person, "roster.write")).status_code == 201


def test_a_token_past_its_end_or_revoked_or_of_somebody_gone_opens_nothing(client, person):
    is_problem(client.get("/schools", headers=bearer(person, "record.read", expires_at=PAST)), 401)
    living = bearer(person, "record.read")
    assert client.get("/schools", headers=living).status_code == 200
    revoke_personal_tokens(user_id=person.pk, at=datetime.datetime.now(UTC))
    is_problem(client.get("/schools", headers=living), 401)
    other = bearer(person, "record.read")
    person.is_active = False
    person.save()
    is_problem(client.get("/schools", headers=other), 401)
    is_problem(client.get("/schools", headers={"Authorization": "Bearer nonsense\u20ac".encode().decode("latin-1")}), 401)


def test_a_write_with_a_session_needs_the_pages_csrf_token(person):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    is_problem(post(strict, {"code": "A"}), 403)
    assert post(strict, {"code": "A"}, **bearer(person, "roster.write")).status_code == 201


@pytest.mark.parametrize(
    ("code", "status", "members"),
    [
        ("foreign", 404, None),
        ("role", 403, None),
        ("many", 422, [{"pointer": "/code", "detail": "There are too many schools; close one first."}]),
        ("crossed", 409, None),
    ],
)
def test_an_error_is_told_and_takes_everything_back(signed_in, code, status, members):
    assert is_problem(post(signed_in, {"code": code}), status).get("errors") == members
    assert not Organization.objects.exists()


def test_what_is_not_there_and_what_is_not_yours_read_the_same(signed_in):
    assert post(signed_in, {"code": "foreign"}).content == signed_in.get("/nowhere").content


def test_fields_that_do_not_fit_are_named_by_pointers(signed_in):
    document = is_problem(post(signed_in, {"places": [1, "two"]}), 400)
    assert {error["pointer"] for error in document["errors"]} == {"/code", "/places/1"}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"\xff", b'{"code": "A", "code": "B"}', b'{"code": NaN}', b'{"code": "\\u0000"}', b'{"code": "\\ud800"}',
        b'["\\ud800"]', b"[" * 100_000, b'{"code": 1e400}', b'{"places": [' + b"9" * 5000 + b"]}", b"[]", b"null", b'"text"', b"1.5",
    ],
)  # fmt: skip
def test_a_body_that_is_no_fit_json_is_refused_in_words(signed_in, body):
    is_problem(post(signed_in, body), 400)


def test_another_method_another_form_or_a_nul_in_the_address_is_refused(signed_in):
    is_problem(signed_in.delete("/schools"), 405)
    assert "POST" in signed_in.delete("/schools")["Allow"]
    is_problem(signed_in.options("/schools"), 405)
    is_problem(signed_in.post("/schools", {"code": "A"}), 415)
    is_problem(signed_in.get("/schools?limit=%00"), 400)


def test_the_same_key_with_the_same_request_has_one_effect_and_one_answer(signed_in):
    first = post(signed_in, b'{"code": "A", "places": [1]}', **{"Idempotency-Key": "one"})
    again = post(signed_in, b'{"places": [1], "code": "A"}', **{"Idempotency-Key": "one"})
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert Organization.objects.count() == 1
    assert "another request" in is_problem(post(signed_in, {"code": "B"}, **{"Idempotency-Key": "one"}), 409)["detail"]
    is_problem(post(signed_in, {"code": "B"}, **{"Idempotency-Key": "k" * 201}), 400)


def test_a_refused_write_leaves_its_key_free_and_a_key_is_ones_own(signed_in, person):
    is_problem(post(signed_in, {"code": "many"}, **{"Idempotency-Key": "one"}), 422)
    assert post(signed_in, {"code": "A"}, **{"Idempotency-Key": "one"}).status_code == 201
    other = User.objects.create_user("other")
    assert post(Client(), {"code": "B"}, **bearer(other, "roster.write"), **{"Idempotency-Key": "one"}).status_code == 201
    assert IdempotentAnswer.objects.count() == 2


def pages(client, query, limit=2):
    found, cursor = [], ""
    while cursor is not None:
        answer = client.get(f"/schools?limit={limit}{query}&cursor={cursor}").json()
        found.append(answer["results"])
        cursor = answer["next"]
    return found


@pytest.mark.parametrize("query", ["", "&memory=1"])
def test_pages_show_every_row_once(signed_in, query):
    for number, name in enumerate(["Elm", "Elm", "Ash", "Elm", "Oak"]):
        Organization.objects.create(kind="school", code=str(number), name=name)
    assert pages(signed_in, query) == [["2", "0"], ["1", "3"], ["4"]]
    assert pages(signed_in, query, 5) == [["2", "0", "1", "3", "4"]]


def test_pages_fall_where_their_order_falls(signed_in):
    for number, name in enumerate(["Elm", "Elm", "Ash"]):
        Organization.objects.create(kind="school", code=str(number), name=name)
    assert pages(signed_in, "&falling=1", 1) == [["1"], ["0"], ["2"]]


def test_a_row_that_arrives_between_pages_moves_none(signed_in):
    for name in ("Elm", "Oak", "Yew"):
        Organization.objects.create(kind="school", code=name, name=name)
    first = signed_in.get("/schools?limit=2").json()
    Organization.objects.create(kind="school", code="Ash", name="Ash")
    assert signed_in.get(f"/schools?limit=2&cursor={first['next']}").json() == {"results": ["Yew"], "next": None}


@pytest.mark.parametrize("query", ["cursor=x", "limit=0", "limit=201", "limit=ten", "limit=-1", "limit=%C2%B2", "cursor=1:a:b"])
def test_a_cursor_or_a_limit_of_ones_own_making_is_refused(signed_in, query):
    is_problem(signed_in.get(f"/schools?{query}"), 400)


def test_a_view_without_a_scope_for_a_method_does_not_start():
    with pytest.raises(TypeError, match="scopes must name one"):
        type("Careless", (RecordView,), {"get": lambda self, request: None, "scopes": {"get": "all"}})


def test_a_member_that_nobody_reads_and_a_number_in_quotes_are_refused_by_name(signed_in):
    answer = signed_in.post("/schools", {"code": "A", "plaecs": [1], "places": [1, "2"]}, "application/json")
    is_problem(answer, 400)
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/plaecs", "/places/1"]
    assert not Organization.objects.exists()
