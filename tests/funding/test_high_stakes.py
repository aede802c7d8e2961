"""A program that pays on a passed course: its release takes the measure, its nights pay what is attested and take back a void."""

import pytest
from django.core.management import call_command
from django.template.loader import render_to_string

from accountability.actions.record_success_rates import record_success_rates
from accountability.queries import RateRefused, success_rates
from database.areas import acting_as
from enrollments.actions.record_attested import record_attested
from enrollments.calc.attested_rows import AttestedRow
from enrollments.models import CourseResult, MeasureUse
from funding.actions.draft_policy import PolicyRefused
from funding.actions.register_measures import MeasureRefused, register_measures
from funding.actions.run_night import run_night
from funding.models import PolicyRevision, PolicyVersion, PricedCase, Program
from people.actions.appoint import appoint
from tests import build
from tests.database.statements import refused, run

pytestmark = pytest.mark.django_db

ON_SUCCESS = """
policy: milestone
name: A program of the tests that pays on success
currency: USD
in_force_from: 2025-07-01
governed_by: start_of_learning
stakes: high
program: {{code: by-success, catalogue: trial, fiscal_year_starts_month: 7, unit: module, timetable: by_hand}}
basis: {{title: The tests, section: invented, link: docs/money.md}}
rounding: {{step: "0.01", mode: half_up, of: each_payment}}
facts:
  start_of_learning: {{is: date, measure: enrollment, label: the day on which learning started}}
  credit: {{is: number, measure: enrollment, label: credit of the module}}
  {milestone}: {{is: flag, measure: attested_milestone, label: attested for payment, otherwise: "false"}}
figures:
  rate:
    label: rate per credit
    unit: USD per credit
    values:
      - {{from: 2025-07-01, value: "986.88", citation: {{title: The tests, section: invented, link: docs/money.md}}}}
lines:
  whole: {{says: The whole of the module., product: [rate, credit]}}
  earned: {{says: Due when it is reached., when: {{flag: {milestone}, then: whole}}}}
pays:
  - {{line: earned, to: provider, from: state}}
"""


@pytest.fixture
def course():
    """A course of two modules with two enrollments, each with a result on file; somebody who attests."""
    appoint(username="examiner", full_name="Examiner", kind="counsellor", starts_on=build.START)
    offering = build.offering(modules=2)
    enrolled = [build.enrollment(offering) for _ in range(2)]
    for one in enrolled:
        CourseResult.objects.create(enrollment=one, outcome="pass", batch=build.batch())
    return enrolled


DAY = build.day(40)


def attest(enrollment, on=DAY, void=False):
    row = AttestedRow(2, enrollment.code, "passed", None, None if void else on.isoformat(), void)
    record_attested(
        fact="milestones", rows=[row], catalogue="trial", attested_by="examiner", today=build.day(200), on_outcome=lambda _: None
    )


def posted():
    """{enrollment: cents posted so far} and nothing of those that have none."""
    found = run("SELECT enrollment_id, sum(posted_cents)::int FROM funding_earningstate GROUP BY 1 HAVING sum(posted_cents) <> 0")
    return dict(found)


def night(number):
    run_night(program_code="by-success", business_date=build.day(number))


def test_the_release_takes_course_success_from_accountability_which_then_refuses_the_success_rate(course):
    assert record_success_rates(as_of=build.day(10), catalogue="trial") == 1
    build.in_force(ON_SUCCESS.format(milestone="passed"))
    with (
        acting_as("area_accountability"),
        pytest.raises(RateRefused, match=r"program by-success pays on course success .* 2025-07-01"),
    ):
        success_rates(catalogue="trial")
    with pytest.raises(RateRefused):
        record_success_rates(as_of=build.day(11), catalogue="trial")
    assert list(MeasureUse.objects.order_by("sequence").values_list("use", "claimant")) == [
        ("accountability", "success_rate"),
        ("funding", "by-success"),
    ]


def test_the_command_says_what_the_release_has_taken(course, capsys):
    record_success_rates(as_of=build.day(10), catalogue="trial")
    build.in_force(ON_SUCCESS.format(milestone="passed"))
    call_command("policy", "release", "by-success")
    said = "taken from the indicator success_rate: accountability judges nobody in trial by course_success any more."
    assert f"It pays on attested milestones (passed); {said}" in capsys.readouterr().out


def test_a_policy_that_pays_on_completions_takes_nothing(course):
    build.program()
    assert not MeasureUse.objects.exists()


def test_a_policy_on_a_milestone_that_is_not_on_file_is_refused_and_leaves_nothing(course):
    with pytest.raises(PolicyRefused, match=r"No milestone on file is called won; on file are .*, or declare it first"):
        build.in_force(ON_SUCCESS.format(milestone="won"))
    assert [table.objects.count() for table in (PolicyRevision, PolicyVersion, Program, MeasureUse)] == [0, 0, 0, 0]
    with pytest.raises(MeasureRefused, match=r"No milestone on file is called won\. Declare it first"):
        register_measures(program_code="by-success", catalogue="trial", milestones=["won"], since=build.START)


def test_an_attested_pass_pays_every_module_and_a_void_takes_back_exactly_that(course):
    one, other = course
    build.in_force(ON_SUCCESS.format(milestone="passed"))
    night(31)
    assert posted() == {}, "results alone pay nothing"
    attest(one)
    attest(other, on=build.day(70))
    night(60)
    assert posted() == {one.pk: 98688}, "the other's day has not come"
    night(75)
    assert posted() == {one.pk: 98688, other.pk: 98688}
    attest(one, void=True)
    night(76)
    assert posted() == {other.pk: 98688}
    attest(one, on=build.day(77))
    night(77)
    assert posted() == {one.pk: 98688, other.pk: 98688}


def test_no_price_rests_on_a_milestone_whose_measure_was_not_taken(course):
    build.program(catalogue="free", program="plain")
    build.in_force(ON_SUCCESS.format(milestone="passed"))
    attest(course[0])
    night(60)
    case = PricedCase.objects.get(circumstances={"milestones": ["passed"]})
    again = """
        INSERT INTO funding_pricedcase (policy_version_id, rate_from, completed, held, required, credit_numerator,
                                        credit_denominator, circumstances, earned_cents, held_cents, parts, problem, results)
        SELECT %s, rate_from, completed + 1, held, required, credit_numerator, credit_denominator, %s::jsonb, earned_cents,
               held_cents, parts, problem, results FROM funding_pricedcase WHERE id = %s"""
    plain = PolicyVersion.objects.get(program__code="plain").pk
    register_measures(program_code="another", catalogue="free", milestones=["passed"], since=build.START)
    for version, milestones in ((plain, '["passed"]'), (case.policy_version_id, '["passed", "won"]')):
        values = [version, f'{{"milestones": {milestones}}}', case.pk]
        refused(again, values, match="only when it has taken the measure that the milestone attests")
    run(again, [case.policy_version_id, '{"milestones": ["passed"]}', case.pk])


def test_a_program_bears_the_name_of_its_newest_policy_and_says_that_it_is_high_stakes():
    build.program()
    assert not Program.objects.get().high_stakes
    newer = ON_SUCCESS.format(milestone="passed").replace("code: by-success", "code: trial")
    build.in_force(newer.replace("in_force_from: 2025-07-01", "in_force_from: 2025-08-01"))
    program = Program.objects.get()
    assert (program.name, program.high_stakes) == ("A program of the tests that pays on success", True)
    shown = render_to_string("funding/_program_name.html", {"name": program.name, "high_stakes": program.high_stakes})
    assert "High stakes" in shown
    build.in_force(build.policy_text(in_force_from="2025-09-01"))
    assert Program.objects.get().high_stakes
