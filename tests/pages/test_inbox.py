"""A teacher's inbox: what waits in it and what no longer does, judging beside the work, and how little it asks."""

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from competencies.actions.add_anchor import add_anchor
from competencies.actions.add_sample_work import add_sample_work
from competencies.actions.ask_second_rating import ask_second_rating
from competencies.actions.record_evidence import add_version, record_evidence
from competencies.actions.withdraw_judgment import withdraw_judgment
from competencies.models import (
    AnchorRating,
    Evidence,
    EvidenceCompetency,
    EvidenceVersion,
    MasteryJudgment,
    Rubric,
    RubricCriterion,
    RubricLevel,
    SecondRating,
)
from pathways.actions.ask_for_assessment import ask_for_assessment
from pathways.actions.cover_competencies import cover_competencies
from pathways.models import AssessmentAnswer
from tests import build_learning as build

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_learning")]
# What enters and leaves an area's rights, or a savepoint, reads and writes no table.
NO_READING = ("SAVEPOINT", "RELEASE", "SET LOCAL ROLE", "SELECT current_setting('role')")
MOST_QUERIES, MOST_TO_JUDGE = 12, 28


def classroom(students=2, competencies=2):
    educator, people, section = build.class_of(students)
    _, columns = build.framework(competencies)
    cover_competencies(course_id=section.course_id, competency_ids=[one.pk for one in columns])
    return educator, people, section, columns


def hand_in(student, *competencies, on=5, title="A bridge of paper", **content):
    said = content or {"kind": "note", "text": "It holds two books."}
    return record_evidence(
        student_id=student.pk, recorded_by=student.pk, title=title, worked_on=build.day(on), at=build.noon(on),
        competency_ids=[one.pk for one in competencies], **said,
    )  # fmt: skip


def as_user(user):
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    return answer.content.decode()


def page_of(student, competency):
    return f"/inbox/{student.uuid}/{competency.uuid}/"


def judged(client, student, competency, level=3, do="judge", query="", **fields):
    """Post as the page would: with what it shows."""
    page = client.get(page_of(student, competency)).context
    versions = [version.id for _, version, waits, _ in page["pieces"] if waits]
    sent = {"do": do, "level": level, "worked_on": build.day(5), "rests_on": versions, "shown": versions, "seen": page["mark"]}
    return client.post(page_of(student, competency) + query, sent | fields)


def listed(client, query=""):
    return [(row["student"].id, row["item"].competency_id) for row in client.get(f"/inbox/{query}").context["rows"]]


def test_whoever_does_not_teach_has_no_inbox_and_judges_nothing():
    _, (student, _), section, (first, _) = classroom()
    hand_in(student, first)
    for other in (student, build.guardian(student), build.counsellor(student), build.administrator(section.school)):
        client = as_user(other)
        for address in ("/inbox/", page_of(student, first), "/stalled/", "/second-ratings/"):
            assert client.get(address).status_code == 403, (other.username, address)
        assert client.post(page_of(student, first), {"do": "judge", "level": 3}).status_code == 403
    stranger = as_user(build.class_of(1)[0])
    assert listed(stranger) == []
    assert stranger.get(page_of(student, first)).status_code == 404
    assert stranger.post(page_of(student, first), {"do": "judge", "level": 3}).status_code == 404
    assert not MasteryJudgment.objects.exists()


def test_work_and_requests_wait_the_oldest_first_until_they_are_judged():
    educator, (one, other), _, (first, second) = classroom()
    client = as_user(educator)
    assert "Nothing waits here" in text(client.get("/inbox/"))
    hand_in(other, second, on=3)
    hand_in(one, first, on=5)
    ask_for_assessment(student_id=one.pk, competency_id=second.pk, asked_by=one.pk, at=build.noon(4), message="Ready now.")
    assert listed(client) == [(other.pk, second.pk), (one.pk, second.pk), (one.pk, first.pk)]
    assert "Ready now." in text(client.get("/inbox/"))
    assert "3 requests or pieces of work wait to be judged." in text(client.get("/inbox/"))
    assert listed(client, "?state=asked") == [(one.pk, second.pk)]
    # On the grid, without naming any work: that judges what was handed in by then.
    build.judge(educator, other, second, 3, on=6)
    assert listed(client) == [(one.pk, second.pk), (one.pk, first.pk)]


def test_a_judgement_on_other_work_leaves_the_new_work_waiting_and_a_withdrawn_one_brings_it_back():
    educator, (one, _), _, (first, _) = classroom()
    client = as_user(educator)
    early, late = hand_in(one, first, on=3), hand_in(one, first, on=4)
    version = EvidenceVersion.objects.get(evidence=early).pk
    build.judge(educator, one, first, 2, on=5, evidence_versions=(version,))
    assert listed(client, "?state=new") == [(one.pk, first.pk)]
    on_the_rest = EvidenceVersion.objects.get(evidence=late).pk
    number = build.judge(educator, one, first, 2, on=5, evidence_versions=(on_the_rest,))
    assert listed(client) == []
    withdraw_judgment(judgment_id=number, withdrawn_by=educator.pk, reason="Wrong student.", at=timezone.now())
    assert listed(client) == [(one.pk, first.pk)]


def test_a_new_version_is_another_try_and_what_an_educator_records_waits_for_nobody():
    educator, (one, other), _, (first, second) = classroom()
    client = as_user(educator)
    made = hand_in(one, first)
    assert listed(client, "?state=new") == [(one.pk, first.pk)]
    assert judged(client, one, first, 2).status_code == 302
    assert listed(client) == []
    add_version(evidence_id=made.pk, recorded_by=one.pk, at=timezone.now(), text="It holds four books now.")
    assert listed(client, "?state=resubmitted") == [(one.pk, first.pk)]
    assert listed(client, "?state=new") == []
    record_evidence(
        student_id=other.pk, recorded_by=educator.pk, title="Seen", worked_on=build.day(5), at=build.noon(5), kind="observation",
        text="Explained it to the table.", competency_ids=[second.pk],
    )  # fmt: skip
    assert listed(client) == [(one.pk, first.pk)]


def test_an_item_belongs_to_the_class_whose_course_names_its_competency():
    educator, (one, _), section, (first, _) = classroom()
    _, (theirs,) = build.framework(1)
    colleague = build.teacher()
    cover_competencies(course_id=build.section([one], colleague).course_id, competency_ids=[theirs.pk])
    nobodys = build.framework(1)[1][0]
    for place, competency in enumerate((first, theirs, nobodys), 1):
        hand_in(one, competency, on=place)
    assert listed(as_user(educator)) == [(one.pk, first.pk), (one.pk, nobodys.pk)]
    assert listed(as_user(educator), f"?class={section.uuid}") == [(one.pk, first.pk)]
    assert listed(as_user(educator), "?class=elsewhere") == [(one.pk, theirs.pk)]
    assert listed(as_user(colleague)) == [(one.pk, theirs.pk), (one.pk, nobodys.pk)]


def test_judging_rests_on_the_work_shown_answers_the_request_and_goes_on_to_the_next():
    educator, (one, other), _, (first, second) = classroom()
    client = as_user(educator)
    made = hand_in(one, first, on=3)
    ask_for_assessment(student_id=one.pk, competency_id=first.pk, asked_by=one.pk, at=build.noon(4), evidence=made.uuid)
    hand_in(other, second, on=5)
    answer = judged(client, one, first, comment="Say why it holds.")
    assert answer["Location"] == page_of(other, second)
    kept = MasteryJudgment.objects.get()
    assert (kept.rank, kept.reason, kept.judged_by_id) == (3, "Say why it holds.", educator.pk)
    assert list(kept.rests_on.values_list("version__evidence_id", flat=True)) == [made.pk]
    told = AssessmentAnswer.objects.get()
    assert (told.outcome, told.judgment_id, told.note) == ("judged", kept.pk, "Say why it holds.")
    said = text(client.get(answer["Location"]))
    assert f"{one.full_name}: {first.code} judged Proficient." in said
    assert f'href="/students/{one.uuid}/plan/{first.uuid}/judgements/{kept.pk}/withdraw/"' in said
    assert judged(client, other, second)["Location"] == "/inbox/"
    assert listed(client, "?state=answered") == [(other.pk, second.pk), (one.pk, first.pk)]
    assert "Nothing waits here" in text(client.get("/inbox/"))


def test_the_next_is_the_next_of_what_was_chosen():
    educator, (one, other), section, (first, second) = classroom()
    client = as_user(educator)
    hand_in(one, first, on=3)
    hand_in(other, first, on=4)
    ask_for_assessment(student_id=other.pk, competency_id=second.pk, asked_by=other.pk, at=build.noon(5))
    ask_for_assessment(student_id=one.pk, competency_id=second.pk, asked_by=one.pk, at=build.noon(2))
    query = f"?class={section.uuid}&state=asked"
    assert judged(client, one, second, query=query)["Location"] == page_of(other, second) + query


def test_work_is_given_back_with_a_word_and_comes_again():
    educator, (one, _), _, (first, _) = classroom()
    client = as_user(educator)
    hand_in(one, first, on=3)
    ask_for_assessment(student_id=one.pk, competency_id=first.pk, asked_by=one.pk, at=build.noon(4))
    silent = judged(client, one, first, do="return", comment=" ")
    assert silent.status_code == 422
    assert 'href="#comment">Say what to do next' in text(silent)
    assert judged(client, one, first, do="return", comment="Try thicker paper.").status_code == 302
    assert not MasteryJudgment.objects.exists()
    assert listed(client) == []
    assert "Given back" in text(client.get("/inbox/?state=answered"))
    own = text(as_user(one).get(f"/students/{one.uuid}/plan/{first.uuid}/"))
    assert "Try thicker paper." in own
    assert "another try" in own
    hand_in(one, first, on=40, title="Thicker paper")
    assert listed(client, "?state=resubmitted") == []
    hand_in_now(one, first)
    assert listed(client, "?state=resubmitted") == [(one.pk, first.pk)]


def hand_in_now(student, competency):
    return record_evidence(
        student_id=student.pk, recorded_by=student.pk, title="Again", worked_on=build.day(40), at=timezone.now(), kind="note",
        text="Now it holds.", competency_ids=[competency.pk],
    )  # fmt: skip


def test_work_that_came_in_meanwhile_is_not_given_back_unread():
    educator, (one, _), _, (first, _) = classroom()
    client = as_user(educator)
    hand_in(one, first, on=3)
    ask_for_assessment(student_id=one.pk, competency_id=first.pk, asked_by=one.pk, at=build.noon(4))
    hand_in_now(one, first)
    answer = judged(client, one, first, do="return", comment="Try thicker paper.", shown=[])
    assert answer.status_code == 422
    assert "handed in more work meanwhile" in text(answer)
    assert "Try thicker paper." in text(answer)
    assert not AssessmentAnswer.objects.exists()


def test_a_judgement_that_came_in_between_is_told_and_nothing_typed_is_lost():
    educator, (one, _), _, (first, _) = classroom()
    client = as_user(educator)
    hand_in(one, first)
    build.judge(build.teacher(name="Ada Colleague"), one, first, 2, on=6)
    met = judged(client, one, first, 4, seen="", comment="Every step.")
    assert met.status_code == 422
    assert "Ada Colleague has judged this meanwhile: Developing." in text(met)
    assert "Every step." in text(met)
    assert MasteryJudgment.objects.count() == 1
    assert judged(client, one, first, 4).status_code == 302
    assert MasteryJudgment.objects.count() == 2


def test_what_cannot_be_recorded_names_its_field_and_keeps_what_was_typed():
    educator, (one, _), _, (first, _) = classroom()
    client = as_user(educator)
    hand_in(one, first)
    ahead = timezone.localdate() + datetime.timedelta(days=9)
    for wrong, words in (
        ({"level": ""}, 'href="#level-1">Choose a level.'),
        ({"worked_on": ""}, 'href="#worked-on">Enter the day'),
        ({"worked_on": "Tuesday"}, "Enter a day like"),
        ({"worked_on": ahead}, "still to come"),
        ({"level": 9}, "Select a valid choice"),
        ({"rests_on": [10**9]}, "Select a valid choice"),
        ({"do": "sing"}, "Select a valid choice"),
    ):
        answer = judged(client, one, first, **{"comment": "Well argued."} | wrong)
        assert answer.status_code == 422, wrong
        assert words in text(answer), wrong
        assert "Well argued." in text(answer)
    assert not MasteryJudgment.objects.exists()


def with_anchor(competency):
    rubric = Rubric.objects.create(framework=competency.framework, title="Bridges")
    line = RubricCriterion.objects.create(rubric=rubric, competency=competency, description="Strength")
    for rank, said in enumerate(("falls", "wobbles", "holds", "holds and says why"), 1):
        RubricLevel.objects.create(criterion=line, rank=rank, quality=f"Rank {rank}", description=f"The bridge {said}.")
    level = RubricLevel.objects.get(criterion=line, rank=2)
    sample = add_sample_work(level=level.uuid, title="A wobbling bridge", text="It sways at one book.")
    add_sample_work(level=level.uuid, title="A plain sample", text="It sways at two books.")
    return add_anchor(sample_id=sample.pk, competency_id=competency.pk, agreed_rank=2, decided_by=build.teacher().pk, at=build.noon(1))


def test_the_rubric_and_samples_stand_at_each_level_and_an_anchor_only_once_it_is_tried():
    educator, (one, _), _, (first, _) = classroom()
    client, anchor = as_user(educator), with_anchor(first)
    hand_in(one, first)
    page = client.get(page_of(one, first))
    assert "The bridge holds and says why." in text(page)
    assert "A plain sample" in text(page)
    assert [sample.title for level in page.context["guide"].levels for sample in level.samples] == ["A plain sample"]
    assert [sample.title for sample in page.context["guide"].to_try] == ["A wobbling bridge"]
    address = f"{page_of(one, first)}anchors/{anchor.uuid}/"
    assert "Choose a level for the sample first." in text(client.post(address, {"level": ""}, follow=True))
    for _ in range(2):
        assert client.post(address, {"level": 3}).status_code == 302
    assert AnchorRating.objects.get().rank == 3
    tried = client.get(page_of(one, first))
    titles = [[sample.title for sample in level.samples] for level in tried.context["guide"].levels]
    assert titles == [[], ["A wobbling bridge", "A plain sample"], [], []]
    assert "You had said Proficient." in text(tried)
    assert client.post(f"{page_of(one, first)}anchors/{one.uuid}/", {"level": 3}).status_code == 404


def test_a_second_rating_is_given_blind_and_compared_afterwards():
    educator, (one, _), _, (first, _) = classroom()
    made = hand_in(one, first, title=f"The bridge of {one.full_name}")
    version = EvidenceVersion.objects.get(evidence=made).pk
    number = build.judge(educator, one, first, 2, on=6, evidence_versions=(version,))
    rater = build.class_of(1)[0]
    asked = ask_second_rating(judgment_id=number, rater_id=rater.pk, asked_by=educator.pk, at=build.noon(7))
    client = as_user(rater)
    assert 'href="/second-ratings/">1<' in text(client.get("/"))
    address = f"/second-ratings/{asked.uuid}/"
    page = text(client.get(address))
    assert "It holds two books." in page
    assert one.full_name not in page
    assert "first: " not in text(client.get("/second-ratings/"))
    assert "Choose a level." in text(client.post(address, {"level": "", "note": "Hm."}))
    assert "You: Proficient; first: Developing" in text(client.post(address, {"level": 3}, follow=True))
    assert client.post(address, {"level": 4}).status_code == 302
    assert SecondRating.objects.get().rank == 3
    assert as_user(build.class_of(1)[0]).get(address).status_code == 404


def reading(client, address):
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(address)
    assert answer.status_code == 200
    return answer, [one["sql"] for one in caught if not one["sql"].startswith(NO_READING)]


@pytest.mark.parametrize("count", [5, 500])
def test_the_inbox_asks_the_same_however_much_waits_and_is_paged(count):
    educator, people, _, columns = classroom(count, 3)
    at = build.noon(5)
    made = Evidence.objects.bulk_create(
        Evidence(student=one, kind="note", title="Work", worked_on=build.day(4), recorded_by=one, recorded_at=at) for one in people
    )
    EvidenceVersion.objects.bulk_create(
        EvidenceVersion(evidence=one, number=1, text="Done.", recorded_by=one.recorded_by, recorded_at=at) for one in made
    )
    EvidenceCompetency.objects.bulk_create(EvidenceCompetency(evidence=one, competency=column) for one in made for column in columns)
    client = as_user(educator)
    answer, asked = reading(client, "/inbox/")
    print(f"inbox, {count} students, {3 * count} items: {len(asked)} queries, {len(answer.content)} bytes")
    assert len(asked) <= MOST_QUERIES, "\n".join(one[:150] for one in asked)
    assert len(answer.context["rows"]) == min(3 * count, 50)
    if count == 500:
        assert "1,451 to 1,500 of 1,500" in text(client.get("/inbox/?page=30"))
    answer, asked = reading(client, page_of(people[0], columns[0]))
    print(f"judging: {len(asked)} queries, {len(answer.content)} bytes")
    assert len(asked) <= MOST_TO_JUDGE, "\n".join(one[:150] for one in asked)
    answer, asked = reading(client, "/")
    print(f"home: {len(asked)} queries, {len(answer.content)} bytes")
    assert len(asked) <= MOST_QUERIES, "\n".join(one[:150] for one in asked)
