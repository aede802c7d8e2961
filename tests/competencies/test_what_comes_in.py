"""What no judgement or evidence may be, whichever way it comes in, and who may take one back."""

import datetime
import json
import uuid

import pytest
from django.core.management import call_command

from competencies.actions.ask_second_rating import RatingRefused, ask_second_rating
from competencies.actions.record_evidence import EvidenceRefused, record_evidence
from competencies.actions.record_judgments import JudgmentRefused, NewJudgment, record_judgments
from competencies.models import Association, Competency, JudgmentWithdrawal, MasteryJudgment
from enrollments.models import SectionEducator
from tests.build_learning import (
    administrator,
    class_of,
    counsellor,
    day,
    framework,
    guardian,
    judge,
    noon,
    person,
    school,
    section,
    student,
    teacher,
)
from tests.competencies.test_rest import Caller, judgment

pytestmark = pytest.mark.django_db
TOO_EARLY = datetime.date(1989, 12, 31)
HEADER = "student,competency,level,worked_on,judged_by,kind,reason\n"


@pytest.fixture
def classroom():
    """(teacher, two students, competencies)."""
    educator, students, _ = class_of(2)
    _, competencies = framework(3)
    return educator, students, competencies


@pytest.fixture
def bring(tmp_path, capsys):
    """Imports rows; answers how many were created, and what was said."""

    def run(*rows):
        file = tmp_path / "judgments.csv"
        file.write_text(HEADER + "".join(f"{row}\n" for row in rows))
        call_command("import_judgments", str(file), "--json")
        told = capsys.readouterr()
        return json.loads(told.out)["created"], told.err

    return run


def test_work_before_1990_is_refused_everywhere(classroom, bring):
    educator, (one, _), (first, _, _) = classroom
    with pytest.raises(JudgmentRefused, match="before 1990-01-01"):
        record_judgments(judged_by=educator.pk, at=noon(1), judgments=[NewJudgment(one.pk, first.pk, 2, TOO_EARLY)])
    fields = {"student_id": one.pk, "recorded_by": educator.pk, "kind": "note", "title": "Log", "text": "Read.", "at": noon(1)}
    with pytest.raises(EvidenceRefused, match="before 1990-01-01"):
        record_evidence(worked_on=TOO_EARLY, **fields)
    created, said = bring(f"{one.username},{first.uuid},2,{TOO_EARLY},{educator.username},,")
    assert created == 0
    assert "line 2: worked_on: It is a day from 1990-01-01" in said
    assert record_evidence(worked_on=datetime.date(1990, 1, 1), **fields)


def test_a_file_of_judgements_takes_work_of_today_at_most(classroom, bring):
    educator, (one, _), (first, _, _) = classroom
    today = datetime.datetime.now(datetime.UTC).date()
    row = f"{one.username},{first.uuid},2,{{}},{educator.username},,".format
    assert bring(row(today + datetime.timedelta(days=1)))[0] == 0
    assert bring(row(today))[0] == 1


@pytest.mark.parametrize("kind", ["student", "guardian", "finance_officer", "payment_releaser", "auditor", None])
def test_a_file_of_judgements_names_a_judge_who_is_no_educator(classroom, bring, kind):
    _, (one, _), (first, _, _) = classroom
    created, said = bring(f"{one.username},{first.uuid},2,{day(1)},{person(kind).username},,")
    assert created == 0
    assert "line 2: judged_by: This person is no educator" in said


def test_whoever_teaches_a_class_judges_in_a_file_and_a_counsellor_diagnoses(classroom, bring):
    _, (one, _), (first, second, _) = classroom
    substitute, adviser = person(), counsellor(one)
    SectionEducator.objects.create(section=section([one]), educator=substitute, kind="teacher", starts_on=day(1))
    row = f"{one.username},{{}},2,{day(1)},{{}},{{}},".format
    assert bring(row(first.uuid, substitute.username, ""))[0] == 1
    assert bring(row(second.uuid, adviser.username, "judgment"))[0] == 0
    assert bring(row(second.uuid, adviser.username, "diagnostic"))[0] == 1


def test_a_retired_competency_takes_no_new_judgement_but_earlier_work_from_a_file_and_transfers(classroom, bring):
    educator, (one, _), (first, second, third) = classroom
    Competency.objects.filter(pk__in=[first.pk, third.pk]).update(retired_on=day(5))
    Association.objects.create(
        framework=first.framework, uuid=uuid.uuid4(), kind="replacedBy", origin=first.uuid, destination=second.uuid
    )

    def refusal(of):
        with pytest.raises(JudgmentRefused) as refused:
            judge(educator, one, of, 2, on=6)
        return str(refused.value)

    assert f"Judge what replaces it: {second.code} ({second.uuid})." in refusal(first)
    assert refusal(third).endswith("Its framework names nothing that replaces it.")
    assert judge(educator, one, first, 2, on=6, kind="transfer")
    row = f"{one.username},{first.uuid},2,{{}},{educator.username},{{}},".format
    assert bring(row(day(5), ""))[1].startswith("line 2: competency: It was retired")
    assert bring(row(day(4), ""), row(day(9), "transfer"))[0] == 2


@pytest.mark.parametrize("who", ["counsellor", "administrator"])
def test_a_wrong_judgement_is_withdrawn_by_counsellor_and_school_administrator_too(classroom, who):
    educator, (one, other), (first, _, _) = classroom
    number = judge(educator, one, first, 3)
    by = counsellor(one) if who == "counsellor" else administrator(school())
    path = f"judgments/{number}/withdrawal"
    colleague = class_of()[0]
    section([one], colleague)
    for stranger, status in ((colleague, 404), (guardian(one), 403), (one, 403), (administrator(school("S9", "D9")), 404)):
        assert Caller(stranger).post(f"students/{one.uuid}/{path}", {"reason": "x"})[0] == status
    assert Caller(by).post(f"students/{other.uuid}/{path}", {"reason": "x"})[0] == 404
    assert Caller(by).post(f"students/{one.uuid}/{path}", {"reason": "Another student's work."})[0] == 201
    kept = JudgmentWithdrawal.objects.get()
    assert (kept.withdrawn_by, kept.reason) == (by, "Another student's work.")


def test_the_entry_that_names_nothing_is_pointed_at_whether_unknown_or_not_in_reach(classroom):
    educator, (one, _), (first, _, _) = classroom
    caller = Caller(educator)

    def told(entry):
        status, document = caller.post("judgments", {"judgments": [judgment(one, first, 3), entry]})
        return status, document["detail"], document["errors"][0]["pointer"]

    good = judgment(one, first, 3)
    unknown, stranger = told(good | {"student": uuid.uuid4()}), told(good | {"student": student().uuid})
    assert unknown == stranger == (404, "Judgement 2 names no student whom you teach.", "/judgments/1/student")
    assert told(good | {"competency": uuid.uuid4()})[::2] == (404, "/judgments/1/competency")
    rests = [{"evidence": uuid.uuid4(), "version": 1}]
    assert told(good | {"evidence": rests})[::2] == (404, "/judgments/1/evidence/0")
    assert not MasteryJudgment.objects.exists()


def test_a_mistyped_member_of_a_judgement_is_not_lost(classroom):
    educator, (one, _), (first, _, _) = classroom
    status, document = Caller(educator).post("judgments", {"judgments": [judgment(one, first, "3", raeson="Shown twice.")]})
    assert status == 400
    assert {error["pointer"] for error in document["errors"]} == {"/judgments/0/raeson", "/judgments/0/level"}
    assert not MasteryJudgment.objects.exists()


def test_a_second_rating_needs_evidence_and_a_rater_who_cannot_read_the_first(classroom):
    educator, (one, _), (first, _, _) = classroom
    evidence = record_evidence(
        student_id=one.pk, recorded_by=educator.pk, kind="note", title="Log", text="Read.", worked_on=day(1), at=noon(1)
    )
    bare = judge(educator, one, first, 3)
    rests = judge(educator, one, first, 3, evidence_versions=(evidence.versions.get().pk,))
    colleague = teacher()
    section([one], colleague)
    asked = {"asked_by": educator.pk, "at": noon(2)}
    with pytest.raises(RatingRefused, match="rests on no evidence"):
        ask_second_rating(judgment_id=bare, rater_id=teacher().pk, **asked)
    with pytest.raises(RatingRefused, match="can read the first level"):
        ask_second_rating(judgment_id=rests, rater_id=colleague.pk, **asked)
    assert ask_second_rating(judgment_id=rests, rater_id=teacher().pk, **asked)
