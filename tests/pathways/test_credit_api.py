"""The API of credit and portfolios: in which form, for whom, and that a refused request leaves nothing."""

import datetime
import json
import uuid
import zipfile
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pathways.models import CreditAward, PlacementDecision
from pathways.rest import credit_answers as answers
from tests import build_learning as learning
from tests.pathways.credit_ground import asks, award, course, master, set_for

pytestmark = pytest.mark.django_db


def api(person):
    client = Client()
    client.force_login(person)

    def call(method, path, body=None, **headers):
        if isinstance(body, SimpleUploadedFile):
            answer = client.post(f"/api/v1/{path}", {"bundle": body}, headers=headers)
        else:
            sent = [json.dumps(body, default=str), "application/json"] if body is not None else []
            answer = client.generic(method, f"/api/v1/{path}", *sent, headers=headers)
        return answer.status_code, answer.json()

    call.client = client
    return call


@pytest.fixture
def ground():
    """A class of one with a counsellor and administrators, and a course of two modules with criteria."""
    by, (learner,), section = learning.class_of()
    _, competencies = learning.framework(2)
    made, parts = course("1/2", "1/2")
    for part, competency in zip(parts, competencies, strict=True):
        set_for(made, part, asks(competency), by)
    return by, learner, section.school, made, parts, competencies


def fits(described, said):
    """Whether an answer has the members that its description names, and no others."""
    return set(described().fields) == set(said)


def named(made, module=None):
    return {"catalogue": made.catalogue, "course": made.code, "module": module.code if module else None}


def test_credit_is_awarded_read_with_its_basis_and_revoked(ground):
    by, learner, _, made, (first, _), (one, _) = ground
    teacher, counsellor = api(by), api(learning.counsellor(learner))
    path = f"students/{learner.uuid}/credit"
    status, refused = teacher("POST", path, named(made, first))
    assert (status, refused["status"]) == (422, 422)
    assert "no evidence yet; mastery is needed" in refused["detail"]
    master(by, learner, one)
    (due,) = teacher("GET", "credit/due")[1]["results"]
    assert fits(answers.DueAwardOut, due)
    assert (due["student"], due["credit"]) == (str(learner.uuid), "1/2")
    assert {name: due[name] for name in named(made)} == named(made, first), "named as the award takes it"
    status, awarded = teacher("POST", path, named(made, first), **{"Idempotency-Key": "one"})
    assert (status, awarded["credit"], awarded["supported"], awarded["revoked"]) == (201, "1/2", True, None)
    assert fits(answers.AwardOut, awarded)
    assert teacher("POST", path, named(made, first), **{"Idempotency-Key": "one"}) == (201, awarded)
    assert teacher("POST", path, named(made, first))[0] == 409
    assert CreditAward.objects.count() == 1
    assert teacher("GET", "credit/due")[1]["results"] == []
    revoke = f"{path}/{awarded['uuid']}/revoke"
    status, told = teacher("POST", revoke, {"reason": "Mistaken."})
    assert (status, "the student's counsellor or the student's school administrator" in told["detail"]) == (403, True)
    status, revoked = counsellor("POST", revoke, {"reason": "Mistaken."})
    assert (status, revoked["revoked"]["reason"]) == (201, "Mistaken.")
    assert counsellor("POST", revoke, {"reason": "Again."})[0] == 409
    status, listed = api(learner)("GET", path)
    assert (status, [entry["uuid"] for entry in listed["results"]]) == (200, [awarded["uuid"]])


def test_criteria_are_set_by_a_district_and_read_by_everyone_who_learns(ground):
    by, learner, place, made, (first, _), (one, two) = ground
    administrator = api(learning.administrator(place.district))
    tree = {"any": [*asks(one)["all"], *asks(two)["all"]], "at_least": 2}
    status, criteria = administrator("POST", "criteria", named(made, first) | {"tree": tree})
    assert (status, criteria["number"], criteria["tree"]) == (201, 2, tree)
    assert fits(answers.CriteriaOut, criteria)
    status, wrong = administrator("POST", "criteria", named(made, first) | {"tree": {"all": [{"hours": 120}]}})
    assert (status, wrong["errors"][0]["pointer"]) == (422, "/tree")
    assert wrong["detail"].startswith("all[0]: expected exactly one of")
    assert administrator("POST", "criteria", named(made) | {"course": "NONE", "tree": tree})[1]["errors"][0]["pointer"] == "/course"
    status, read = api(learner)("GET", f"criteria?catalogue={made.catalogue}&course={made.code}")
    assert (status, [(entry["module"], entry["number"]) for entry in read["results"]]) == (200, [("M1", 2), ("M2", 1)])
    assert api(by)("POST", "criteria", named(made) | {"tree": tree})[0] == 403
    assert api(learning.administrator(place))("POST", "criteria", named(made) | {"tree": tree})[0] == 403
    assert api(learning.person("auditor"))("GET", f"criteria?catalogue={made.catalogue}&course={made.code}")[0] == 403


def test_requirements_are_set_by_a_district_and_progress_is_the_students(ground):
    by, learner, place, made, (first, _), (one, _) = ground
    administrator = api(learning.administrator(place.district))
    tree = {"all": [{"credit": "3/2"}, {"credit": "1/2", "courses": [made.code]}]}
    said = {"kind": "graduation", "code": "DIPLOMA", "title": "Diploma", "tree": tree}
    status, required = administrator("POST", "requirements", said)
    assert (status, fits(answers.RequirementOut, required)) == (201, True)
    master(by, learner, one)
    award(by, learner, made, first)
    for reader in (learner, learning.guardian(learner), by):
        status, found = api(reader)("GET", f"students/{learner.uuid}/requirements")
        (only,) = found["results"]
        assert fits(answers.RequirementProgressOut, only)
        assert (status, only["code"], only["progress"]["words"]) == (200, "DIPLOMA", "1 of 2 met")
        assert [part["words"] for part in only["progress"]["parts"]] == [
            "1/2 of 3/2 credits",
            f"1/2 of 1/2 credits in {made.code}",
        ]
    assert [entry["code"] for entry in api(learner)("GET", "requirements")[1]["results"]] == ["DIPLOMA"]


def test_a_waiver_is_recorded_by_the_district_of_the_school_alone(ground):
    by, learner, place, *_ = ground
    path = f"schools/{place.uuid}/waivers"
    said = {"starts_on": "2026-01-01", "ends_on": "2199-01-01", "authority": "Decision of 2025-12-01"}
    assert api(learning.administrator(learning.district("D2")))("POST", path, said)[0] == 404
    assert api(by)("POST", path, said)[0] == 403
    administrator = api(learning.administrator(place.district))
    assert administrator("POST", path, said | {"ends_on": "2026-01-01"})[0] == 422
    status, made = administrator("POST", path, said)
    assert (status, made["authority"], fits(answers.WaiverOut, made)) == (201, "Decision of 2025-12-01", True)
    assert [entry["uuid"] for entry in api(learner)("GET", path)[1]["results"]] == [made["uuid"]]
    assert api(learner)("GET", f"{path}?on=2025-12-31")[1]["results"] == []
    assert api(learner)("GET", f"schools/{uuid.uuid4()}/waivers")[0] == 404


def test_an_attestation_is_withdrawn_by_its_teacher_or_a_counsellor(ground):
    by, learner, place, *_ = ground
    administrator = api(learning.administrator(place.district))
    assert administrator("POST", "assessments", {"code": "DEFENCE", "title": "Defence"})[0] == 201
    assert api(by)("GET", "assessments")[1]["results"] == [{"code": "DEFENCE", "title": "Defence"}]
    other = learning.teacher()
    learning.section([learner], other)
    path = f"students/{learner.uuid}/attestations"
    said = {"assessment": "DEFENCE", "attained_on": "2026-01-05"}
    assert api(learner)("POST", path, said)[0] == 403
    first, second = (api(by)("POST", path, said | {"attained_on": day})[1] for day in ("2026-01-05", "2026-01-06"))
    for caller, one, status in ((other, first, 404), (by, first, 201), (learning.counsellor(learner), second, 201), (by, second, 409)):
        assert api(caller)("POST", f"{path}/{one['uuid']}/withdraw", {"reason": "Not theirs."})[0] == status
    shown = api(learner)("GET", path)[1]["results"]
    assert [entry["withdrawn"]["reason"] for entry in shown] == ["Not theirs."] * 2
    assert fits(answers.AttestationOut, shown[0])


def test_a_portfolio_is_downloaded_by_the_student_and_placed_at_another_school(ground):
    by, learner, _, _, _, (one, two) = ground
    master(by, learner, one, two)
    answer = api(learner).client.get(f"/api/v1/students/{learner.uuid}/portfolio")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert answer["Content-Disposition"] == 'attachment; filename="portfolio.zip"'
    bundle = b"".join(answer.streaming_content)
    assert zipfile.ZipFile(BytesIO(bundle)).namelist() == ["index.html", "portfolio.json"]
    assert api(by)("GET", f"students/{learner.uuid}/portfolio")[0] == 403
    arriving = learning.student(learning.school("NEW"))
    counsellor, student = api(learning.counsellor(arriving)), api(arriving)
    path = f"students/{arriving.uuid}"
    status, arrived = student("POST", f"{path}/portfolio", SimpleUploadedFile("any.zip", bundle))
    assert fits(answers.ArrivalOut, arrived)
    assert (status, arrived["new"], arrived["placements"], arrived["warnings"]) == (201, True, 2, [])
    assert student("POST", f"{path}/portfolio", SimpleUploadedFile("any.zip", bundle))[1]["new"] is False
    status, bad = student("POST", f"{path}/portfolio", SimpleUploadedFile("any.zip", b"no zip"))
    assert (status, bad["detail"].split(";")[0]) == (422, "This is no plain zip")
    proposed = student("GET", f"{path}/placements")[1]["results"]
    assert [(entry["matched_by"], entry["decision"]) for entry in proposed] == [("same", None)] * 2
    decide = [f"{path}/placements/{entry['uuid']}/decide" for entry in proposed]
    assert student("POST", decide[0], {"confirm": True})[0] == 403
    status, confirmed = counsellor("POST", decide[0], {"confirm": True})
    assert (status, confirmed["decision"]["judgment"] is not None) == (201, True)
    assert fits(answers.PlacementOut, confirmed)
    assert counsellor("POST", decide[0], {"confirm": True})[0] == 409
    assert counsellor("POST", decide[1], {"confirm": False})[0] == 422
    assert counsellor("POST", decide[1], {"confirm": False, "note": "Shown otherwise."})[0] == 201
    assert PlacementDecision.objects.count() == 2


def test_another_classs_student_and_a_student_of_last_year_answer_as_not_found(ground):
    by, learner, *_ = ground
    stranger, former = learning.teacher(), learning.teacher()
    learning.section([learning.student()], stranger)
    learning.section([learner], former, ends_on=datetime.date(2025, 9, 1))
    unknown = api(by)("GET", f"students/{uuid.uuid4()}/credit")
    assert unknown[0] == 404
    for caller in (stranger, former, learning.administrator(learning.school("S9", "D9")), learning.person("finance_officer")):
        for path in ("credit", "requirements", "attestations", "portfolio", "placements"):
            assert api(caller)("GET", f"students/{learner.uuid}/{path}") == unknown


def test_reading_credit_takes_as_many_queries_for_one_award_as_for_many(ground):
    by, learner, _, made, parts, competencies = ground
    master(by, learner, *competencies)

    def queries():
        caller = api(learner)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert caller("GET", f"students/{learner.uuid}/credit")[0] == 200
        return len(asked)

    award(by, learner, made, parts[0])
    one = queries()
    award(by, learner, made, parts[1])
    assert queries() == one


def test_due_awards_come_in_pages_without_a_gap_or_a_double(ground, monkeypatch):
    monkeypatch.setattr("pathways.rest.credit.STUDENTS_AT_ONCE", 2)
    by, learner, _, _, _, competencies = ground
    others = [learning.student() for _ in range(4)]
    learning.section(others, by)
    for one in (learner, *others):
        master(by, one, *competencies)
    teacher = api(by)
    seen, path = [], "credit/due?limit=3"
    while path:
        page = teacher("GET", path)[1]
        seen += [(entry["student"], entry["module"]) for entry in page["results"]]
        path = page["next"] and f"credit/due?limit=3&cursor={page['next']}"
    assert seen == [(str(one.uuid), module) for one in (learner, *others) for module in ("M1", "M2")]
    assert api(learner)("GET", "credit/due")[0] == 403


def test_what_cannot_be_read_is_told_and_never_a_fault(ground):
    by, learner, place, made, *_ = ground
    district, counsellor = api(learning.administrator(place.district)), api(learning.counsellor(learner))
    path = f"students/{learner.uuid}"
    for caller, method, where, body, status in [
        (by, "GET", "criteria", None, 400),
        (by, "GET", "criteria?catalogue=%00&course=x", None, 400),
        (by, "GET", "criteria?catalogue=none&course=none", None, 404),
        (by, "GET", f"schools/{place.uuid}/waivers?on=yesterday", None, 400),
        (by, "GET", f"schools/{place.uuid}/waivers?on=0001-01-01", None, 200),
        (by, "GET", f"{path}/credit?cursor=x", None, 400),
        (by, "POST", f"{path}/credit", [], 400),
        (by, "POST", f"{path}/credit", named(made) | {"occasion": "hours"}, 400),
        (by, "POST", f"{path}/credit", {"catalogue": "none", "course": "none"}, 422),
        (by, "POST", f"{path}/attestations", {"assessment": "none", "attained_on": "9999-12-31"}, 422),
        (by, "POST", f"{path}/attestations", {"assessment": "none", "attained_on": "0001-01-01"}, 422),
        (counsellor, "POST", f"{path}/portfolio", {"bundle": "x"}, 415),
        (counsellor, "POST", f"{path}/credit/{uuid.uuid4()}/revoke", {"reason": "x"}, 404),
        (counsellor, "POST", f"{path}/placements/{uuid.uuid4()}/decide", {"confirm": True}, 404),
        (district, "POST", "criteria", named(made) | {"tree": "all"}, 422),
        (district, "POST", "criteria", named(made) | {"tree": None}, 400),
        (district, "POST", "requirements", {"kind": "graduation", "code": "A", "title": "A", "tree": {"credit": 1}}, 422),
        (district, "POST", f"schools/{place.uuid}/waivers", {"starts_on": "x", "ends_on": "y", "authority": ""}, 400),
    ]:
        call = api(caller) if caller is by else caller
        assert call(method, where, body)[0] == status, (method, where, body)
    empty = counsellor.client.post(f"/api/v1/{path}/portfolio", {"bundle": "no file"})
    assert (empty.status_code, empty.json()["errors"][0]["pointer"]) == (400, "/bundle")
