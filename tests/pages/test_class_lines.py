"""One competency over a class, one student over its competencies, and how a class's levels are spread over a column."""

import uuid

import pytest
from django.utils import timezone

from competencies.actions.record_evidence import record_evidence
from competencies.actions.release_scale_version import release_scale_version
from competencies.actions.withdraw_judgment import withdraw_judgment
from competencies.calc.scale import Draft
from competencies.queries.spread import spread
from tests import build_learning as build
from tests.pages.test_class_grid import MOST_QUERIES, asked_in, classroom

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_learning")]


def test_a_column_says_in_numbers_and_bars_how_the_class_stands(client):
    educator, people, section, (first, _) = classroom(60)
    for student, rank in zip(people, [1, 3, 3, 4], strict=False):
        build.judge(educator, student, first, rank)
    client.force_login(educator)
    # The whole class counts, also on the page of those who are not judged.
    for page in ("", "?page=2"):
        content = client.get(f"/classes/{section.uuid}/{page}").content.decode()
        assert "no evidence: 56, 1: 1, 2: 0, 3: 2, 4: 1" in content
        assert "</svg>3★" in content


def test_levels_of_an_older_version_are_spread_where_they_stand_now():
    educator, (one, other, _), _, (first, _) = classroom()
    version = first.framework.scale.versions.get()
    build.judge(educator, one, first, 2)
    draft = Draft([{"label": label} for label in ("A", "B", "C", "D", "E")], 4, "most_recent", {}, {1: 1, 2: 3, 3: 4, 4: 5})
    made = release_scale_version(scale_id=version.scale_id, draft=draft, reason="Finer.", released_by=None, at=timezone.now())
    build.judge(educator, other, first, 3)
    assert spread([one.pk, other.pk], {first.pk: made.pk}) == {first.pk: {3: 2}}


def test_one_competency_over_the_class_in_ten_queries(client):
    educator, people, section, (first, second) = classroom(60)
    for student in people:
        build.judge(educator, student, first, 3)
    one = min(people, key=lambda student: student.full_name)
    for number in (1, 2):
        record_evidence(
            student_id=one.pk, recorded_by=one.pk, competency_ids=[first.pk], kind="note", title=f"Poster {number}",
            text="What I found.", worked_on=build.day(number), at=timezone.now(),
        )  # fmt: skip
    client.force_login(educator)
    answer, asked = asked_in(client, lambda: client.get(f"/classes/{section.uuid}/competencies/{first.uuid}/"))
    page = answer.content.decode()
    print(f"a competency over 60: {len(asked)} queries, {len(answer.content)} bytes")
    # One more than the grid: the whole class is counted, and this page of it told.
    assert len(asked) <= MOST_QUERIES + 1, asked
    assert page.count("the newest of 1 judgement") == 50
    assert "Poster 2 (the newest of 2)" in page
    assert f'/competencies/{second.uuid}/" ' in page or f'/competencies/{second.uuid}/">' in page
    assert page.count("data-student=") == 50
    assert client.get(f"/classes/{section.uuid}/competencies/{uuid.uuid4()}/").status_code == 404


def test_the_pinned_competency_stays_from_student_to_student_in_ten_queries(client):
    educator, (one, other, last), section, (_, second) = classroom(3, 2)
    build.judge(educator, other, second, 3)
    client.force_login(educator)
    at = f"/classes/{section.uuid}/students/"
    ordered = sorted((one, other, last), key=lambda student: student.full_name)
    answer, asked = asked_in(client, lambda: client.get(f"{at}{ordered[1].uuid}/?competency={second.uuid}"))
    page = answer.content.decode()
    print(f"a student over 2: {len(asked)} queries, {len(answer.content)} bytes")
    assert len(asked) <= MOST_QUERIES, asked
    assert f'rel="prev" href="{at}{ordered[0].uuid}/?competency={second.uuid}"' in page
    assert f'rel="next" href="{at}{ordered[2].uuid}/?competency={second.uuid}"' in page
    assert f"Pinned: {second.code}" in page
    assert "Pinned" not in client.get(f"{at}{one.uuid}/?competency=nonsense").content.decode()
    assert "Pinned" not in client.get(f"{at}{one.uuid}/").content.decode()
    stranger = build.student()
    assert client.get(f"{at}{stranger.uuid}/").status_code == 404


def test_an_opened_cell_says_who_withdrew_a_judgement_when_and_why(client):
    educator, (one, *_), section, (first, _) = classroom()
    counsellor = build.counsellor(one)
    made = build.judge(educator, one, first, 2)
    withdraw_judgment(judgment_id=made, withdrawn_by=counsellor.pk, reason="Wrong student.", at=build.noon(3))
    client.force_login(educator)
    page = client.get(f"/classes/{section.uuid}/cells/{one.uuid}/{first.uuid}/").content.decode()
    assert f"Withdrawn by {counsellor.full_name} on Sept. 3, 2025, and counts no more: “Wrong student.”" in " ".join(page.split())
