"""The API of frameworks: everybody of the learning side reads, district administrators bring, nobody of the money side sees any."""

import gzip
import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from competencies.actions.add_sample_work import SampleRefused, add_sample_work
from competencies.models import Competency, Framework, FrameworkArrival, RubricLevel
from tests import build_learning as build
from tests.competencies.case_packages import MATHEMATICS, item, needs_shared_data, package, take, tie
from tests.competencies.test_case_export import rubric

pytestmark = pytest.mark.django_db
URL = "/api/v1/frameworks"
NO_READING = ("SAVEPOINT", "RELEASE", "SET LOCAL ROLE", "SELECT current_setting('role')")


def client(kind):
    organization = {"district_administrator": build.district, "school_administrator": build.school}.get(kind)
    person = build.person(
        kind, organization=organization() if organization else build.school("P") if kind == "provider_staff" else None
    )
    made = Client()
    made.force_login(person)
    return made


def readings(captured):
    return [one["sql"] for one in captured if not one["sql"].startswith(NO_READING)]


@needs_shared_data
def test_the_tree_of_746_items_is_read_in_five_queries():
    take(MATHEMATICS)
    reader = client("student")
    framework = Framework.objects.get().uuid
    with CaptureQueriesContext(connection) as captured:
        answer = reader.get(f"{URL}/{framework}")
    shown = answer.json()
    assert [answer.status_code, len(shown["competencies"]), shown["scale"]] == [200, 746, "four-levels"]
    assert len(readings(captured)) <= 5, readings(captured)
    places = {one["uuid"]: number for number, one in enumerate(shown["competencies"])}
    for number, one in enumerate(shown["competencies"]):
        assert all(places[parent] < number for parent in one["parents"])
        assert (one["depth"] == 0) == (one["parents"] == [])
    out = reader.get(f"{URL}/{shown['uuid']}/package").json()
    assert out == json.loads(MATHEMATICS.read_text())


@pytest.mark.parametrize(
    "kind", ["student", "guardian", "teacher", "counsellor", "school_administrator", "district_administrator", "provider_staff"]
)
def test_the_learning_side_reads_frameworks_and_the_district_alone_brings_them(kind):
    take(package(["A"]))
    made, framework = client(kind), Framework.objects.get().uuid
    assert [one["title"] for one in made.get(URL).json()["results"]] == ["document"]
    competency = Competency.objects.get().uuid
    for path in (f"{URL}/{framework}", f"{URL}/{framework}/package", f"/api/v1/competencies/{competency}"):
        assert made.get(path).status_code == 200, path
    brought = made.post(URL, json.dumps(package(["A", "B"])), content_type="application/json")
    assert brought.status_code == (201 if kind == "district_administrator" else 403)
    pairs = made.post(f"{URL}/{framework}/prerequisites", json.dumps({"pairs": []}), content_type="application/json")
    assert pairs.status_code == (201 if kind == "district_administrator" else 403)


@pytest.mark.parametrize("kind", ["finance_officer", "payment_releaser", "auditor", None])
def test_the_money_side_sees_no_framework(kind):
    take(package(["A"]))
    made = client(kind)
    for path in (URL, f"{URL}/{Framework.objects.get().uuid}", f"/api/v1/competencies/{Competency.objects.get().uuid}"):
        assert made.get(path).status_code == 403
    assert made.post(URL, json.dumps(package()), content_type="application/json").status_code == 403


def test_a_framework_is_looked_at_and_then_brought_once_however_often_it_is_sent():
    made = client("district_administrator")
    content = json.dumps(package(["A"], CFRubrics=[rubric()]))

    def send(query="", body=content, kind="application/json", **headers):
        answer = made.post(URL + query, body, content_type=kind, headers=headers)
        return answer.status_code, answer.json()

    status, told = send("?dry_run=true")
    assert [status, told["applied"], told["counts"]["added"], Framework.objects.count()] == [200, False, 1, 0]
    first, second = (send(**{"Idempotency-Key": "one"}) for _ in range(2))
    assert [first[0], first] == [201, second]
    assert [send()[0], send(body=gzip.compress(content.encode()), kind="application/gzip")[0]] == [200, 200]
    assert FrameworkArrival.objects.get().brought_by is not None
    status, told = send("?title=Numbers&kind=lifelong", "code,statement\nA1,Count\nA2\n", "text/csv")
    assert [status, told["counts"]["added"], told["refused"][0]["where"]] == [201, 1, "line 3"]
    status, told = send(body="{}")
    assert [status, told["detail"][:48]] == [422, "This is no CASE package: it has no CFDocument wi"]
    assert send(body="x", kind="text/html")[0] == 415
    assert send("?kind=other")[0] == 400
    status, told = send(body=b"\x1f\x8b", kind="application/gzip")
    assert [status, "damaged" in told["detail"]] == [422, True]


def test_a_competency_is_shown_with_its_ties_its_rubric_and_what_it_said_before():
    ties = [tie("A", "document"), tie("B", "document"), tie("A", "B", "precedes"), tie("A", "film", "exemplar")]
    take(package(["A", "B"], ties, CFRubrics=[rubric()]))
    take(package([item("A", fullStatement="In other words"), "B"], ties, CFRubrics=[rubric()]))
    level = RubricLevel.objects.get(rank=3)
    made = client("district_administrator")
    sample = {"title": "An essay", "address": "https://example.org/essay"}
    added = made.post(f"/api/v1/rubric-levels/{level.uuid}/samples", json.dumps(sample), content_type="application/json")
    assert added.status_code == 201
    shown = made.get(f"/api/v1/competencies/{Competency.objects.get(code='A').uuid}").json()
    assert [shown["statement"], shown["earlier"][0]["statement"]] == ["In other words", "Do A"]
    told = {(one["kind"], one["direction"], one["title"], bool(one["competency"])) for one in shown["associations"]}
    assert told == {("exemplar", "to", "film", False), ("isChildOf", "to", "document", False), ("precedes", "to", "B", True)}
    (line,) = shown["rubric"]
    assert [one["level"] for one in line["levels"]] == [1, 2, 3, 4]
    assert line["levels"][2]["samples"] == [{**sample, "text": ""}]
    other = made.get(f"/api/v1/competencies/{Competency.objects.get(code='B').uuid}").json()
    assert ("precedes", "from", "A") in {(one["kind"], one["direction"], one["title"]) for one in other["associations"]}


def test_prerequisites_come_by_code_and_what_does_not_fit_is_pointed_at():
    take(package(["A", "B"]))
    made = client("district_administrator")
    pairs = [{"prerequisite": "A", "competency": "B"}, {"prerequisite": "A", "competency": "Z"}]
    url = f"{URL}/{Framework.objects.get().uuid}/prerequisites"
    told = made.post(url, json.dumps({"pairs": pairs}), content_type="application/json").json()
    assert [told["added"], [one["pointer"] for one in told["refused"]]] == [1, ["/pairs/1"]]


def test_what_is_not_there_is_not_found_and_a_sample_that_does_not_fit_is_refused():
    made = client("district_administrator")
    nothing = "00000000-0000-0000-0000-000000000000"
    for path in (f"{URL}/{nothing}", f"{URL}/{nothing}/package", f"/api/v1/competencies/{nothing}"):
        assert made.get(path).status_code == 404
    for wrong in ({"title": ""}, {"title": "A"}, {"title": "A", "text": "x", "address": "https://e.org"}, {"title": "A", "text": "x"}):
        with pytest.raises(SampleRefused):
            add_sample_work(level=nothing, **wrong)
    with pytest.raises(SampleRefused, match="begins with https"):
        add_sample_work(level=nothing, title="A", address="javascript:1")
