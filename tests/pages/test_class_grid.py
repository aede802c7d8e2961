"""A class's grid: who may open it, how little it asks, and how cells are judged on it."""

import datetime
import json
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from competencies.actions.withdraw_judgment import withdraw_judgment
from competencies.models import CurrentLevel, JudgmentWithdrawal, MasteryJudgment
from competencies.queries.levels import levels_now
from enrollments.models import SectionEducator, SectionStudent
from pathways.actions.ask_for_assessment import ask_for_assessment
from pathways.actions.cover_competencies import cover_competencies
from pathways.views.class_judging import account_key
from tests import build_learning as build

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_learning")]
# What enters and leaves an area's rights, or a savepoint, reads and writes no table.
NO_READING = ("SAVEPOINT", "RELEASE", "SET LOCAL ROLE", "SELECT current_setting('role')")
MOST_QUERIES = 10


def classroom(students=3, competencies=2):
    educator, people, section = build.class_of(students)
    _, columns = build.framework(competencies)
    cover_competencies(course_id=section.course_id, competency_ids=[one.pk for one in columns])
    return educator, people, section, columns


def cell(student, competency, level, seen="", on=None, key=None):
    return {
        "key": str(key or uuid.uuid4()),
        "student": str(student.uuid),
        "competency": str(competency.uuid),
        "level": level,
        "worked_on": str(on or timezone.localdate()),
        "seen": seen,
    }


@pytest.fixture
def client():
    """A client that knows, as a page does, whose edits it sends."""

    class Page(Client):
        account = ""

        def force_login(self, user, backend=None):
            super().force_login(user, backend)
            self.account = account_key(user)

    return Page()


def send(client, section, cells, to="judgements", **said):
    body = {"account": client.account, **({"cells": cells} if cells is not None else {}), **said}
    return client.post(f"/classes/{section.uuid}/{to}/", json.dumps(body), content_type="application/json")


def asked_in(client, act):
    with CaptureQueriesContext(connection) as caught:
        answer = act()
    assert answer.status_code == 200
    return answer, [one["sql"] for one in caught if not one["sql"].startswith(NO_READING)]


def test_only_those_who_teach_a_class_today_open_it(client):
    educator, (student, *_), section, (competency, _) = classroom()
    at = f"/classes/{section.uuid}/"
    own = [f"{at}competencies/{competency.uuid}/", f"{at}students/{student.uuid}/", f"{at}cells/{student.uuid}/{competency.uuid}/"]
    addresses = [at, *own]
    guardian, other = build.guardian(student), build.class_of(1)[0]
    administrator = build.administrator(section.school)
    for address in addresses:
        client.logout()
        assert client.get(address).status_code == 302
        for user, status in ((educator, 200), (other, 404), (student, 404), (guardian, 404), (administrator, 404)):
            client.force_login(user)
            assert client.get(address).status_code == status, (address, user)
    client.force_login(other)
    assert send(client, section, [cell(student, competency, 3)]).status_code == 404
    assert not MasteryJudgment.objects.exists()


def test_a_student_or_a_competency_of_elsewhere_is_not_judged_on_this_grid(client):
    educator, (student, *_), section, (competency, _) = classroom()
    _, (stranger, *_), _, (foreign, _) = classroom()
    client.force_login(educator)
    for wrong in (cell(stranger, competency, 3), cell(student, foreign, 3)):
        assert send(client, section, [cell(student, competency, 3), wrong]).status_code == 404
    SectionStudent.objects.filter(student=student).update(ends_on=timezone.localdate())
    assert send(client, section, [cell(student, competency, 3)]).status_code == 404
    assert client.get(f"/classes/{section.uuid}/cells/{uuid.uuid4()}/{competency.uuid}/").status_code == 404
    assert not MasteryJudgment.objects.exists()


def test_a_cell_without_evidence_is_a_state_of_its_own_and_levels_are_marked(client):
    educator, (one, other, _), section, (first, second) = classroom()
    build.judge(educator, one, first, 3)
    build.judge(educator, other, first, 2, kind="override", reason="Seen in talk.")
    client.force_login(educator)
    page = client.get(f"/classes/{section.uuid}/").content.decode()
    assert page.count(">–</td>") == 4
    assert 'class="s3 m">3</td>' in page
    assert 'class="s2 o">2</td>' in page
    assert page.index(first.code) < page.index(second.code)


@pytest.mark.parametrize(("students", "competencies", "bytes_at_most"), [(30, 40, 250_000), (500, 60, 500_000)])
def test_a_grid_is_read_in_ten_queries_however_large_the_class(client, students, competencies, bytes_at_most):
    educator, people, section, columns = classroom(students, competencies)
    for student in people[:30]:
        CurrentLevel.objects.bulk_create(
            CurrentLevel(
                student=student, competency=column, version=column.framework.scale.versions.get(), rank=2, judgments=1,
                overridden=False, last_worked_on=build.day(1),
            )
            for column in columns[:5]
        )  # fmt: skip
    client.force_login(educator)
    answer, asked = asked_in(client, lambda: client.get(f"/classes/{section.uuid}/"))
    print(f"{students} x {competencies}: {len(asked)} queries, {len(answer.content)} bytes")
    assert len(asked) <= MOST_QUERIES, asked
    assert len(answer.content) <= bytes_at_most
    assert answer.content.decode().count("data-student=") == min(students, 50)
    if students > 50:
        last = client.get(f"/classes/{section.uuid}/?page=10").content.decode()
        assert "451 to 500 of 500" in last


def test_thirty_cells_are_saved_in_one_request_of_ten_queries(client):
    educator, people, section, (first, _) = classroom(30)
    client.force_login(educator)
    answer, asked = asked_in(client, lambda: send(client, section, [cell(one, first, 3) for one in people]))
    print(f"30 cells: {len(asked)} queries")
    assert all(one["saved"] and one["level"] == 3 and one["mastered"] for one in answer.json()["cells"])
    assert MasteryJudgment.objects.filter(judged_by=educator, competency=first, rank=3).count() == 30
    assert len(asked) <= MOST_QUERIES, "\n".join(one[:150] for one in asked)


def test_an_edit_that_meets_a_newer_judgement_is_told_and_the_rest_is_saved(client):
    educator, (one, other, _), section, (first, _) = classroom()
    colleague = build.teacher(name="Ada Colleague")
    client.force_login(educator)
    build.judge(colleague, one, first, 2)
    met, saved = send(client, section, [cell(one, first, 4), cell(other, first, 4)]).json()["cells"]
    assert (met["saved"], met["newer"]) == (False, {"name": "Ada Colleague", "level": 2, "label": "Developing"})
    assert (met["level"], saved["saved"], saved["level"]) == (2, True, 4)
    assert not MasteryJudgment.objects.filter(student=one, rank=4).exists()
    again = send(client, section, [cell(one, first, 4, seen=met["mark"])]).json()["cells"][0]
    assert (again["saved"], again["level"]) == (True, 4)


def test_a_judgement_withdrawn_meanwhile_is_told(client):
    educator, (one, *_), section, (first, _) = classroom()
    client.force_login(educator)
    mark = send(client, section, [cell(one, first, 4)]).json()["cells"][0]["mark"]
    made = MasteryJudgment.objects.get()
    withdraw_judgment(judgment_id=made.pk, withdrawn_by=educator.pk, reason="Wrong student.", at=timezone.now())
    told = send(client, section, [cell(one, first, 3, seen=mark)]).json()["cells"][0]
    assert (told["saved"], told["newer"], told["level"]) == (False, None, None)


def test_an_edit_sent_again_is_not_recorded_twice_whatever_came_in_between(client):
    educator, (one, other, _), section, (first, _) = classroom()
    client.force_login(educator)
    edit = cell(one, first, 4)
    assert send(client, section, [edit]).json()["cells"][0]["saved"]
    build.judge(build.teacher(), one, first, 2, on=400)
    again, further = send(client, section, [edit, cell(other, first, 3)]).json()["cells"]
    assert (again["saved"], again["level"], further["saved"]) == (True, 4, True)
    assert MasteryJudgment.objects.filter(judged_by=educator).count() == 2
    # The same level of another edit is another judgement, and meets what came in between.
    assert not send(client, section, [cell(one, first, 4)]).json()["cells"][0]["saved"]


def test_the_key_of_an_edit_serves_no_other_edit_and_nobody_else(client):
    educator, (one, other, _), section, (first, _) = classroom()
    colleague = build.teacher()
    SectionEducator.objects.create(section=section, educator=colleague, kind="co_teacher", starts_on=build.day(1))
    client.force_login(educator)
    edit = cell(one, first, 4)
    send(client, section, [edit])
    for wrong in (edit | {"level": 2}, edit | {"student": str(other.uuid)}):
        assert "key of another" in send(client, section, [wrong]).json()["problem"]
    client.force_login(colleague)
    assert send(client, section, [edit]).status_code == 422
    assert MasteryJudgment.objects.count() == 1


def test_edits_of_another_account_in_the_same_browser_are_not_taken(client):
    educator, (one, *_), section, (first, _) = classroom()
    client.force_login(educator)
    for to, said in (("judgements", {}), ("foreseen", {}), ("undone", {"keys": [str(uuid.uuid4())]})):
        body = {"account": account_key(build.teacher()), "cells": [cell(one, first, 4)], **said}
        answer = client.post(f"/classes/{section.uuid}/{to}/", json.dumps(body), content_type="application/json")
        assert answer.status_code == 409
        assert "Somebody else is signed in" in answer.json()["problem"]
    assert not MasteryJudgment.objects.exists()


def test_what_several_levels_would_change_is_told_by_the_rule_and_records_nothing(client):
    educator, people, section, _ = classroom(30)
    scale = build.scale(method="n_of_m", n=2, m=3, below="most_recent")
    _, (first,) = build.framework(1, version=scale)
    cover_competencies(course_id=section.course_id, competency_ids=[first.pk])
    for number in (1, 2):
        build.judge(educator, people[0], first, 2, on=number)
    build.judge(educator, people[1], first, 4, on=1)
    client.force_login(educator)
    cells = [cell(one, first, 3) for one in people]
    answer, asked = asked_in(client, lambda: send(client, section, cells, to="foreseen"))
    told = [(one["before"]["level"], one["after"]["level"], one["after"]["mastered"]) for one in answer.json()["cells"]]
    print(f"30 foreseen: {len(asked)} queries, {len(answer.content)} bytes")
    assert told[:3] == [(2, 2, False), (4, 3, True), (None, 3, True)]
    assert len(asked) <= MOST_QUERIES
    assert MasteryJudgment.objects.count() == 3
    # What is told beforehand is what comes of it.
    marks = [one["before"]["mark"] for one in answer.json()["cells"]]
    saved = send(client, section, [one | {"seen": mark} for one, mark in zip(cells, marks, strict=True)]).json()["cells"]
    assert [one["level"] for one in saved] == [after for _, after, _ in told]
    assert send(client, section, [cell(people[0], first, 9)], to="foreseen").status_code == 422


def test_a_saved_edit_is_taken_back_by_whoever_made_it_once_and_with_its_reason(client):
    educator, (one, other, _), section, (first, _) = classroom()
    colleague = build.teacher()
    SectionEducator.objects.create(section=section, educator=colleague, kind="co_teacher", starts_on=build.day(1))
    build.judge(educator, one, first, 2)
    edits = [cell(one, first, 4, seen=levels_now([one.pk])[one.pk, first.pk].mark), cell(other, first, 3)]
    client.force_login(educator)
    send(client, section, edits)
    keys = [edit["key"] for edit in edits]
    client.force_login(colleague)
    assert send(client, section, None, to="undone", keys=keys).json() == {"cells": []}
    client.force_login(build.class_of(1)[0])
    assert send(client, section, None, to="undone", keys=keys).status_code == 404
    client.force_login(educator)
    for _ in range(2):
        answer, asked = asked_in(client, lambda: send(client, section, None, to="undone", keys=keys))
        # However many are taken back.
        assert len(asked) <= 12, asked
        assert {told["student"]: told["level"] for told in answer.json()["cells"]} == {str(one.uuid): 2, str(other.uuid): None}
    assert set(JudgmentWithdrawal.objects.values_list("withdrawn_by", "reason")) == {(educator.pk, "undone by the teacher")}
    assert JudgmentWithdrawal.objects.count() == 2


def test_one_comment_goes_with_many_levels(client):
    educator, people, section, (first, _) = classroom(3)
    client.force_login(educator)
    send(client, section, [cell(one, first, 3) | {"comment": " Shown at the fair. "} for one in people])
    assert set(MasteryJudgment.objects.values_list("reason", flat=True)) == {"Shown at the fair."}


def test_what_cannot_be_recorded_is_refused_whole_with_words(client):
    educator, (one, other, _), section, (first, _) = classroom()
    client.force_login(educator)
    tomorrow_and_more = timezone.localdate() + datetime.timedelta(days=3)
    for wrong, words in (
        ([cell(one, first, 3), cell(other, first, 5)], "goes from 1 to 4"),
        ([cell(one, first, 3), cell(other, first, 3, on=tomorrow_and_more)], "still to come"),
        ([cell(one, first, 3), cell(one, first, 2)], "cannot be read"),
        ([], "cannot be read"),
    ):
        answer = send(client, section, wrong)
        assert answer.status_code == 422
        assert words in answer.json()["problem"]
    assert client.post(f"/classes/{section.uuid}/judgements/", "{", content_type="application/json").status_code == 422
    assert not MasteryJudgment.objects.exists()


def test_a_cell_opens_to_its_words_its_history_and_its_evidence(client):
    educator, (one, *_), section, (first, _) = classroom()
    build.judge(educator, one, first, 2, on=1)
    build.judge(educator, one, first, 3, on=2)
    client.force_login(educator)
    page = client.get(f"/classes/{section.uuid}/cells/{one.uuid}/{first.uuid}/").content.decode()
    assert "Proficient" in page
    assert page.index("Sept. 2, 2025") < page.index("Sept. 1, 2025")
    assert "No evidence is tied" in page
    assert f'href="/inbox/{one.uuid}/{first.uuid}/"' in page
    assert f'href="/students/{one.uuid}/plan/"' in page


def test_the_look_before_saving_names_the_day_and_what_is_typed_says_that_it_is_being_saved(client):
    educator, _, section, _ = classroom()
    client.force_login(educator)
    page = client.get(f"/classes/{section.uuid}/").content.decode()
    for said in ("Cells: {n}, of which", 'data-preview-day="Day of the work: {day}."', 'id="grid-preview-day"', "saving in a moment"):
        assert said in page
    assert "{n} cells" not in page


def test_an_empty_class_says_what_to_do(client):
    educator, _, section = build.class_of(0)
    client.force_login(educator)
    assert "No student is in this class today" in client.get(f"/classes/{section.uuid}/").content.decode()
    educator, _, section = build.class_of(1)
    client.force_login(educator)
    assert "names no competencies yet" in client.get(f"/classes/{section.uuid}/").content.decode()


def test_the_teachers_first_page_names_who_waits_and_leads_to_the_classes(client):
    educator, (one, *_), section, (first, _) = classroom()
    client.force_login(educator)
    assert "Nobody waits to be assessed" in client.get("/").content.decode()
    ask_for_assessment(student_id=one.pk, competency_id=first.pk, asked_by=one.pk, at=timezone.now(), message="Ready now.")
    page = client.get("/").content.decode()
    assert f'href="/inbox/{one.uuid}/{first.uuid}/">{one.full_name}: {first.code}</a>' in page
    assert "Ready now." in page
    assert f'href="/classes/{section.uuid}/"' in page
    client.force_login(build.class_of(1)[0])
    assert one.full_name not in client.get("/").content.decode()
