"""A class's flow, search for staff, and withdrawing a judgement: who may, what they tell, and how little they ask."""

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import formats, timezone

from competencies.actions.record_evidence import record_evidence
from competencies.actions.record_judgments import NewJudgment, record_judgments
from competencies.actions.set_individual_criterion import set_individual_criterion
from competencies.models import JudgmentWithdrawal
from pathways.actions.choose_plan_items import PlanChoice, choose_plan_items
from pathways.actions.cover_competencies import cover_competencies
from pathways.calc.flow import CellFlow, by_week, over_class
from tests import build_learning as build

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_learning")]
# What enters and leaves an area's rights, or a savepoint, reads and writes no table.
NO_READING = ("SAVEPOINT", "RELEASE", "SET LOCAL ROLE", "SELECT current_setting('role')")
MOST_QUERIES = 14


def classroom(students=3, competencies=2):
    educator, people, section = build.class_of(students)
    _, columns = build.framework(competencies)
    cover_competencies(course_id=section.course_id, competency_ids=[one.pk for one in columns])
    return educator, people, section, columns


def as_user(user):
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    return answer.content.decode()


def flow_of(client, section):
    return client.get(f"/classes/{section.uuid}/flow/").context["flow"]


def test_only_those_who_teach_a_class_see_its_flow():
    educator, (one, *_), section, _ = classroom()
    others = (build.class_of(1)[0], one, build.guardian(one), build.administrator(section.school))
    for part in ("flow/", "flow/weeks.csv", "flow/competencies.csv", "flow/stalled.csv"):
        address = f"/classes/{section.uuid}/{part}"
        assert as_user(educator).get(address).status_code == 200
        assert [as_user(other).get(address).status_code for other in others] == [404] * 4
    assert as_user(educator).get(f"/classes/{section.uuid}/flow/money.csv").status_code == 404
    assert "Nothing has been judged in this class yet" in text(as_user(educator).get(f"/classes/{section.uuid}/flow/"))


def test_a_competency_counts_in_the_week_of_the_work_that_first_mastered_it():
    educator, (one, other, third), section, (first, second) = classroom()
    # Monday the 1st of September 2025 is day 1.
    build.judge(educator, one, first, 2, on=1)
    build.judge(educator, one, first, 3, on=9)
    build.judge(educator, one, first, 2, on=20)
    build.judge(educator, other, first, 3, on=10)
    build.judge(educator, third, second, 2, on=10)
    found = flow_of(as_user(educator), section)
    assert found.weeks[:3] == [(build.day(1), 0), (build.day(8), 2), (build.day(15), 0)]
    assert found.mastered == 2
    assert [(column.uuid, flow.began, flow.mastered, flow.judgements) for column, flow in found.competencies] == [
        (first.uuid, 2, 2, 4),
        (second.uuid, 1, 0, 1),
    ]
    assert found.competencies[0][1].median_days == 4


def test_the_way_begins_with_the_first_work_and_an_individual_criterion_counts():
    educator, (one, other, _), section, (first, second) = classroom()
    record_evidence(
        student_id=one.pk, recorded_by=one.pk, kind="note", text="A start.", title="Start", worked_on=build.day(2), at=build.noon(2),
        competency_ids=[first.pk],
    )  # fmt: skip
    build.judge(educator, one, first, 3, on=12)
    set_individual_criterion(
        student_id=other.pk, competency_id=second.pk, proficient_rank=2, reason="Plan.", decided_by=educator.pk,
        starts_on=build.day(1), at=build.noon(1),
    )  # fmt: skip
    build.judge(educator, other, second, 2, on=5)
    flows = {column.uuid: flow for column, flow in flow_of(as_user(educator), section).competencies}
    assert (flows[first.uuid].median_days, flows[second.uuid].mastered) == (10, 1)


def test_the_median_and_the_weeks_are_exact():
    day = build.day(1)
    cells = [CellFlow(2, day, day + datetime.timedelta(days=days)) for days in (1, 4, 9, 30)] + [CellFlow(5, day, None)]
    found = over_class(cells)
    assert (found.began, found.mastered, found.judgements, str(found.median_days)) == (5, 4, 13, "13/2")
    assert over_class([]).median_days is None
    sunday, monday = datetime.date(2025, 9, 7), datetime.date(2025, 9, 8)
    assert by_week([sunday, monday, monday], sunday, monday) == [(datetime.date(2025, 9, 1), 1), (monday, 2)]


def test_stalls_say_why_on_the_page_the_list_and_in_the_file():
    educator, (one, *_), section, (first, _) = classroom()
    one.full_name = "=HYPERLINK(1)"
    one.save()
    at = timezone.now() - datetime.timedelta(days=30)
    choose_plan_items(student_id=one.pk, decided_by=one.pk, at=at, choices=[PlanChoice(first.pk, "focus")])
    client = as_user(educator)
    rule, since = "stalled after 21 days without evidence, judgement or request", formats.date_format(at.date())
    for address, said in (
        (f"/classes/{section.uuid}/flow/", (rule, f"30 days, since {since}")),
        ("/stalled/", (rule, f"30 days, since {since}")),
        ("/", ("No evidence, judgement or request for 30 days; the rule says 21.",)),
    ):
        page = text(client.get(address))
        assert [page.count(words) for words in said] == [1] * len(said)
        assert f'href="/students/{one.uuid}/plan/"' in page
    assert f"{one.uuid},'=HYPERLINK(1),{first.code}" in text(client.get(f"/classes/{section.uuid}/flow/stalled.csv"))
    assert "Nobody is stalled" in text(as_user(build.class_of(1)[0]).get("/stalled/"))


@pytest.mark.parametrize("count", [5, 500])
def test_the_flow_asks_the_same_however_large_the_class(count):
    educator, people, section, columns = classroom(count, 20)
    judged = [
        NewJudgment(one.pk, column.pk, 1 + (one.pk + column.pk + on) % 4, build.day(on))
        for one in people
        for column in columns[:: 1 if count < 50 else 3]
        for on in (1, 8)
    ]
    record_judgments(judged_by=educator.pk, at=build.noon(20), judgments=judged)
    client = as_user(educator)
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(f"/classes/{section.uuid}/flow/")
    asked = [one["sql"] for one in caught if not one["sql"].startswith(NO_READING)]
    print(f"flow, {count} students, {len(judged)} judgements: {len(asked)} queries, {len(answer.content)} bytes")
    assert len(asked) <= MOST_QUERIES, "\n".join(one[:150] for one in asked)


def found_by(client, words):
    answer = client.post("/search/", {"words": words})
    assert answer.status_code == 200
    return answer


def test_staff_find_students_in_reach_classes_and_competencies_and_nobody_else():
    educator, (one, *_), section, (first, _) = classroom()
    one.full_name = "Zoë Quillon"
    one.save()
    stranger = build.student(name="Zoe Stranger")
    client = as_user(educator)
    page = found_by(client, "quillon ZOE")
    assert [found.name for found in page.context["students"]] == ["Zoë Quillon"]
    assert f'href="/students/{one.uuid}/plan/"' in text(page)
    assert [found.name for found in found_by(client, "zoe").context["students"]] == ["Zoë Quillon"]
    assert stranger.full_name not in text(found_by(client, "stranger"))
    assert first.statement in text(found_by(client, first.code))
    assert f'href="/classes/{section.uuid}/"' in text(found_by(client, section.title))
    assert "Nothing found" in text(found_by(client, "qqqq"))
    for wrong, words in (("", "Type a name"), ("q", "at least two")):
        answer = client.post("/search/", {"words": wrong})
        assert answer.status_code == 422
        assert words in text(answer)
    counsellor, administrator = as_user(build.counsellor(one)), as_user(build.administrator(section.school))
    for other in (counsellor, administrator):
        assert [found.name for found in found_by(other, "zoe").context["students"]] == ["Zoë Quillon"]
    # What is typed in an address is not looked for.
    assert "Quillon" not in text(client.get("/search/?words=quillon"))
    for role in (one, build.guardian(one), build.person("auditor")):
        assert as_user(role).get("/search/").status_code == 403
        assert as_user(role).post("/search/", {"words": "zoe"}).status_code == 403


def test_a_judgement_of_ones_own_is_withdrawn_with_a_reason_and_stays_readable():
    educator, (one, *_), section, (first, second) = classroom()
    colleague = build.teacher()
    build.section([one], colleague, course=section.course)
    number = build.judge(educator, one, first, 2)
    cell = f"/students/{one.uuid}/plan/{first.uuid}/"
    address = f"{cell}judgements/{number}/withdraw/"
    stranger = build.class_of(1)[0]
    for other in (colleague, one, build.guardian(one), stranger, build.administrator(section.school.district)):
        client = as_user(other)
        # Who sees the student is told that it is not for them; a stranger, that there is nothing.
        refused = (404,) if other == stranger else (403, 404)
        assert client.get(address).status_code in refused
        assert client.post(address, {"reason": "Mine."}).status_code in refused
        assert address not in text(client.get(cell))
    client = as_user(educator)
    assert address in text(client.get(cell))
    assert client.get(f"/students/{one.uuid}/plan/{second.uuid}/judgements/{number}/withdraw/").status_code == 404
    refused = client.post(address, {"reason": " "})
    assert refused.status_code == 422
    assert "Give the reason" in text(refused)
    assert not JudgmentWithdrawal.objects.exists()
    for _ in range(2):
        page = text(client.post(address, {"reason": "Wrong student."}, follow=True))
        assert "withdrawn on" in page
    kept = JudgmentWithdrawal.objects.get()
    assert (kept.reason, kept.withdrawn_by_id) == ("Wrong student.", educator.pk)
    assert address not in text(client.get(cell))
    another = build.judge(educator, one, first, 3)
    counsellor = as_user(build.counsellor(one))
    assert counsellor.post(f"{cell}judgements/{another}/withdraw/", {"reason": "A slip."}).status_code == 302
    assert JudgmentWithdrawal.objects.count() == 2
