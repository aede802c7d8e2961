"""The night on small facts: what is earned, posted, held, given back and settled."""

import datetime

import pytest
from django.db import connection

from database.areas import acting_as
from funding.actions import work_shard as working
from funding.actions.open_run import NightRefused, open_run
from funding.actions.price_cases import CasesNotPriced
from funding.actions.run_night import run_night
from funding.models import Claim, Discrepancy, DiscrepancyResolution, PaymentBatch, PaymentLine, PricedCase, Run, Transfer
from funding.queries.statements import statements
from funding.queries.trial_balance import trial_balance
from tests import build

pytestmark = pytest.mark.django_db


def night(on):
    return run_night(program_code="trial", business_date=on)


def statement(provider="P1", as_of=None):
    with acting_as("area_funding"):
        return statements(program_code="trial", provider_code=provider, as_of=as_of)[0]


def balances():
    with acting_as("area_funding"):
        return {row["account"]: row["balance_cents"] for row in trial_balance(program_code="trial")}


@pytest.fixture
def course():
    build.program()
    return build.offering(assignments=5)


def test_a_completed_share_of_the_module_is_earned_and_posted(course):
    student = build.enrollment(course)
    for work in build.assignments(course)[:4]:
        build.complete(student, work, build.day(10))
    run = night(build.day(12))
    # 986.88 x 1 x 4 / 5 = 789.504, half up
    assert run.result["posted_cents"] == 78950
    assert run.result["claims_changed"] == run.result["transfers"] == run.result["distinct_cases"] == 1
    assert balances() == {"program-cost:state": 78950, "payable:P1": -78950, "in-payment:P1": 0, "cash": 0}
    assert statement()["earned_cents"] == statement()["posted_cents"] == 78950


def test_the_same_night_again_returns_the_recorded_run_and_posts_nothing(course):
    student = build.enrollment(course)
    build.complete(student, build.assignments(course)[0], build.day(3))
    first = night(build.day(5))
    assert night(build.day(5)).pk == first.pk
    assert night(build.day(4)).pk == first.pk
    assert Transfer.objects.count() == 1
    assert Run.objects.count() == 1


def test_five_then_four_then_five_completions_end_paid_once(course):
    student = build.enrollment(course)
    works = build.assignments(course)
    for work in works:
        build.complete(student, work, build.day(3))
    night(build.day(5))
    build.complete(student, works[0], build.day(3), sequence=1)
    assert night(build.day(6)).result["posted_cents"] == -19738
    build.complete(student, works[0], build.day(4), sequence=2)
    night(build.day(7))
    assert statement()["posted_cents"] == 98688
    assert [t.kind for t in Transfer.objects.order_by("run")] == ["earn", "recover", "earn"]


def test_a_completion_counts_from_the_evening_of_its_own_day(course):
    student = build.enrollment(course)
    build.complete(student, build.assignments(course)[0], build.day(10))
    assert night(build.day(9)).result["posted_cents"] == 0
    assert night(build.day(10)).result["posted_cents"] == 19738


def test_carried_over_work_is_recorded_and_never_paid(course):
    student = build.enrollment(course)
    build.complete(student, build.assignments(course)[0], build.day(3), carried_over=True)
    assert night(build.day(5)).result["posted_cents"] == 0
    assert Claim.objects.count() == 0


def test_work_on_the_day_of_withdrawal_counts_and_later_work_is_held(course):
    student = build.enrollment(course, withdrawn_on=build.day(10))
    first, second = build.assignments(course)[:2]
    build.complete(student, first, build.day(10))
    build.complete(student, second, build.day(11))
    run = night(build.day(20))
    assert run.result["posted_cents"] == 19738
    assert run.result["discrepancies"]["after_withdrawal"] == 1
    assert statement()["held_lines"] == 1
    # 2/5 of 986.88 is 394.752: 39475 less what is earned
    assert statement()["held_cents"] == 39475 - 19738


def test_work_before_enrollment_is_held_and_an_unknown_enrollment_date_refuses_nothing(course):
    known, unknown = build.enrollment(course, enrolled_on=build.day(5)), build.enrollment(course, enrolled_on=None)
    work = build.assignments(course)[0]
    build.complete(known, work, build.day(3))
    build.complete(unknown, work, build.day(3))
    run = night(build.day(8))
    assert run.result["discrepancies"]["before_enrolment"] == 1
    assert run.result["posted_cents"] == 19738


def resolve(outcome):
    doubt = Discrepancy.objects.get()
    DiscrepancyResolution.objects.create(discrepancy=doubt, outcome=outcome, reason="looked into", resolved_by=1)


def test_an_accepted_discrepancy_pays_in_the_next_night(course):
    student = build.enrollment(course, withdrawn_on=build.day(2))
    build.complete(student, build.assignments(course)[0], build.day(3))
    night(build.day(4))
    resolve("accepted")
    assert night(build.day(5)).result["posted_cents"] == 19738
    assert (statement()["held_lines"], statement()["held_cents"]) == (0, 0)


def test_a_dismissed_discrepancy_never_pays(course):
    student = build.enrollment(course, withdrawn_on=build.day(2))
    build.complete(student, build.assignments(course)[0], build.day(3))
    night(build.day(4))
    resolve("dismissed")
    assert night(build.day(5)).result["posted_cents"] == 0
    assert (statement()["held_lines"], statement()["held_cents"]) == (0, 0)


def test_a_withdrawal_date_corrected_at_the_source_closes_the_discrepancy_and_pays(course):
    student = build.enrollment(course, withdrawn_on=build.day(2))
    build.complete(student, build.assignments(course)[0], build.day(3))
    night(build.day(4))
    build.withdraw(student, build.day(30))
    assert night(build.day(5)).result["posted_cents"] == 19738
    assert DiscrepancyResolution.objects.get().outcome == "corrected"


def test_a_withdrawal_known_late_takes_back_what_came_after_it(course):
    student = build.enrollment(course)
    build.complete(student, build.assignments(course)[0], build.day(3))
    build.complete(student, build.assignments(course)[1], build.day(20))
    night(build.day(21))
    build.withdraw(student, build.day(10))
    assert night(build.day(22)).result["posted_cents"] == 19738 - 39475


def test_a_further_required_assignment_changes_what_the_whole_is(course):
    student = build.enrollment(course)
    for work in build.assignments(course):
        build.complete(student, work, build.day(3))
    night(build.day(4))
    works = build.assignments(course)
    works[0].__class__.objects.create(
        offering=course, module=works[0].module, code="late", title="Late", stakes="low", batch=build.batch()
    )
    night(build.day(5))
    # 5 of 6: 822.40
    assert statement()["posted_cents"] == 82240


def test_a_month_that_ends_makes_a_line_and_moves_it_into_payment(course):
    student = build.enrollment(course)
    build.complete(student, build.assignments(course)[0], build.day(3))
    night(datetime.date(2026, 1, 31))
    line = PaymentLine.objects.get()
    assert (line.posted_cents, line.amount_cents, line.carried_out_cents) == (19738, 19738, 0)
    assert balances()["in-payment:P1"] == -19738
    assert balances()["payable:P1"] == 0


def test_a_negative_month_pays_nothing_and_is_carried_forward_until_it_is_worked_off(course):
    student = build.enrollment(course)
    works = build.assignments(course)
    build.complete(student, works[0], build.day(3))
    night(datetime.date(2026, 1, 31))
    build.complete(student, works[0], build.day(3), sequence=1)
    night(datetime.date(2026, 2, 28))
    for work in works[1:4]:
        build.complete(student, work, build.day(62))
    night(datetime.date(2026, 3, 31))
    figures = ("posted_cents", "carried_in_cents", "amount_cents", "carried_out_cents")
    assert list(PaymentLine.objects.order_by("id").values_list(*figures)) == [
        (19738, 0, 19738, 0),
        (-19738, 0, 0, -19738),
        (59213, -19738, 39475, 0),
    ]


def test_a_month_in_which_nothing_happened_makes_no_batch(course):
    night(datetime.date(2026, 1, 31))
    assert PaymentBatch.objects.count() == 0


def test_the_balances_after_many_nights_equal_those_after_one(course):
    student = build.enrollment(course)
    for number, work in enumerate(build.assignments(course)):
        build.complete(student, work, build.day(20 * number + 3))
    for month in range(1, 5):
        night((datetime.date(2026, month, 28) + datetime.timedelta(days=4)).replace(day=1) - datetime.timedelta(days=1))
    assert balances()["in-payment:P1"] == -98688
    assert balances()["program-cost:state"] == 98688


def test_work_for_which_no_policy_is_in_force_is_counted_and_not_paid():
    build.program(in_force_from="2026-02-01")
    course = build.offering()
    student = build.enrollment(course)
    build.complete(student, build.assignments(course)[0], build.day(3))
    run = night(build.day(5))
    assert (run.result["not_in_force"], run.result["posted_cents"]) == (1, 0)


def test_a_policy_released_later_governs_learning_that_starts_in_its_time_only(course):
    early = build.enrollment(course)
    late = build.enrollment(course, enrolled_on=build.day(60))
    work = build.assignments(course)[0]
    build.complete(early, work, build.day(3))
    build.complete(late, work, build.day(61))
    night(build.day(65))
    build.program(rate="1000.00", in_force_from="2026-02-01")
    assert night(build.day(66)).result["posted_cents"] == 20000 - 19738


def test_an_unknown_program_is_refused_with_the_known_ones(course):
    with pytest.raises(NightRefused, match="there is: trial"):
        run_night(program_code="nowhere", business_date=build.day(1))


def test_a_case_that_finds_no_price_stops_the_night_and_loses_nobody(course):
    student = build.enrollment(course)
    build.complete(student, build.assignments(course)[0], build.day(3))
    night(build.day(4))
    build.complete(student, build.assignments(course)[1], build.day(5))
    with connection.cursor() as cursor:
        # What a failover can do to a sequence.
        sequence = "pg_get_serial_sequence('funding.funding_pricedcase', 'id')"
        cursor.execute(f"SELECT setval({sequence}, max(id), false) FROM funding_pricedcase")
    with pytest.raises(CasesNotPriced, match="1 cases were measured and 0 have a price"):
        night(build.day(6))


def test_a_shard_that_ends_between_pricing_and_posting_posted_nothing_and_is_done_again(course, monkeypatch):
    student = build.enrollment(course)
    build.complete(student, build.assignments(course)[0], build.day(3))

    def killed(*_):
        raise InterruptedError

    with monkeypatch.context() as broken:
        broken.setattr(working, "_finish", killed)
        with pytest.raises(InterruptedError):
            night(build.day(4))
    assert PricedCase.objects.count() == 1
    assert not Transfer.objects.exists()
    assert not Claim.objects.exists()
    assert night(build.day(4)).result["transfers"] == 1
    assert PricedCase.objects.count() == 1


def test_an_open_night_sees_nothing_of_an_intake_that_came_after_it_was_opened(course):
    student, other = build.enrollment(course), build.enrollment(course, withdrawn_on=build.day(2))
    for one in (student, other):
        build.complete(one, build.assignments(course)[0], build.day(5))
    open_run(program_code="trial", business_date=build.day(6))
    build.withdraw(student, build.day(3))
    build.withdraw(student, build.day(4))
    build.withdraw(other, None)
    build.complete(student, build.assignments(course)[1], build.day(2))
    assert (night(build.day(6)).result["posted_cents"], statement()["held_lines"]) == (19738, 1)
    assert night(build.day(7)).result["posted_cents"] == 19738
