"""What a first try may get wrong is refused in words that name the field and the way out."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from competencies.actions.record_evidence import EvidenceRefused, record_evidence
from competencies.actions.record_judgments import JudgmentRefused
from database.areas import acting_as
from pathways.actions.answer_request import answer_request
from pathways.actions.ask_for_assessment import ask_for_assessment
from pathways.actions.attest_assessment import AttestationRefused, attest_assessment, open_assessment, withdraw_attestation
from pathways.actions.import_portfolio import PortfolioRefused
from pathways.actions.run_diagnostic import DiagnosticResult, run_diagnostic
from pathways.actions.set_criteria import CriteriaRefused
from pathways.actions.set_goal import GoalRefused, end_goal, set_goal
from pathways.actions.set_requirement import set_requirement
from pathways.exchange.portfolio_page import page_of
from pathways.models import LearningPlan, PortfolioArrival
from pathways.queries.portfolio import portfolio_of
from tests import build_learning as build
from tests.pathways.portfolio_ground import bring, empty, zipped

pytestmark = pytest.mark.django_db


def test_a_portfolio_is_of_a_student_alone():
    with pytest.raises(PortfolioRefused, match="no such student"):
        bring(zipped(empty()), build.teacher())


def test_who_may_not_bring_a_portfolio_does_not_by_command_either_also_where_it_is_on_file(tmp_path):
    student, stranger = build.student(), build.teacher()
    file = tmp_path / "portfolio.zip"
    file.write_bytes(zipped(empty()))

    def brought(**fields):
        said = StringIO()
        call_command("import_portfolio", str(file), student=student.username, stdout=said, **fields)
        return said.getvalue()

    teacher = build.teacher()
    build.section([student], teacher)
    for _ in range(2):
        # Neither who has nothing to do with the student, nor who sees the record and may not do this.
        for other in (stranger, teacher):
            with pytest.raises(CommandError, match=f"--by {other.username}: this person may not bring"):
                brought(by=other.username)
        brought()
    assert PortfolioArrival.objects.get().brought_by_id == student.pk
    assert "arrived before" in brought(by=build.counsellor(student).username)


def test_a_diagnostic_is_answered_for_by_an_educator_of_each_student(tmp_path):
    educator, (student,), _ = build.class_of()
    other = build.student()
    _, (competency,) = build.framework(1)
    file, report = tmp_path / "diagnostic.csv", tmp_path / "report.csv"
    rows = [f"{one.username},{competency.uuid},2,2025-09-01" for one in (student, other)]
    file.write_text("\n".join(["student,competency,level,taken_on", *rows]) + "\n")
    said = StringIO()
    call_command("import_diagnostic", str(file), judged_by=educator.username, report=report, stdout=said)
    assert [" ".join(line.split()) for line in said.getvalue().splitlines() if line.startswith(("created", "refused"))] == [
        "created 1",
        "refused 1",
    ]
    assert "neither teaches nor counsels this student" in report.read_text()


def test_a_goal_ends_on_or_after_its_start():
    student = build.student()
    goal = set_goal(student_id=student.pk, set_by=student.pk, at=build.noon(5), title="Read more")
    with pytest.raises(GoalRefused, match="before its start"):
        end_goal(student_id=student.pk, goal=goal.uuid, ended_on=build.day(4))
    assert end_goal(student_id=student.pk, goal=goal.uuid, ended_on=build.day(5)).ended_on == build.day(5)


def test_the_same_is_attested_once_unless_it_was_withdrawn():
    by, student = build.teacher(), build.student()
    open_assessment(code="TALK", title="A talk")

    def attest():
        return attest_assessment(
            student_id=student.pk, assessment="TALK", attained_on=build.day(1), attested_by=by.pk, at=build.noon(2)
        )

    made = attest()
    with pytest.raises(AttestationRefused, match="attested already") as refused:
        attest()
    assert refused.value.conflict
    withdraw_attestation(attestation_id=made.pk, withdrawn_by=by.pk, reason="A slip.", at=build.noon(2))
    assert attest().pk != made.pk


def test_the_command_opens_a_plan_for_every_student_of_a_school():
    student = build.student(build.school("S7"))
    said = StringIO()
    call_command("open_plans", "S7", stdout=said)
    assert said.getvalue() == "Plans opened: 1.\n"
    assert LearningPlan.objects.get().student_id == student.pk
    with pytest.raises(CommandError, match="no school 'S8'; on file are: S7"):
        call_command("open_plans", "S8")


def test_a_refused_judgement_points_into_the_body_that_was_sent():
    educator, (student,), _ = build.class_of()
    _, (one, two) = build.framework(2)
    results = [DiagnosticResult(one.pk, 2, build.day(1)), DiagnosticResult(two.pk, 9, build.day(1))]
    with pytest.raises(JudgmentRefused) as refused:
        run_diagnostic(student_id=student.pk, judged_by=educator.pk, at=build.noon(1), results=results)
    assert refused.value.pointer.startswith("/results/1")
    asked = ask_for_assessment(student_id=student.pk, competency_id=one.pk, asked_by=student.pk, at=build.noon(1))
    with pytest.raises(JudgmentRefused) as refused:
        answer_request(student_id=student.pk, request=asked.uuid, answered_by=educator.pk, at=build.noon(2), rank=9)
    assert refused.value.pointer == "/rank"
    with pytest.raises(CriteriaRefused) as unknown:
        set_requirement(kind="hours", code="A", title="A", tree={}, decided_by=educator.pk, at=build.noon(1))
    assert unknown.value.pointer == "/kind"


def test_the_page_says_statements_in_plain_words_and_each_day_once():
    by, student = build.teacher(), build.student()
    _, (one,) = build.framework(1, statement="Find <em>one</em> half of a < b.")
    for _ in range(2):
        build.judge(by, student, one, 3, on=1, recorded=2)
    with acting_as("area_learning"):
        portfolio, _ = portfolio_of(student.pk, day=build.day(5), files_bytes=1)
    page = page_of(portfolio)
    assert "Find one half of a &lt; b." in page
    assert page.count(build.day(1).isoformat()) == 1
    assert portfolio.mastered[0].statement == "Find <em>one</em> half of a < b."


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "file"}, "give a file"),
        ({"kind": "link", "address": "https://example.org/my film"}, "has a space"),
        ({"kind": "link", "address": "https://ana:secret@example.org/"}, "leave them out"),
    ],
)
def test_evidence_that_lacks_something_says_what(fields, said):
    student = build.student()
    with pytest.raises(EvidenceRefused, match=said):
        record_evidence(
            student_id=student.pk, recorded_by=student.pk, title="A film", worked_on=build.day(1), at=build.noon(1), **fields
        )
