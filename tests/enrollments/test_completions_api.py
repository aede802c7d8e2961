"""POST /api/v1/completions, as a provider's own system meets it."""

import json

import pytest
from django.db import OperationalError, connection
from django.test import Client

from enrollments.actions.open_api_feed import open_api_feed
from enrollments.models import Completion, IntakeBatch, SourceSystem
from enrollments.rest import completions as rest
from people.actions.issue_token import revoke_token
from people.models import ApiToken
from tests import build

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_learning")]
NDJSON, JSON = "application/x-ndjson", "application/json"


@pytest.fixture
def enrollment():
    return build.enrollment(build.offering(provider_code="P1", assignments=4))


@pytest.fixture
def token(enrollment):
    return open_api_feed(provider=build.provider("P1"), label="tests", catalogue="trial")


@pytest.fixture
def post(token):
    def post(body, content_type=NDJSON, token=token, **headers):
        if isinstance(body, list):
            body = "\n".join(json.dumps(row) for row in body) if content_type == NDJSON else json.dumps(body)
        given = {"Authorization": f"Bearer {token}"} if token else {}
        client = Client(enforce_csrf_checks=True)
        response = client.post("/api/v1/completions", body, content_type=content_type, headers={**given, **headers})
        content = b"".join(response.streaming_content) if response.streaming else response.content
        assert not response.cookies
        return response, json.loads(content)

    return post


def row(source_id, enrollment, assignment="1.1", on="2026-01-05", **fields):
    return {"source_id": source_id, "enrollment": enrollment.code, "assignment": assignment, "completed_on": on, **fields}


@pytest.mark.parametrize("content_type", [NDJSON, JSON])
def test_every_row_is_answered_and_one_bad_row_costs_no_good_one(post, enrollment, content_type):
    rows = [row("a", enrollment), row("b", enrollment, on="2026-02-30"), {"source_id": 5}, row("d", enrollment, "1.2")]
    response, answer = post(rows, content_type)
    assert response.status_code == 200
    assert int(response["Content-Length"]) > 0
    assert answer["counts"] == {"created": 2, "exists": 0, "conflict": 0, "refused": 2}
    told = [(r["row"], r["source_id"], r["status"], r["reason"], r["field"]) for r in answer["results"]]
    assert told == [
        (1, "a", "created", None, None),
        (2, "b", "refused", "not_a_date", "completed_on"),
        (3, None, "refused", "wrong_type", "source_id"),
        (4, "d", "created", None, None),
    ]
    assert set(Completion.objects.values_list("source_id", "batch_id")) == {("a", answer["batch"]), ("d", answer["batch"])}
    assert IntakeBatch.objects.get(pk=answer["batch"]).source_system.code == "api:P1"


def test_the_same_batch_again_exists_and_other_content_is_a_named_conflict(post, enrollment):
    post([row("a", enrollment)])
    _, again = post([row("a", enrollment)])
    assert (again["batch"], again["results"][0]["status"]) == (None, "exists")
    _, other = post([row("a", enrollment, on="2026-01-06")])
    assert other["results"][0]["reason"] == "changed"
    assert other["results"][0]["changes"] == [{"field": "completed_on", "old": "2026-01-05", "new": "2026-01-06"}]
    assert Completion.objects.count() == 1


def test_a_statement_is_voided_by_its_id_and_can_be_stated_anew(post, enrollment):
    post([row("a", enrollment)])
    _, voided = post([{"source_id": "a", "void": True}])
    assert (voided["results"][0]["status"], voided["results"][0]["detail"]) == ("created", "voided")
    post([row("a", enrollment, on="2026-01-06")])
    assert list(Completion.objects.order_by("sequence").values_list("sequence", flat=True)) == [0, 1, 2]


def test_a_malformed_line_is_a_refused_row_but_a_malformed_document_is_none_at_all(post, enrollment):
    good = json.dumps(row("a", enrollment))
    response, answer = post(f'{good[:-1]}\n{good}\n{{"source_id": NaN}}')
    assert (response.status_code, [r["status"] for r in answer["results"]]) == (200, ["refused", "created", "refused"])
    response, problem = post(f"[{good.replace('a', 'z', 1)}, {good}", JSON)
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert (problem["status"], problem["pointer"]) == (400, "/2")
    assert Completion.objects.count() == 1


@pytest.mark.parametrize("token", [None, "", "unknown", "ü", "x" * 5000, "a b"])
def test_without_a_known_token_nothing_is_read(post, token):
    response, problem = post([], token=token)
    assert (response.status_code, response["WWW-Authenticate"], problem["status"]) == (401, "Bearer", 401)


def test_a_revoked_token_opens_nothing(post):
    token = ApiToken.objects.get()
    assert revoke_token(token_id=token.pk)
    assert not revoke_token(token_id=token.pk)
    assert post([])[0].status_code == 401


def test_only_the_hash_of_a_token_is_kept(token):
    assert token not in str(list(ApiToken.objects.values()))


def test_a_token_without_a_feed_is_forbidden(post):
    SourceSystem.objects.filter(code="api:P1").update(code="closed")
    response, problem = post([{}])
    assert (response.status_code, problem["status"]) == (403, 403)


def test_a_second_feed_of_a_provider_cannot_change_its_catalogue(token):
    assert open_api_feed(provider=build.provider("P1"), label="more", catalogue="trial") != token
    with pytest.raises(ValueError, match="already reports on the catalogue trial"):
        open_api_feed(provider=build.provider("P1"), label="more", catalogue="other")


def test_another_providers_enrollment_looks_like_one_that_does_not_exist(post):
    other = build.enrollment(build.offering(provider_code="P2", code="B 1"))
    _, answer = post([row("a", other), {**row("b", other), "enrollment": "nobody"}])
    first, second = ({**result, "row": 0, "source_id": ""} for result in answer["results"])
    assert first == second
    assert first["reason"] == "unknown_enrolment"


@pytest.mark.parametrize(
    ("content_type", "headers", "status"),
    [("text/csv", {}, 415), ("multipart/form-data; boundary=x", {}, 415), (JSON, {"Content-Encoding": "gzip"}, 415)],
)
def test_other_kinds_of_body_are_named_as_unsupported(post, content_type, headers, status):
    response, problem = post("[]", content_type, **headers)
    assert (response.status_code, problem["status"]) == (status, status)


def test_too_many_bytes_or_rows_record_nothing(post, enrollment, monkeypatch):
    monkeypatch.setattr(rest, "ROWS", 1)
    assert post([row("a", enrollment), row("b", enrollment, "1.2")])[0].status_code == 413
    monkeypatch.setattr(rest, "BODY_BYTES", 10)
    assert post([row("a", enrollment)])[0].status_code == 413
    assert not Completion.objects.exists()


def test_a_body_without_length_and_a_get_are_refused_in_the_same_form(post, token):
    response, problem = post("")
    assert (response.status_code, problem["status"]) == (411, 411)
    response = Client().get("/api/v1/completions", headers={"Authorization": f"Bearer {token}"})
    assert (response.status_code, response["Content-Type"]) == (405, "application/problem+json")


def test_whatever_the_caller_accepts_it_is_answered(post, enrollment):
    response, answer = post([row("a", enrollment)], Accept="text/html, application/x-ndjson")
    assert (response.status_code, answer["results"][0]["status"]) == (200, "created")


def test_a_lost_database_is_a_503_that_asks_to_send_again(post, enrollment, monkeypatch):
    def lost(**_):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(rest, "record_completions", lost)
    response, problem = post([row("a", enrollment)])
    assert response.status_code == 503
    assert "Send the same again" in problem["detail"]


def test_the_intake_works_with_the_rights_of_the_learning_sites_login(post, enrollment):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE credence_learning")
    response, answer = post([row("a", enrollment)])
    assert (response.status_code, answer["counts"]["created"]) == (200, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("credence_learning",)
