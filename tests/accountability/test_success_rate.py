"""The success rate: whose withdrawal leaves no trace, who counts as having succeeded, and what the command prints."""

import json

import pytest
from django.core.management import call_command

from accountability.queries import WELCOME_DAYS, success_rates
from database.areas import acting_as
from enrollments.models import CourseResult
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    return build.offering(starts_on=build.day(1))


def rates(**choice):
    with acting_as("area_accountability"):
        return success_rates(**choice)


def ended(student, *outcomes):
    for outcome in outcomes:
        CourseResult.objects.create(enrollment=student, outcome=outcome, batch=build.batch())


def rate_of(course):
    (rate,) = rates()
    assert rate["provider"] == course.provider.code
    return rate["succeeded"], rate["enrolled"]


def test_the_welcome_period_is_four_weeks():
    assert WELCOME_DAYS == 28


def test_a_withdrawal_on_the_last_day_of_welcome_leaves_no_trace_and_one_a_day_later_stays_in(course):
    stayed = build.enrollment(course)
    ended(stayed, "pass")
    ended(build.enrollment(course, withdrawn_on=build.day(1 + 28)), "withdrawn")
    assert rate_of(course) == (1, 1)
    ended(build.enrollment(course, withdrawn_on=build.day(1 + 29)), "withdrawn")
    assert rate_of(course) == (1, 2)


def test_a_withdrawal_before_the_start_leaves_no_trace(course):
    ended(build.enrollment(course), "pass")
    build.enrollment(course, enrolled_on=build.day(-30), withdrawn_on=build.day(-10))
    assert rate_of(course) == (1, 1)


def test_a_late_withdrawal_stays_in_whatever_came_before_it(course):
    ended(build.enrollment(course, withdrawn_on=build.day(150)), "withdrawn")
    assert rate_of(course) == (0, 1)


@pytest.mark.parametrize(("outcome", "succeeded"), [("pass", 1), ("distinction", 1), ("fail", 0), ("withdrawn", 0)])
def test_a_pass_and_a_distinction_succeed(course, outcome, succeeded):
    ended(build.enrollment(course), outcome)
    assert rate_of(course) == (succeeded, 1)


def test_an_outcome_that_is_not_known_has_not_succeeded(course):
    build.enrollment(course)
    assert rate_of(course) == (0, 1)


def test_the_latest_outcome_counts(course):
    ended(build.enrollment(course), "fail", "pass")
    ended(build.enrollment(course), "pass", "fail")
    assert rate_of(course) == (1, 2)


def test_a_provider_is_counted_by_its_own_courses_and_one_without_students_is_left_out(course):
    ended(build.enrollment(course), "pass")
    ended(build.enrollment(build.offering("P2", code="B 1", catalogue="other")), "fail")
    build.offering("P3", code="C 1")
    assert rates() == [
        {"provider": "P1", "enrolled": 1, "succeeded": 1},
        {"provider": "P2", "enrolled": 1, "succeeded": 0},
    ]
    assert rates(catalogue="other") == [{"provider": "P2", "enrolled": 1, "succeeded": 0}]


def test_the_command_prints_the_same_for_people_and_for_machines(course, capsys):
    ended(build.enrollment(course), "pass")
    build.enrollment(course)
    build.enrollment(course)
    call_command("success_rate")
    assert capsys.readouterr().out.split() == ["P1", "1", "of", "3", "succeeded", "33.3", "%"]
    call_command("success_rate", "--json")
    assert json.loads(capsys.readouterr().out) == [{"provider": "P1", "enrolled": 3, "succeeded": 1}]
