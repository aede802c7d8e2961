"""The API of the learning record: who reads and writes what, and in how many queries."""

import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from competencies.models import Evidence, MasteryJudgment
from tests.build_learning import (
    administrator,
    class_of,
    counsellor,
    day,
    framework,
    guardian,
    judge,
    person,
    scale,
    school,
    student,
    teacher,
)

pytestmark = pytest.mark.django_db
NO_READING = ("SAVEPOINT", "SET LOCAL ROLE", "current_setting('role')", "RELEASE")
LEVELS = [{"label": label} for label in ("Beginning", "Developing", "Proficient", "Advanced")]


class Caller:
    """Someone signed in; answers are (status, document)."""

    def __init__(self, who):
        self.client = Client()
        self.client.force_login(who)

    def get(self, path):
        return self._told(self.client.get(f"/api/v1/{path}"))

    def post(self, path, body):
        return self._told(self.client.post(f"/api/v1/{path}", json.dumps(body, default=str), "application/json"))

    def send(self, path, **form):
        return self._told(self.client.post(f"/api/v1/{path}", form))

    def _told(self, answer):
        return answer.status_code, answer.json()


@pytest.fixture
def classroom():
    """(teacher, two students, competencies)."""
    educator, students, _ = class_of(2)
    _, competencies = framework(3)
    return educator, students, competencies


def judgment(student, competency, level, **fields):
    return {"student": student.uuid, "competency": competency.uuid, "level": level, "worked_on": day(1)} | fields


def levels_of(caller, student, query=""):
    status, document = caller.get(f"students/{student.uuid}/levels{query}")
    assert status == 200, document
    return {row["competency"]: row["label"] for row in document["results"]}


def test_a_class_is_judged_at_once_and_each_student_reads_the_own_level(classroom):
    educator, (one, other), (first, second, _) = classroom
    status, document = Caller(educator).post(
        "judgments", {"judgments": [judgment(one, first, 3), judgment(one, second, 1), judgment(other, first, 4)]}
    )
    assert (status, len(document["numbers"])) == (201, 3)
    assert levels_of(Caller(one), one) == {str(first.uuid): "Proficient", str(second.uuid): "Beginning"}
    assert Caller(one).get(f"students/{other.uuid}/levels")[0] == 404


def test_one_bad_judgement_is_named_and_nothing_is_recorded(classroom):
    educator, (one, other), (first, _, _) = classroom
    caller = Caller(educator)
    status, document = caller.post("judgments", {"judgments": [judgment(one, first, 3), judgment(other, first, 5)]})
    assert (status, document["errors"][0]["pointer"]) == (422, "/judgments/1")
    status, document = caller.post("judgments", {"judgments": [judgment(one, first, 0)]})
    assert (status, document["errors"][0]["pointer"]) == (400, "/judgments/0/level")
    stranger = student()
    assert caller.post("judgments", {"judgments": [judgment(one, first, 3), judgment(stranger, first, 3)]})[0] == 404
    assert MasteryJudgment.objects.count() == 0


@pytest.mark.parametrize("who", ["guardian", "counsellor", "administrator", "self"])
def test_who_reads_the_record_does_not_judge(classroom, who):
    _, (one, _), (first, _, _) = classroom
    reader = {
        "guardian": guardian,
        "counsellor": counsellor,
        "self": lambda of: of,
        "administrator": lambda of: administrator(school()),
    }
    caller = Caller(reader[who](one))
    assert levels_of(caller, one) == {}
    assert caller.post("judgments", {"judgments": [judgment(one, first, 3)]})[0] == 404


@pytest.mark.parametrize("kind", ["finance_officer", "payment_releaser", "auditor", "teacher", "student", "district_administrator"])
def test_whoever_stands_in_no_relation_finds_nobody(classroom, kind):
    _, (one, _), (first, _, _) = classroom
    organization = school("S9", "D9").district if kind == "district_administrator" else None
    caller = Caller(person(kind, organization=organization))
    for path in ("levels", f"levels/{first.uuid}", "evidence", "individual-criteria"):
        assert caller.get(f"students/{one.uuid}/{path}")[0] == 404
    assert [row["uuid"] for row in caller.get("students")[1]["results"] if row["uuid"] == str(one.uuid)] == []


def test_a_level_is_explained_and_read_as_it_was_known(classroom):
    educator, (one, _), (first, _, _) = classroom
    judge(educator, one, first, 2, on=1)
    judge(educator, one, first, 3, on=5)
    caller = Caller(one)
    assert levels_of(caller, one, f"?as_known_on={day(4)}") == {str(first.uuid): "Developing"}
    status, document = caller.get(f"students/{one.uuid}/levels/{first.uuid}")
    assert status == 200
    assert document["words"] == "Proficient: the newest of 2 judgements."
    assert [row["counts"] for row in document["judgments"]] == [False, True]
    assert document["judgments"][0]["judged_by"] == educator.full_name


def test_a_day_is_told_without_what_was_not_known_then(classroom):
    educator, (one, _), (first, _, _) = classroom
    number = judge(educator, one, first, 3, on=1)
    judge(educator, one, first, 4, on=9)
    Caller(educator).post(f"students/{one.uuid}/judgments/{number}/withdrawal", {"reason": "A slip."})
    path = f"students/{one.uuid}/levels/{first.uuid}"
    said = [(row["withdrawn_by"], row["withdrawn_for"]) for row in Caller(one).get(path)[1]["judgments"]]
    assert said == [(educator.full_name, "A slip."), (None, "")]
    (known,) = Caller(one).get(f"{path}?as_known_on={day(2)}")[1]["judgments"]
    assert (known["withdrawn_on"], known["withdrawn_by"], known["withdrawn_for"], known["counts"]) == (None, None, "", True)


def test_a_teacher_withdraws_an_own_judgement_and_nobody_elses(classroom):
    educator, (one, other), (first, _, _) = classroom
    number = judge(educator, one, first, 3)
    path = f"judgments/{number}/withdrawal"
    colleague, _, _ = class_of(1)
    assert Caller(colleague).post(f"students/{one.uuid}/{path}", {"reason": "x"})[0] == 404
    assert Caller(educator).post(f"students/{other.uuid}/{path}", {"reason": "x"})[0] == 404
    assert Caller(educator).post(f"students/{one.uuid}/{path}", {"reason": "Another's work."})[0] == 201
    assert levels_of(Caller(one), one) == {}
    assert Caller(educator).post(f"students/{one.uuid}/{path}", {"reason": "Again."})[0] == 422


def test_a_student_hands_in_a_file_that_comes_back_as_a_download_only(classroom):
    educator, (one, other), (first, second, _) = classroom
    file = SimpleUploadedFile("../my log.html", b"Read twelve pages.", content_type="text/html")
    status, document = Caller(one).send(
        f"students/{one.uuid}/evidence", kind="file", title="Log", worked_on=day(1), file=file, competencies=[first.uuid, second.uuid]
    )
    assert status == 201, document
    assert document["competencies"] == [str(first.uuid), str(second.uuid)]
    assert document["versions"][0]["file_name"] == "my log.txt"
    path = f"/api/v1/students/{one.uuid}/evidence/{document['uuid']}/versions/1/file"
    answer = Caller(educator).client.get(path)
    assert answer.content == b"Read twelve pages."
    assert answer["Content-Type"] == "text/plain"
    assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''my%20log.txt"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert Caller(other).client.get(path).status_code == 404


def test_active_content_is_refused_by_its_field(classroom):
    _, (one, _), _ = classroom
    file = SimpleUploadedFile("log.txt", b"<svg onload=alert(1)>")
    status, document = Caller(one).send(f"students/{one.uuid}/evidence", kind="file", title="Log", worked_on=day(1), file=file)
    assert (status, document["errors"][0]["pointer"]) == (422, "/file")
    assert Evidence.objects.count() == 0


def test_a_judgement_rests_on_a_version_of_the_students_own_evidence(classroom):
    educator, (one, other), (first, _, _) = classroom
    note = {"kind": "observation", "title": "Explained it", "worked_on": day(1), "text": "At the board."}
    _, document = Caller(educator).post(f"students/{one.uuid}/evidence", note)
    rests = {"evidence": [{"evidence": document["uuid"], "version": 1}]}
    assert Caller(educator).post("judgments", {"judgments": [judgment(one, first, 3, **rests)]})[0] == 201
    assert Caller(educator).post("judgments", {"judgments": [judgment(other, first, 3, **rests)]})[0] == 404
    more = {"text": "And again, alone."}
    status, document = Caller(one).post(f"students/{one.uuid}/evidence/{document['uuid']}/versions", more)
    assert (status, [version["text"] for version in document["versions"]]) == (201, ["At the board.", "And again, alone."])


def test_an_individual_criterion_changes_mastered_from_its_day_on(classroom):
    educator, (one, _), (first, _, _) = classroom
    judge(educator, one, first, 2)
    plan = {"competency": first.uuid, "level": 2, "reason": "Individual plan of September.", "starts_on": day(1)}
    path = f"students/{one.uuid}/individual-criteria"
    assert Caller(educator).post(path, plan)[0] == 403
    deciding = Caller(counsellor(one))
    assert deciding.post(path, plan)[0] == 201
    assert deciding.get(f"students/{one.uuid}/levels")[1]["results"][0]["mastered"] is True
    before = deciding.get(f"students/{one.uuid}/levels/{first.uuid}?as_known_on={day(0)}")[1]
    assert before["mastered"] is False
    ended = {"competency": first.uuid, "starts_on": day(1), "ends_on": day(3)}
    assert deciding.post(f"{path}/end", ended)[0] == 201
    assert deciding.get(f"students/{one.uuid}/levels")[1]["results"][0]["mastered"] is False
    assert deciding.post(path, plan | {"starts_on": day(5)})[0] == 201
    newest = deciding.get(f"{path}?limit=1")[1]
    assert newest["results"][0]["starts_on"] == str(day(5))
    (kept,) = deciding.get(f"{path}?limit=1&cursor={newest['next']}")[1]["results"]
    assert (kept["reason"], kept["ends_on"]) == ("Individual plan of September.", str(day(3)))


def test_a_long_preview_goes_on_until_everyone_in_reach_is_named(monkeypatch):
    monkeypatch.setattr("competencies.rest.scales.SHOWN", 2)
    educator, students, _ = class_of(3)
    version = scale()
    _, (first,) = framework(1, version=version)
    for one in students:
        judge(educator, one, first, 1, on=1)
        judge(educator, one, first, 4, on=2)
    caller = Caller(administrator(school()))
    path = f"scales/{version.scale.uuid}/preview"
    draft = {"levels": LEVELS, "proficient": 3, "method": "decaying_average", "parameters": {"weight": "1/3"}}
    named, start = [], 0
    while start is not None:
        status, document = caller.post(f"{path}?from={start}", draft)
        assert (status, document["in_reach"]) == (200, 3)
        named += [row["student"] for row in document["students"]]
        start = document["next"]
    assert sorted(named) == sorted(str(one.uuid) for one in students)
    assert caller.post(f"{path}?from=-1", draft)[0] == 422


def test_a_scale_is_previewed_then_released_and_no_level_moves():
    educator, (one, _), _ = class_of(2)
    version = scale()
    _, (first,) = framework(1, version=version)
    judge(educator, one, first, 1, on=1)
    judge(educator, one, first, 4, on=2)
    caller = Caller(administrator(school()))
    path = f"scales/{version.scale.uuid}"
    draft = {"levels": LEVELS, "proficient": 3, "method": "decaying_average", "parameters": {"weight": "1/3"}}
    assert Caller(educator).post(f"{path}/preview", draft)[0] == 403
    status, document = caller.post(f"{path}/preview", draft)
    assert (status, document["changes"]) == (200, 1), document
    (named,) = document["students"]
    assert (named["student"], named["before"], named["after"]) == (str(one.uuid), "Advanced", "Developing")
    elsewhere = Caller(administrator(school("S8", "D8")))
    assert elsewhere.post(f"{path}/preview", draft)[1] == {"changes": 1, "in_reach": 0, "students": [], "next": None}
    status, document = caller.post(f"{path}/versions", draft | {"reason": "Growth counts."})
    assert (status, [one["number"] for one in document["versions"]]) == (201, [1, 2])
    assert levels_of(Caller(one), one) == {str(first.uuid): "Advanced"}
    for wrong, pointer in [({"parameters": {"weight": "2"}}, "/parameters"), ({"proficient": 5}, "/proficient"),
                           ({"carried_from": [2, 1, 3, 4]}, "/carried_from"), ({"levels": LEVELS[:3]}, "/carried_from")]:  # fmt: skip
        for path_of, more in ((f"{path}/versions", {"reason": "x"}), (f"{path}/preview", {})):
            status, told = caller.post(path_of, draft | wrong | more)
            assert (status, [one["pointer"] for one in told["errors"]]) == (422, [pointer]), told
    assert caller.post("scales", draft | {"code": "own", "title": "Our own"})[0] == 201
    assert "own" in [row["code"] for row in Caller(educator).get("scales")[1]["results"]]
    assert Caller(person("auditor")).get("scales")[0] == 403


def test_a_second_rating_goes_from_asking_to_figures(classroom):
    educator, (one, _), (first, _, _) = classroom
    _, document = Caller(one).send(
        f"students/{one.uuid}/evidence", kind="file", title="Log", worked_on=day(1), file=SimpleUploadedFile("a.txt", b"Words.")
    )
    rests = {"evidence": [{"evidence": document["uuid"], "version": 1}]}
    _, judged = Caller(educator).post("judgments", {"judgments": [judgment(one, first, 4, **rests)]})
    rater = teacher()
    path = f"students/{one.uuid}/judgments/{judged['numbers'][0]}/second-ratings"
    assert Caller(rater).post(path, {"rater": rater.uuid})[0] == 404
    assert Caller(educator).post(path, {"rater": one.uuid})[0] == 404
    assert Caller(educator).post(path, {"rater": rater.uuid})[0] == 201
    (asked,) = Caller(rater).get("second-ratings")[1]["results"]
    assert (asked["first_level"], asked["own_level"]) == (None, None)
    assert one.full_name not in json.dumps(asked)
    file = f"/api/v1/second-ratings/{asked['uuid']}/evidence/{document['uuid']}/versions/1/file"
    assert Caller(rater).client.get(file).content == b"Words."
    assert Caller(teacher()).client.get(file).status_code == 404
    assert Caller(educator).post(f"second-ratings/{asked['uuid']}", {"level": 3})[0] == 404
    assert Caller(rater).post(f"second-ratings/{asked['uuid']}", {"level": 3})[0] == 201
    figures = Caller(administrator(school())).get("rater-figures")[1]["second_ratings_by_rater"]
    assert [(row["of"], row["exact"], row["drift"]) for row in figures] == [(str(rater.uuid), "0", "-1")]
    assert Caller(rater).get("rater-figures")[0] == 403
    assert Caller(person("finance_officer")).get("rater-figures")[0] == 403


def queries_of(caller, path):
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert caller.client.get(f"/api/v1/{path}").status_code == 200
    return [query["sql"] for query in caught if not query["sql"].startswith(NO_READING) and "current_setting" not in query["sql"]]


def test_a_list_costs_the_same_few_queries_however_long_it_is():
    educator, students, _ = class_of(6)
    _, competencies = framework(8)
    for one in students[:5]:
        for competency in competencies:
            judge(educator, one, competency, 3)
    judge(educator, students[5], competencies[0], 3)
    caller = Caller(educator)
    of_all = "&".join(f"student={one.uuid}" for one in students)
    few, many = (queries_of(caller, f"students/{students[place].uuid}/levels") for place in (5, 0))
    assert len(few) == len(many) <= 7, many
    few = queries_of(caller, f"levels?student={students[5].uuid}")
    many = queries_of(caller, f"levels?{of_all}")
    assert len(few) == len(many) <= 7, many
    assert len(queries_of(caller, "students")) <= 5
    assert len(queries_of(caller, f"students/{students[0].uuid}/levels/{competencies[0].uuid}")) <= 8


def test_a_class_is_read_at_once(classroom):
    educator, (one, other), (first, second, _) = classroom
    judge(educator, one, first, 3)
    judge(educator, other, second, 2)
    caller = Caller(educator)
    path = f"levels?student={one.uuid}&student={other.uuid}"
    first_page = caller.get(f"{path}&limit=1")[1]
    rows = first_page["results"] + caller.get(f"{path}&limit=1&cursor={first_page['next']}")[1]["results"]
    assert {(row["student"], row["label"]) for row in rows} == {(str(one.uuid), "Proficient"), (str(other.uuid), "Developing")}
    rows = caller.get(f"levels?student={one.uuid}&student={other.uuid}&competency={first.uuid}")[1]["results"]
    assert [row["student"] for row in rows] == [str(one.uuid)]
    assert caller.get(f"levels?student={one.uuid}&student={uuid.uuid4()}")[0] == 404
    assert caller.get("levels")[0] == 400


def test_judging_a_class_costs_the_same_queries_as_judging_one():
    educator, students, _ = class_of(6)
    _, (first,) = framework(1)
    caller = Caller(educator)
    rows = []
    for one in students:
        note = {"kind": "note", "title": "Seen", "worked_on": day(1), "text": "At the board."}
        _, document = caller.post(f"students/{one.uuid}/evidence", note)
        rows.append(judgment(one, first, 3, evidence=[{"evidence": document["uuid"], "version": 1}]))
    spent = []
    for part in (rows[:1], rows[1:]):
        with CaptureQueriesContext(connection) as caught:
            assert caller.post("judgments", {"judgments": part})[0] == 201
        spent.append(len(caught))
    assert spent[0] == spent[1] <= 40
