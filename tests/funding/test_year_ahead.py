"""A year paid ahead on small facts: predicted, advanced by night, re-estimated, trued up, and refused where it cannot be."""

import datetime

import pytest

from database.areas import acting_as
from funding.actions.appropriate import add_to_appropriation
from funding.actions.finish_run import finish_run
from funding.actions.open_run import open_run
from funding.actions.open_year_ahead import open_year_ahead
from funding.actions.predict_year import YearAheadRefused
from funding.actions.re_estimate_year import re_estimate_year
from funding.actions.run_night import run_night
from funding.actions.true_up_year import true_up_year
from funding.calc.year_ahead import Anticipated, monthly
from funding.models import PaymentLine, Prediction, Reconciliation, Transfer
from funding.queries.fund_verification import fund_findings
from funding.queries.trial_balance import trial_balance
from funding.queries.verification import findings
from tests import build

pytestmark = pytest.mark.django_db

LAST_YEAR = (datetime.date(2025, 7, 1), datetime.date(2025, 12, 31))
FIRST, LAST = datetime.date(2026, 1, 1), datetime.date(2026, 4, 30)


def night(month, day=None):
    end = (datetime.date(2026, month, 28) + datetime.timedelta(days=4)).replace(day=1) - datetime.timedelta(days=1)
    return run_night(program_code="trial", business_date=end if day is None else datetime.date(2026, month, day))


def balances():
    with acting_as("area_funding"):
        found = {row["account"]: row["balance_cents"] for row in trial_balance(program_code="trial")}
    return {account: cents for account, cents in found.items() if cents}


def posted(kind):
    return list(
        Transfer.objects.filter(kind=kind).order_by("business_date", "provider_id").values_list("business_date__month", "amount_cents")
    )


def a_year_before():
    """The year before: of two enrollments of 4 assignments P1's earned half of the whole; P2 had none."""
    build.program(rate="1000.00")
    old = build.offering(starts_on=LAST_YEAR[0], code="old")
    for student in (build.enrollment(old, enrolled_on=LAST_YEAR[0]), build.enrollment(old, enrolled_on=LAST_YEAR[0])):
        for work in build.assignments(old)[:2]:
            build.complete(student, work, datetime.date(2025, 9, 1))


def enrolled():
    """The year itself: an enrollment with each of two providers, as known when it is opened."""
    courses = [build.offering(code) for code in ("P1", "P2")]
    return [(course, build.enrollment(course)) for course in courses]


@pytest.fixture
def before():
    a_year_before()


@pytest.fixture
def new(before):
    return enrolled()


def opened(count=4, on=FIRST, **options):
    return open_year_ahead(
        program_code="trial",
        first_on=FIRST,
        last_on=LAST,
        predicted_from=LAST_YEAR,
        schedule=monthly(FIRST, count),
        on=on,
        opened_by=build.officer().pk,
        **options,
    )


def true_up(parts=1):
    return true_up_year(program_code="trial", first_on=FIRST, asked_by=build.officer().pk, parts=parts)


def re_estimated(**options):
    return re_estimate_year(program_code="trial", first_on=FIRST, on=datetime.date(2026, 3, 1), made_by=build.officer().pk, **options)


def test_a_provider_is_predicted_by_its_own_share_of_the_year_before_and_a_new_one_by_everybodys(new):
    year = opened()
    found = {one.provider_id: (one.amount_cents, one.basis) for one in Prediction.objects.filter(year=year)}
    basis = {"prior_earned_cents": 100_000, "prior_whole_cents": 200_000, "share": "1/2", "by_average": False, "whole_cents": 100_000}
    assert found[new[0][0].provider_id] == (50_000, basis)
    assert found[new[1][0].provider_id] == (50_000, basis | {"prior_earned_cents": 0, "prior_whole_cents": 0, "by_average": True})


def test_every_instalment_is_advanced_once_by_the_night_on_which_it_is_due_and_settled_with_its_month(new):
    opened()
    for _ in range(2):
        run = night(1)
    assert run.result["advanced_cents"] == 25_000
    assert posted("advance") == [(1, 12_500), (1, 12_500)]
    night(4)
    assert posted("advance") == [(month, 12_500) for month in (1, 1, 4, 4, 4, 4, 4, 4)]
    lines = PaymentLine.objects.order_by("id").values_list("posted_cents", "amount_cents")
    # The year before is paid as it was earned, in the same line of P1.
    assert list(lines) == [(112_500, 112_500), (12_500, 12_500), (37_500, 37_500), (37_500, 37_500)]


def test_an_instalment_is_paid_as_far_as_the_appropriation_reaches_and_the_rest_of_it_waits(new):
    opened()
    act = {"program_code": "trial", "fiscal_year": 2026, "on": FIRST, "by": 1}
    add_to_appropriation(amount_cents=60_000, reason="a budget too small", **act)
    night(1)
    add_to_appropriation(amount_cents=1_000_000, reason="more", **act)
    run = night(2)
    lines = PaymentLine.objects.order_by("id").values_list("carried_in_cents", "posted_cents", "amount_cents", "unpaid_cents")
    assert list(lines) == [
        (0, 112_500, 54_000, 58_500), (0, 12_500, 6_000, 6_500), (58_500, 12_500, 71_000, 0), (6_500, 12_500, 19_000, 0),
    ]  # fmt: skip
    with acting_as("area_funding"):
        assert [*findings(program=run.program), *fund_findings(program=run.program)] == []


def test_what_is_earned_in_the_year_lies_against_the_advance_and_is_not_paid_beside_it(new):
    opened()
    (course, student), _ = new
    for work in build.assignments(course)[:3]:
        build.complete(student, work, build.day(20))
    night(1)
    found = balances()
    assert found["year-ahead:P1:2026-01-01"] == 12_500 - 75_000
    assert found["year-ahead:P2:2026-01-01"] == 12_500
    assert found["in-payment:P1"] == -112_500


def test_the_true_up_leaves_advance_and_adjustment_equal_to_what_was_earned(new):
    opened()
    (course, student), _ = new
    for work in build.assignments(course)[:3]:
        build.complete(student, work, build.day(20))
    night(4)
    assert true_up().pk == true_up().pk
    run = night(5)
    assert run.result["trued_up_cents"] == 25_000 - 50_000
    found = {one.provider_id: (one.earned_cents, one.advanced_cents, one.amount_cents) for one in Reconciliation.objects.all()}
    assert sorted(found.values()) == [(0, 50_000, -50_000), (75_000, 50_000, 25_000)]
    left = balances()
    assert not any(account.startswith("year-ahead") for account in left)
    # P1 was paid what it earned in both years; what P2 owes back is carried until it earns.
    assert (left["in-payment:P1"], left.get("payable:P2")) == (-175_000, 50_000)
    assert PaymentLine.objects.get(provider_id=new[1][0].provider_id, batch__run=run).carried_out_cents == -50_000


def test_what_is_owed_back_can_be_taken_in_monthly_parts_and_a_further_true_up_settles_only_what_changed(new):
    opened()
    night(4)
    true_up(parts=3)
    night(5, 10)
    _, (course, student) = new
    build.complete(student, build.assignments(course)[0], build.day(100))
    night(5)
    true_up()
    assert night(6, 29).result["trued_up_cents"] == 25_000
    for _ in range(2):
        night(6)
    night(7)
    night(8)
    taken = [(month, cents) for month, cents in posted("true_up")]
    # P1 and P2 give 500.00 back in three parts, on 10 May and at the ends of June and July; P2 is given its 250.00 in June.
    assert taken == [(5, 16_666), (5, 16_666), (6, 25_000), (6, 16_666), (6, 16_666), (7, 16_668), (7, 16_668)]
    assert not any(account.startswith("year-ahead") for account in balances())


def test_a_re_estimate_keeps_what_was_advanced_and_moves_the_rest(new):
    opened()
    night(2)
    (course, _), _ = new
    build.enrollment(course)
    re_estimated()
    night(4)
    # 1,000.00 predicted, 250.00 of it advanced: 250.00 late with the third instalment.
    first = Transfer.objects.filter(kind="advance", provider_id=course.provider_id).order_by("business_date", "amount_cents")
    assert sorted(one.amount_cents for one in first) == [12_500, 12_500, 25_000, 50_000]


def test_a_lower_re_estimate_takes_nothing_back_and_leaves_the_rest_to_the_true_up(new):
    opened()
    night(3)
    re_estimated(anticipated=[Anticipated("P1", 1, 0)])
    night(4)
    assert sum(cents for _, cents in posted("advance")) == 75_000
    true_up()
    assert night(5).result["trued_up_cents"] == -75_000


def test_an_anticipated_count_stands_in_for_enrollments_that_are_not_on_file(before):
    build.offering("P2")
    opened(anticipated=[Anticipated("P2", 1, 12), Anticipated("P1", 0, 3)])
    assert sorted(Prediction.objects.values_list("amount_cents", flat=True)) == [0, 600_000]


def test_learning_that_moves_into_or_out_of_the_year_takes_its_money_along(new):
    opened()
    (_, student), (_, other) = new
    for one in (student, other):
        build.complete(one, build.assignments(one.offering)[0], build.day(130))
    night(5, 20)
    start = datetime.date(2026, 5, 5)
    build.re_enroll(student, start)
    night(5, 25)
    assert balances()["payable:P1"] == -(100_000 + 50_000 + 25_000)
    assert balances()["year-ahead:P1:2026-01-01"] == 50_000
    build.re_enroll(student, build.day(10))
    run = night(5, 26)
    assert (run.result["claims_changed"], run.result["transfers"], run.result["posted_cents"]) == (1, 2, 0)
    assert balances()["year-ahead:P1:2026-01-01"] == 50_000 - 25_000


def test_a_year_is_refused_that_overlaps_another_or_was_paid_from_or_has_nothing_before_it(new):
    opened()
    with pytest.raises(YearAheadRefused, match="years do not overlap"):
        opened()
    (course, _), _ = new
    late = build.enrollment(course, enrolled_on=datetime.date(2026, 5, 3))
    build.complete(late, build.assignments(course)[0], datetime.date(2026, 5, 4))
    night(5)
    options = {"program_code": "trial", "last_on": datetime.date(2026, 9, 30), "on": FIRST, "opened_by": 1}
    may, june = datetime.date(2026, 5, 1), datetime.date(2026, 6, 1)
    with pytest.raises(YearAheadRefused, match="has been paid already"):
        open_year_ahead(first_on=may, predicted_from=LAST_YEAR, schedule=monthly(may, 2), **options)
    with pytest.raises(YearAheadRefused, match="no share to predict by"):
        open_year_ahead(
            first_on=june,
            predicted_from=(may - datetime.timedelta(9), may - datetime.timedelta(1)),
            schedule=monthly(june, 2),
            **options,
        )


def test_a_year_is_decided_on_between_nights_and_trued_up_after_its_end(new):
    opened()
    with pytest.raises(YearAheadRefused, match="once a night has covered"):
        true_up()
    night(4, 29)
    with pytest.raises(YearAheadRefused, match="once a night has covered"):
        true_up()
    night(4)
    with pytest.raises(YearAheadRefused, match="Every instalment"):
        re_estimated()
    open_run(program_code="trial", business_date=datetime.date(2026, 5, 1))
    with pytest.raises(YearAheadRefused, match="has not finished"):
        true_up()


def test_a_night_that_ends_amid_its_finish_has_advanced_nothing_and_advances_once_when_it_is_done_again(new, monkeypatch):
    opened()

    def killed(*_):
        raise InterruptedError

    with monkeypatch.context() as broken:
        broken.setattr("funding.actions.finish_run._digest", killed)
        with pytest.raises(InterruptedError):
            night(1)
    assert posted("advance") == []
    run = night(1)
    assert finish_run(run=run).pk == run.pk
    assert posted("advance") == [(1, 12_500), (1, 12_500)]
