"""One measure of a catalogue has one use: where a program pays on course success, nobody is judged by it."""

import datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from accountability.actions.record_success_rates import record_success_rates
from accountability.models import IndicatorSnapshot
from accountability.queries import RateRefused, success_rates
from database.areas import acting_as
from enrollments.actions.declare_milestone import MilestoneRefused, declare_milestone
from enrollments.models import CourseResult, MeasureUse
from funding.actions.register_measures import MeasureRefused, TakenMeasure, register_measures
from tests import build
from tests.database.statements import refused, run

pytestmark = pytest.mark.django_db

DAY = datetime.date(2026, 6, 30)
SINCE = datetime.date(2026, 7, 1)


@pytest.fixture
def paid_and_free():
    """A passed course in each of two catalogues, `paid` and `free`, at one provider."""
    for catalogue in ("paid", "free"):
        student = build.enrollment(build.offering(code=catalogue, catalogue=catalogue))
        CourseResult.objects.create(enrollment=student, outcome="pass", batch=build.batch())


def pay(catalogue="paid", milestones=("passed",), program="by-success"):
    return register_measures(program_code=program, catalogue=catalogue, milestones=milestones, since=SINCE)


def rates(**choice):
    with acting_as("area_accountability"):
        return success_rates(**choice)


def uses():
    return list(MeasureUse.objects.order_by("catalogue", "measure", "sequence").values_list("catalogue", "use", "claimant", "because"))


def test_a_catalogue_in_which_a_program_pays_on_success_has_no_success_rate_from_then_on(paid_and_free):
    assert rates() == [{"provider": "P1", "enrolled": 2, "succeeded": 2}]
    assert pay() == [TakenMeasure("course_success", None)]
    with pytest.raises(RateRefused, match=r"catalogue paid .* program by-success pays on course success there since 2026-07-01"):
        rates(catalogue="paid")
    with pytest.raises(RateRefused):
        record_success_rates(as_of=DAY, catalogue="paid")
    assert rates() == rates(catalogue="free") == [{"provider": "P1", "enrolled": 1, "succeeded": 1}]
    assert record_success_rates(as_of=DAY) == 1
    assert list(IndicatorSnapshot.objects.values_list("catalogue", "measure")) == [("free", "course_success")]


@pytest.mark.parametrize("milestone", ["passed", "credited", "late", "achieved", "completed"])
def test_success_under_any_of_its_names_bars_the_success_rate(paid_and_free, milestone):
    pay(milestones=[milestone])
    with pytest.raises(RateRefused):
        rates(catalogue="paid")


def test_a_milestone_of_another_measure_bars_nothing(paid_and_free):
    declare_milestone(code="certified", measure="certified", says="An industry certificate is earned")
    assert pay(milestones=["certified"]) == [TakenMeasure("certified", None)]
    assert rates(catalogue="paid") == [{"provider": "P1", "enrolled": 1, "succeeded": 1}]


def test_a_published_measure_is_taken_and_the_row_that_says_so_stays(paid_and_free):
    assert record_success_rates(as_of=DAY) == 2
    assert pay() == [TakenMeasure("course_success", "success_rate")]
    with pytest.raises(RateRefused):
        record_success_rates(as_of=SINCE, catalogue="paid")
    assert uses() == [
        ("free", "accountability", "success_rate", "published as an indicator"),
        ("paid", "accountability", "success_rate", "published as an indicator"),
        ("paid", "funding", "by-success", "pays on attested milestones (passed); taken from the indicator success_rate"),
    ]
    assert IndicatorSnapshot.objects.filter(as_of=DAY).count() == 2, "what was published before stays published"


def test_registering_again_changes_nothing_and_a_second_program_is_named_beside_the_first(paid_and_free):
    for _ in range(2):
        pay()
        pay(program="another", milestones=["passed", "credited"])
    assert [(use, claimant) for _, use, claimant, _ in uses()] == [("funding", "by-success"), ("funding", "another")]
    with pytest.raises(RateRefused, match="program by-success pays"):
        rates(catalogue="paid")


def test_a_policy_without_milestones_takes_no_measure():
    assert pay(milestones=[]) == []
    assert not MeasureUse.objects.exists()


def test_a_milestone_that_is_not_on_file_is_refused_with_the_way_out():
    with pytest.raises(MeasureRefused, match=r"No milestone on file is called finished, won\. Declare it first"):
        pay(milestones=["passed", "won", "finished"])
    assert not MeasureUse.objects.exists()


def test_what_a_milestone_attests_is_said_once():
    assert not declare_milestone(code="passed", measure="course_success", says="again")
    with pytest.raises(MilestoneRefused, match="passed attests course_success already"):
        declare_milestone(code="passed", measure="persistence", says="another meaning")
    for code, measure, says in (("Passed", "x", "x"), ("x", "a b", "x"), ("x", "x", " "), ("x", "x", "x" * 201)):
        with pytest.raises(MilestoneRefused):
            declare_milestone(code=code, measure=measure, says=says)
    call_command("declare_milestone", "finished", "--measure", "course_success", "--says", "The course is finished")
    with pytest.raises(CommandError, match="attests course_success already"):
        call_command("declare_milestone", "finished", "--measure", "finished", "--says", "The course is finished")


def test_the_command_refuses_the_barred_catalogue_and_names_it_where_all_are_asked_for(paid_and_free, capsys):
    pay()
    with pytest.raises(CommandError, match="one measure has one use"):
        call_command("success_rate", "--catalogue", "paid")
    call_command("success_rate")
    told = capsys.readouterr()
    assert told.out.split() == ["P1", "1", "of", "1", "succeeded", "100.0", "%"]
    assert "success rate of the catalogue paid is neither worked out nor published" in told.err


USE = """
    INSERT INTO learning.enrollments_measureuse (catalogue, measure, sequence, use, claimant, since, because)
    VALUES ('paid', 'course_success', %s, %s, %s, '2026-01-01', 'said')"""


def test_the_line_of_uses_has_no_gap_no_fork_and_no_way_back_from_paying():
    refused(USE, [1, "funding", "a"], match="one measure has one use")
    run(USE, [0, "accountability", "rate"])
    refused(USE, [0, "funding", "a"], match="a_measure_has_one_use_at_a_time", error=IntegrityError)
    run(USE, [1, "funding", "a"])
    refused(USE, [2, "accountability", "other"], match="one measure has one use")
    run(USE, [2, "funding", "b"])
    refused(USE, [3, "pleasure", "b"], match="one measure has one use|a_measure_pays_or_judges")
    refused(USE, [3, "funding", "b"], match="a_measure_is_claimed_once", error=IntegrityError)


SNAPSHOT = """
    INSERT INTO accountability.accountability_indicatorsnapshot
        (indicator, measure, as_of, catalogue, provider_id, enrolled, succeeded)
    VALUES ('rate', 'course_success', '2026-06-30', 'paid', 1, 2, 1)"""


def test_nothing_is_published_without_a_use_or_on_what_pays():
    refused(SNAPSHOT, match="judges by a measure that is registered to judge")
    run(USE, [0, "accountability", "rate"])
    run(SNAPSHOT)
    run(USE, [1, "funding", "a"])
    refused(SNAPSHOT.replace("06-30", "07-01"), match="that no program pays on")
