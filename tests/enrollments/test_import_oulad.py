"""manage.py import_oulad, on a small folder of the same layout."""

import csv
import datetime
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from enrollments.models import (
    Assignment,
    AttestedMilestone,
    Completion,
    CourseResult,
    Enrollment,
    EnrollmentChange,
    IntakeBatch,
    Need,
    Offering,
    Residence,
    UnmatchedCompletion,
)
from people.models import Organization, User
from tests.enrollments import oulad_folder

pytestmark = pytest.mark.django_db

FOLDER_COUNTS = {
    "assessment_rows": 8,
    "exam_rows": 1,
    "banked_rows": 1,
    "after_withdrawal_rows": 0,
    "before_enrollment_rows": 1,
    "payable_completions": 4,
    "without_enrollment": 1,
}


@pytest.fixture
def folder(tmp_path):
    return oulad_folder.write(tmp_path / "folder")


def run(folder, *options):
    out = io.StringIO()
    call_command("import_oulad", folder, "--json", *options, stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def reported(folder, tmp_path, *options):
    """(what --json said, the report's rows)."""
    report = tmp_path / "report.csv"
    counts = run(folder, "--report", str(report), *options)
    with report.open(newline="") as file:
        return counts, [tuple(row.values())[:7] for row in csv.DictReader(file)]


def everything():
    """Every fact on file, to see that nothing changed."""
    tables = [Assignment, Completion, CourseResult, Enrollment, EnrollmentChange, IntakeBatch, Need, Residence, User]
    return [sorted(model.objects.values_list(), key=str) for model in tables]


def test_a_folder_becomes_courses_enrollments_and_completions_of_one_batch(folder):
    counts = run(folder)
    assert counts == {
        **FOLDER_COUNTS,
        "created": 6, "exists": 0, "changed": 0, "conflicts": 0, "refused": 1, "batch": counts["batch"],
    }  # fmt: skip
    assert IntakeBatch.objects.get().pk == counts["batch"]
    offering = Offering.objects.get(code="AAA 2013J")
    assert (offering.provider.code, offering.starts_on, offering.length_days) == ("AAA", datetime.date(2013, 10, 1), 268)
    module = offering.course.modules.get()
    assert (offering.course.catalogue, module.credit_numerator, module.credit_denominator) == ("oulad", 1, 1)
    work = Assignment.objects.filter(offering=offering).order_by("code").values_list("code", "stakes", "due_on")
    assert list(work) == [
        ("101", "low", datetime.date(2013, 10, 20)),
        ("102", "low", datetime.date(2013, 11, 24)),
        ("103", "high", None),
    ]
    completion = Completion.objects.get(source_id="101-1")
    assert (completion.enrollment.code, completion.completed_on) == ("AAA-2013J-1", datetime.date(2013, 10, 19))
    assert list(Completion.objects.filter(carried_over=True).values_list("source_id", flat=True)) == ["101-2"]
    assert not Completion.objects.filter(assignment__code="103").exists()


def test_enrollments_carry_their_dates_district_needs_and_result(folder):
    run(folder)
    dates = Enrollment.objects.order_by("code").values_list("code", "enrolled_on", "withdrawn_on")
    assert list(dates) == [
        ("AAA-2013J-1", datetime.date(2013, 9, 21), None),
        ("AAA-2013J-2", None, datetime.date(2013, 11, 10)),
        ("BBB-2014B-1", datetime.date(2014, 2, 6), None),
        ("BBB-2014B-3", datetime.date(2014, 2, 1), None),
    ]
    needs = Need.objects.order_by("enrollment__code", "category").values_list("enrollment__code", "category")
    assert list(needs) == [
        ("AAA-2013J-1", "low_income"),
        ("AAA-2013J-2", "special_education"),
        ("BBB-2014B-1", "low_income"),
    ]
    assert set(Residence.objects.values_list("enrollment__code", "district__code")) >= {("AAA-2013J-1", "Scotland")}
    assert set(Organization.objects.filter(kind="district").values_list("code", flat=True)) == {"Scotland", "Wales"}
    results = CourseResult.objects.order_by("enrollment__code").values_list("outcome", flat=True)
    assert list(results) == ["pass", "withdrawn", "distinction", "fail"]


def test_students_are_shared_between_presentations_and_cannot_sign_in(folder):
    run(folder)
    students = User.objects.order_by("username")
    assert [user.username for user in students] == ["oulad-1", "oulad-2", "oulad-3"]
    assert not any(user.has_usable_password() or user.check_password("") or user.full_name for user in students)


def test_the_same_folder_again_changes_nothing_and_counts_the_same(folder):
    first = run(folder)
    before = everything()
    second = run(folder, "--apply-changes")
    assert everything() == before
    assert second == {**first, "created": 0, "exists": 6, "batch": None}


@pytest.mark.parametrize("layout", [{"packed": True}, {"quoted": True}, {"bom": True}])
def test_the_official_downloads_layout_and_a_gzipped_one_read_the_same(tmp_path, layout):
    folder = oulad_folder.write(tmp_path / "folder", **layout)
    (folder / "vle.csv").write_text("id_site,code_module\n")
    assert {name: count for name, count in run(folder).items() if name in FOLDER_COUNTS} == FOLDER_COUNTS


def test_a_changed_row_is_shown_as_a_difference_and_nothing_is_taken(folder, tmp_path):
    run(folder)
    before = everything()
    oulad_folder.write(
        folder,
        **oulad_folder.changed("studentAssessment", line_2="101,1,17,1,78", line_3="102,1,50,0,99"),
        **oulad_folder.changed("studentRegistration", line_2="AAA,2013J,1,-9,100"),
        **oulad_folder.changed(
            "studentInfo",
            line_2="AAA,2013J,1,M,Wales,HE,0-10%,55<=,0,240,Y,Fail",
            line_3="AAA,2013J,2,F,Wales,HE,90-100%,0-35,0,60,N,Withdrawn",
        ),
    )
    counts, rows = reported(folder, tmp_path)
    assert (counts["conflicts"], counts["changed"], counts["batch"]) == (7, 0, None)
    assert everything() == before
    conflicts = [row for row in rows if row[2] == "conflict"]
    assert conflicts == [
        ("studentInfo.csv", "2", "conflict", "disability", "changed", "false", "true"),
        ("studentInfo.csv", "2", "conflict", "final_result", "changed", "pass", "fail"),
        ("studentInfo.csv", "2", "conflict", "region", "needs_a_date", "Scotland", "Wales"),
        ("studentInfo.csv", "3", "conflict", "disability", "needs_a_date", "true", "false"),
        ("studentRegistration.csv", "2", "conflict", "date_registration", "changed", "2013-09-21", "2013-09-22"),
        ("studentRegistration.csv", "2", "conflict", "date_unregistration", "changed", "", "2014-01-09"),
        ("studentAssessment.csv", "2", "conflict", "date_submitted", "changed", "2013-10-19", "2013-10-18"),
        ("studentAssessment.csv", "2", "conflict", "is_banked", "changed", "false", "true"),
    ]


def test_apply_changes_takes_them_as_void_and_new_with_history_and_further_results(folder, tmp_path):
    run(folder)
    oulad_folder.write(
        folder,
        **oulad_folder.changed("studentAssessment", line_2="101,1,17,0,78"),
        **oulad_folder.changed("studentRegistration", line_2="AAA,2013J,1,-10,100"),
        **oulad_folder.changed("studentInfo", line_2="AAA,2013J,1,M,Scotland,HE,0-10%,55<=,0,240,N,Fail"),
    )
    counts = run(folder, "--apply-changes")
    assert (counts["changed"], counts["conflicts"]) == (3, 0)
    statements = Completion.objects.filter(source_id="101-1").order_by("sequence")
    assert [(row.sequence, row.completed_on.day) for row in statements] == [(0, 19), (1, 19), (2, 18)]
    enrollment = Enrollment.objects.get(code="AAA-2013J-1")
    change = EnrollmentChange.objects.get()
    assert enrollment.withdrawn_on == change.withdrawn_on_after == datetime.date(2014, 1, 9)
    assert (change.withdrawn_on_before, change.batch_id) == (None, counts["batch"])
    assert list(enrollment.results.order_by("id").values_list("outcome", flat=True)) == ["pass", "fail"]
    assert run(folder, "--apply-changes")["batch"] is None


def test_rows_that_vanish_from_the_folder_are_left_alone(folder):
    run(folder)
    before = everything()
    oulad_folder.write(
        folder,
        studentAssessment=oulad_folder.FILES["studentAssessment"][:2],
        studentRegistration=oulad_folder.FILES["studentRegistration"][:2],
        studentInfo=oulad_folder.FILES["studentInfo"][:2],
    )
    run(folder, "--apply-changes")
    assert everything() == before


def test_every_bad_row_is_reported_by_file_line_field_and_reason_and_the_good_ones_kept(tmp_path):
    folder = oulad_folder.write(
        tmp_path / "folder",
        courses=[*oulad_folder.FILES["courses"], "CCC,2014X,100", "AAA,2013J,100"],
        assessments=[*oulad_folder.FILES["assessments"], "ZZZ,2013J,301,TMA,1,1", "AAA,2013J,104,Quiz,1,1"],
        studentRegistration=[*oulad_folder.FILES["studentRegistration"], "AAA,2013J,x,1,", "AAA,2013J,1,-10,77"],
        studentInfo=[*oulad_folder.FILES["studentInfo"], "AAA,2013J,9,M,Wales,HE,?,0-35,0,60,N,Pass"],
        studentAssessment=[*oulad_folder.FILES["studentAssessment"], "999,1,1,0,", "101,1", "102,2,9,0,", "101,1,soon,0,"],
    )
    counts, rows = reported(folder, tmp_path)
    assert (counts["created"], counts["refused"]) == (6, len(rows))
    assert {(row[0].removesuffix(".csv"), *row[1:5]) for row in rows} == {
        ("courses", "4", "refused", "code_presentation", "not_allowed"),
        ("courses", "5", "refused", "code_presentation", "duplicate_id"),
        ("assessments", "6", "refused", "code_presentation", "unknown_offering"),
        ("assessments", "7", "refused", "assessment_type", "not_allowed"),
        ("studentRegistration", "6", "refused", "id_student", "not_a_number"),
        ("studentRegistration", "7", "refused", "id_student", "duplicate_id"),
        ("studentInfo", "6", "refused", "id_student", "unknown_enrolment"),
        ("studentAssessment", "7", "refused", "id_student", "unknown_enrolment"),
        ("studentAssessment", "10", "refused", "id_assessment", "unknown_assignment"),
        ("studentAssessment", "11", "refused", "", "columns"),
        ("studentAssessment", "12", "refused", "id_assessment, id_student", "duplicate_id"),
        ("studentAssessment", "13", "refused", "date_submitted", "not_a_number"),
    }
    assert UnmatchedCompletion.objects.get().source_id == "101-3"


@pytest.mark.parametrize("name", oulad_folder.FILES)
def test_a_missing_file_or_column_is_one_clear_error_and_leaves_nothing(tmp_path, name):
    folder = oulad_folder.write(tmp_path / "folder", **{name: None})
    with pytest.raises(CommandError, match=f"has no {name}.csv"):
        run(folder)
    oulad_folder.write(folder, **{name: ["nothing,of,use"]})
    with pytest.raises(CommandError, match=rf"{name}\.csv, line 1: the header lacks"):
        run(folder)
    assert not IntakeBatch.objects.exists()


def test_a_file_that_breaks_off_leaves_nothing(tmp_path):
    folder = oulad_folder.write(tmp_path / "folder", packed=True)
    path = folder / "studentAssessment.csv.gz"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(CommandError, match="damaged or truncated"):
        run(folder)
    assert [model.objects.count() for model in (IntakeBatch, User, Offering)] == [0, 0, 0]


def test_the_import_acts_with_the_rights_of_learning_alone(folder):
    with connection.execute_wrapper(_only_as_learning):
        run(folder)


def _only_as_learning(execute, sql, params, many, context):
    if " INTO learning." in sql or sql.startswith("UPDATE learning."):
        with connection.connection.cursor() as cursor:
            assert cursor.execute("SELECT current_user").fetchone() == ("area_learning",)
    return execute(sql, params, many, context)


def test_passes_are_attested_only_when_asked_on_the_presentations_last_day_and_once(folder):
    run(folder)
    assert not AttestedMilestone.objects.exists()
    counts = run(folder, "--attest-success")
    assert (counts["milestones_created"], counts["milestones_refused"], counts["batch"]) == (2, 0, None)
    rows = AttestedMilestone.objects.order_by("enrollment__code")
    assert list(rows.values_list("enrollment__code", "milestone", "attained_on", "attested_by__username")) == [
        ("AAA-2013J-1", "passed", datetime.date(2013, 10, 1) + datetime.timedelta(days=268), "oulad-examiner"),
        ("BBB-2014B-1", "passed", datetime.date(2014, 2, 1) + datetime.timedelta(days=240), "oulad-examiner"),
    ]
    again = run(folder, "--attest-success")
    assert (again["milestones_created"], again["milestones_exists"], AttestedMilestone.objects.count()) == (0, 2, 2)
    said = run(folder, "--attest-success", "--today", "2014-07-01")
    assert (said["milestones_exists"], said["milestones_refused"]) == (1, 1), "a presentation that still runs is not passed"


def test_a_need_that_was_withdrawn_is_told_as_a_difference(folder, tmp_path):
    run(folder)
    need = Need.objects.filter(category="special_education").get()
    Need.objects.create(enrollment=need.enrollment, category=need.category, sequence=1, batch=need.batch)
    counts, rows = reported(folder, tmp_path)
    assert (counts["conflicts"], rows[0][:4]) == (1, ("studentInfo.csv", "3", "conflict", "disability"))
