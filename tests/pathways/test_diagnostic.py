"""A diagnostic finds gaps however many grades below and lays out a path; from judgements, or from a file."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command

from competencies.actions.record_judgments import JudgmentRefused
from competencies.models import MasteryJudgment
from pathways.actions.run_diagnostic import DiagnosticRefused, DiagnosticResult, run_diagnostic
from pathways.actions.set_goal import set_goal
from pathways.calc.path import Why
from pathways.models import PlanItem
from tests import build_learning as build
from tests.pathways.plans import choose, codes, ladder, plan, precedes

pytestmark = pytest.mark.django_db


@pytest.fixture
def eighth():
    educator, (student,), _ = build.class_of()
    return educator, student, ladder(1, 8)


def diagnose(educator, student, ranks, on=1, finish_by=None):
    """ranks: {competency: rank}."""
    return run_diagnostic(
        student_id=student.pk,
        judged_by=educator.pk,
        at=build.noon(on),
        results=[DiagnosticResult(one.pk, rank, build.day(on)) for one, rank in ranks.items()],
        finish_by=finish_by,
    )


def test_gaps_are_found_grades_below_and_laid_out_in_order(eighth):
    educator, student, steps = eighth
    done = diagnose(educator, student, {steps[8]: 1, steps[6]: 2, steps[5]: 1, steps[4]: 3})
    names = {one.pk: one.code for one in steps.values()}
    assert [(names[step.competency], step.why) for step in done.layout.steps] == [
        ("G5", Why.GAP), ("G6", Why.GAP), ("G7", Why.NOT_SHOWN), ("G8", Why.GAP)
    ]  # fmt: skip
    assert done.layout.not_checked == ()
    assert set(MasteryJudgment.objects.values_list("kind", flat=True)) == {"diagnostic"}
    items = PlanItem.objects.order_by("position")
    assert [(one.position, one.origin, one.place) for one in items] == [(n, "diagnostic", "next") for n in (1, 2, 3, 4)]
    now = plan(student)
    assert codes(now.next) == ["G5", "G6", "G7", "G8"]
    assert [line.why for line in now.next] == ["gap", "gap", "not_shown", "gap"]


def test_the_path_leads_to_the_goals_where_there_are_any(eighth):
    educator, student, steps = eighth
    set_goal(student_id=student.pk, set_by=student.pk, at=build.noon(1), title="Seven", competency_id=steps[7].pk)
    names = {one.pk: one.code for one in steps.values()}
    done = diagnose(educator, student, {steps[6]: 1})
    assert [names[step.competency] for step in done.layout.steps] == ["G6", "G7"]
    assert [names[pk] for pk in done.layout.not_checked] == ["G1", "G2", "G3", "G4", "G5"]


def test_a_gap_without_a_tie_to_any_target_is_on_the_path_too(eighth):
    educator, student, steps = eighth
    alone = build.competency(steps[8].framework, position=1, code="alone", lowest_grade=5, highest_grade=5)
    diagnose(educator, student, {alone: 1, steps[7]: 3})
    assert codes(plan(student).next) == ["alone", "G8"]


def test_steps_get_dates_evenly_up_to_the_last_day(eighth):
    educator, student, steps = eighth
    diagnose(educator, student, {steps[8]: 1, steps[6]: 3}, finish_by=build.day(21))
    assert list(PlanItem.objects.order_by("position").values_list("target_on", flat=True)) == [build.day(11), build.day(21)]


def test_what_a_person_put_in_focus_or_aside_stays_and_a_second_diagnostic_lays_the_rest_anew(eighth):
    educator, student, steps = eighth
    choose(student, focus=[steps[6]])
    choose(student, by=educator, aside=[steps[7]])
    diagnose(educator, student, {steps[8]: 1, steps[6]: 1, steps[5]: 1, steps[4]: 3})
    now = plan(student)
    assert (codes(now.focus), codes(now.aside), codes(now.next)) == (["G6"], ["G7"], ["G5", "G8"])
    rows = PlanItem.objects.count()
    diagnose(educator, student, {steps[8]: 2}, on=2)
    assert PlanItem.objects.count() == rows, "a step that stands as it did gets no further row"
    diagnose(educator, student, {steps[4]: 1, steps[3]: 4}, on=3)
    assert codes(plan(student, on=3).next) == ["G4", "G5", "G8"]


def test_a_cycle_of_prerequisites_harms_no_diagnostic(eighth):
    educator, student, steps = eighth
    precedes(steps[8], steps[6])
    diagnose(educator, student, {steps[8]: 1, steps[6]: 1, steps[5]: 3})
    assert codes(plan(student).next) == ["G6", "G7", "G8"]


def test_a_diagnostic_that_cannot_be_meant_is_refused_and_keeps_nothing(eighth):
    educator, student, steps = eighth
    with pytest.raises(DiagnosticRefused, match="at least one result"):
        diagnose(educator, student, {})
    with pytest.raises(DiagnosticRefused, match="not after"):
        diagnose(educator, student, {steps[8]: 1}, finish_by=build.day(1))
    with pytest.raises(JudgmentRefused, match="goes from 1 to 4"):
        diagnose(educator, student, {steps[8]: 1, steps[7]: 5})
    twice = [DiagnosticResult(steps[8].pk, 1, build.day(1))] * 2
    with pytest.raises(DiagnosticRefused, match="once"):
        run_diagnostic(student_id=student.pk, judged_by=educator.pk, at=build.noon(1), results=twice)
    assert not MasteryJudgment.objects.exists()
    assert not PlanItem.objects.exists()


@pytest.fixture
def run(tmp_path, eighth):
    def run(*lines, options=(), as_json=True):
        path, out = tmp_path / "diagnostic.csv", io.StringIO()
        path.write_text("\n".join(["student,competency,level,taken_on", *lines]))
        arguments = ["--judged-by", eighth[0].username, *options, *(["--json"] if as_json else [])]
        call_command("import_diagnostic", path, *arguments, stdout=out, stderr=io.StringIO())
        return json.loads(out.getvalue()) if as_json else out.getvalue()

    return run


def test_a_file_of_results_becomes_judgements_and_a_path_and_again_nothing(eighth, run):
    _, student, steps = eighth
    lines = [f"{student.username},G8,1,2025-09-01", f"{student.username},{steps[6].uuid},Developing,2025-09-01"]
    assert run(*lines) == {"created": 2, "exists": 0, "refused": 0, "paths": 1, "dry_run": False}
    judged = MasteryJudgment.objects.order_by("id").values_list("competency_id", "rank", "kind")
    assert list(judged) == [(steps[8].pk, 1, "diagnostic"), (steps[6].pk, 2, "diagnostic")]
    assert codes(plan(student).next) == ["G6", "G7", "G8"]
    rows = PlanItem.objects.count()
    assert run(*lines) == {"created": 0, "exists": 2, "refused": 0, "paths": 0, "dry_run": False}
    assert (MasteryJudgment.objects.count(), PlanItem.objects.count()) == (2, rows)


def test_a_dry_run_counts_and_keeps_nothing(eighth, run):
    _, student, _ = eighth
    assert run(f"{student.username},G8,1,2025-09-01", options=["--dry-run"])["created"] == 1
    assert not MasteryJudgment.objects.exists()
    assert not PlanItem.objects.exists()


def test_bad_rows_are_named_with_the_way_out_and_good_ones_kept(eighth, run, tmp_path):
    educator, student, steps = eighth
    build.competency(steps[8].framework, code="G7")
    report = tmp_path / "report.csv"
    counts = run(
        f"{student.username},G8,1,2025-09-01",
        "nobody,G8,1,2025-09-01",
        f"{educator.username},G8,1,2025-09-01",
        f"{student.username},G9,1,2025-09-01",
        f"{student.username},G7,1,2025-09-01",
        f"{student.username},G6,5,2025-09-01",
        f"{student.username},G6,Superb,2025-09-01",
        f"{student.username},G6,1,2025-09-31",
        f"{student.username},G6,1,2199-09-01",
        f"{student.username},G8,2,2025-09-01",
        f"{student.username},G8",
        options=["--report", str(report)],
    )
    assert (counts["created"], counts["refused"]) == (1, 10)
    with report.open(newline="") as file:
        rows = [(int(row["line"]), row["field"], row["reason"]) for row in csv.DictReader(file)]
    assert rows == [
        (3, "student", "unknown_student"),
        (4, "student", "unknown_student"),
        (5, "competency", "unknown_competency"),
        (6, "competency", "ambiguous"),
        (7, "level", "unknown_level"),
        (8, "level", "unknown_level"),
        (9, "taken_on", "not_a_date"),
        (10, "taken_on", "future_date"),
        (11, "level", "changed"),
        (12, "", "columns"),
    ]
    said = run(f"{student.username},G6,5,2025-09-01", as_json=False)
    assert "diagnostic.csv, line 2, level: refused (unknown_level). Give a rank from 1 to 4, or one of Beginning" in said


def test_a_file_that_cannot_be_taken_as_a_whole_is_one_error(eighth, run, tmp_path):
    _, student, _ = eighth
    with pytest.raises(CommandError, match="No teacher or counsellor"):
        run(f"{student.username},G8,1,2025-09-01", options=["--judged-by", student.username])
    with pytest.raises(CommandError, match="not after today"):
        run(f"{student.username},G8,1,2025-09-01", options=["--finish-by", "2025-09-02"])
    with pytest.raises(CommandError, match="cannot be opened"):
        call_command("import_diagnostic", tmp_path / "absent.csv", "--judged-by", "x")
    assert not MasteryJudgment.objects.exists()
