"""A settlement pays no more than its year's appropriation holds; what it does not reach waits, and comes first."""

import datetime

import pytest
from django.core.management import call_command

from database.areas import acting_as
from funding.actions.move_money import deposit
from funding.actions.open_fund import open_appropriation
from funding.actions.release_batch import release_batch
from funding.models import FundMovement, PaymentBatch, PaymentLine
from funding.queries.fund_verification import fund_findings
from funding.queries.trial_balance import trial_balance
from funding.queries.verification import findings
from tests import build
from tests.database.statements import run as execute
from tests.pages.office import night, person

pytestmark = pytest.mark.django_db
JANUARY, FEBRUARY, MARCH = datetime.date(2026, 1, 31), datetime.date(2026, 2, 28), datetime.date(2026, 3, 31)
# 986.88 x 1 x 1/4
EACH = 24672


@pytest.fixture
def courses():
    """P1 and P2 with an enrollment each, one assignment of four completed in January."""
    build.program()
    courses = {code: build.offering(code) for code in ("P1", "P2")}
    students = {code: build.enrollment(course) for code, course in courses.items()}
    for code, course in courses.items():
        build.complete(students[code], build.assignments(course)[0], build.day(5))
    return {code: (students[code], build.assignments(course)) for code, course in courses.items()}


def appropriate(cents, effect="first"):
    fund = open_appropriation(program_code="trial", fiscal_year=2026)
    if cents:
        deposit(fund_id=fund.pk, amount_cents=cents, effect=effect, on=build.day(1), reason="the budget act", moved_by=1)
    return fund


def lines_of(on):
    found = PaymentLine.objects.filter(batch__run__business_date=on).order_by("provider_id")
    return list(found.values_list("carried_in_cents", "amount_cents", "unpaid_cents"))


def stands(fund):
    fund.refresh_from_db()
    return fund.free_cents, fund.reserved_cents, fund.spent_cents


def balances():
    with acting_as("area_funding"):
        return {row["account"]: row["balance_cents"] for row in trial_balance(program_code="trial")}


def assert_clean(fund):
    with acting_as("area_funding"):
        assert [*findings(program=fund.program), *fund_findings(program=fund.program)] == []


def test_without_an_appropriation_nothing_limits_a_settlement(courses):
    night(JANUARY)
    assert lines_of(JANUARY) == [(0, EACH, 0)] * 2
    assert not FundMovement.objects.exists()


def test_an_appropriation_of_another_year_is_not_asked(courses):
    open_appropriation(program_code="trial", fiscal_year=2027)
    night(JANUARY)
    assert lines_of(JANUARY) == [(0, EACH, 0)] * 2


def test_what_it_does_not_reach_is_prorated_to_the_cent_and_stays_payable(courses):
    fund = appropriate(30_001)
    night(JANUARY)
    assert lines_of(JANUARY) == [(0, 15_001, EACH - 15_001), (0, 15_000, EACH - 15_000)]
    assert stands(fund) == (0, 30_001, 0)
    drawn = FundMovement.objects.get(kind="reserve")
    assert (drawn.amount_cents, drawn.run.business_date, drawn.moved_by) == (30_001, JANUARY, None)
    assert balances()["payable:P1"] == -(EACH - 15_001)
    assert_clean(fund)
    assert PaymentBatch.objects.count() == 1
    night(JANUARY)
    assert stands(fund) == (0, 30_001, 0)


def test_an_appropriation_of_nothing_pays_nothing_and_loses_nothing(courses):
    fund = appropriate(0)
    night(JANUARY)
    assert lines_of(JANUARY) == [(0, 0, EACH)] * 2
    assert stands(fund) == (0, 0, 0)
    night(FEBRUARY)
    assert lines_of(FEBRUARY) == [(EACH, 0, EACH)] * 2
    assert balances()["payable:P1"] == -EACH
    assert_clean(fund)


def test_exactly_enough_pays_everything(courses):
    fund = appropriate(2 * EACH)
    night(JANUARY)
    assert lines_of(JANUARY) == [(0, EACH, 0)] * 2
    assert stands(fund) == (0, 2 * EACH, 0)


def test_what_is_added_later_goes_first_to_what_waited(courses):
    fund = appropriate(10_000)
    night(JANUARY)
    student, works = courses["P2"]
    build.complete(student, works[1], build.day(40))
    appropriate(2 * EACH - 10_000 + 100, effect="second")
    night(FEBRUARY)
    left = EACH - 5_000
    assert lines_of(FEBRUARY) == [(left, left, 0), (left, left + 100, EACH - 100)]
    appropriate(10 * EACH, effect="third")
    night(MARCH)
    assert lines_of(MARCH) == [(EACH - 100, EACH - 100, 0)]
    assert balances()["payable:P1"] == balances()["payable:P2"] == 0
    assert stands(fund) == (10 * EACH - EACH + 100, 3 * EACH, 0)
    assert_clean(fund)


def test_work_taken_back_meanwhile_is_taken_from_what_waits(courses):
    fund = appropriate(10_000)
    night(JANUARY)
    student, works = courses["P1"]
    build.complete(student, works[0], build.day(5), sequence=1)
    night(FEBRUARY)
    # 5000 were settled to P1, which has earned nothing after all: a debt. P2 waits on.
    assert lines_of(FEBRUARY) == [(EACH - 5_000, 0, 0), (EACH - 5_000, 0, EACH - 5_000)]
    assert PaymentLine.objects.get(batch__run__business_date=FEBRUARY, carried_out_cents__lt=0).carried_out_cents == -5_000
    assert_clean(fund)


def test_a_release_spends_what_was_reserved_and_verify_sees_both(courses):
    fund = appropriate(30_000)
    batch = PaymentBatch.objects.get(run=night(JANUARY))
    release_batch(batch_id=batch.pk, released_by=1, on=build.day(34))
    assert stands(fund) == (0, 0, 30_000)
    assert balances()["cash"] == -30_000
    assert_clean(fund)


@pytest.mark.parametrize(
    ("planted", "row"),
    [
        ("UPDATE funding.funding_fund SET free_cents = 7", "fund appropriation-2026"),
        ("UPDATE funding.funding_fundmovement SET amount_cents = 29999 WHERE kind = 'reserve'", "the batch of 2026-01-31"),
        ("DELETE FROM funding.funding_fundmovement WHERE kind = 'deposit'", "fund appropriation-2026"),
        ("UPDATE funding.funding_funditem SET spent_cents = 5", "an item of fund appropriation-2026"),
        ("DELETE FROM funding.funding_fundmovement WHERE kind = 'spend'", "the batch of 2026-01-31"),
    ],
)
def test_what_a_superuser_plants_in_a_fund_is_found_by_its_name(courses, planted, row, capsys):
    fund = appropriate(30_000)
    release_batch(batch_id=PaymentBatch.objects.get(run=night(JANUARY)).pk, released_by=1, on=build.day(34))
    execute("SET session_replication_role = replica")
    execute(planted)
    execute("SET session_replication_role = origin")
    with acting_as("area_funding"):
        assert row in [finding.row for finding in fund_findings(program=fund.program)]
    with pytest.raises(SystemExit):
        call_command("verify")
    assert f"trial: {row}: " in capsys.readouterr().out


def test_an_appropriation_that_is_opened_late_says_what_it_does_not_count(courses, capsys):
    night(JANUARY)
    says = f"{2 * EACH / 100:.2f} USD of this year were settled before there was one and are not counted"
    by = person("finance_officer", build.provider("P1")).username
    call_command("appropriation", "trial", "2026", "--add", "100", "--by", by, "--reason", "late")
    assert says in capsys.readouterr().out
    student, works = courses["P2"]
    build.complete(student, works[1], build.day(40))
    night(FEBRUARY)
    call_command("funds")
    assert says in capsys.readouterr().out
    open_appropriation(program_code="trial", fiscal_year=2027)
    call_command("appropriation", "trial", "2027", "--add", "100", "--by", by, "--reason", "in time")
    assert "not counted" not in capsys.readouterr().out


def test_what_waited_into_a_year_without_an_appropriation_is_paid_and_the_night_says_so(courses, capsys):
    appropriate(10_000)
    for on in (JANUARY, FEBRUARY, datetime.date(2026, 7, 31)):
        call_command("nightly", program="trial", date=on)
    *before, july = capsys.readouterr().out.split("run  ")[1:]
    assert "no limit" not in "".join(before)
    said = f"{(2 * EACH - 10_000) / 100:.2f} USD had waited for an appropriation and were paid, as this fiscal year has none"
    assert f"no limit        {said}" in july


@pytest.mark.urls("config.urls_office")
def test_pages_files_and_commands_say_what_is_paid_of_what_is_due(courses, client, capsys):
    appropriate(30_001)
    line = PaymentLine.objects.filter(batch__run=night(JANUARY)).earliest("provider_id")
    client.force_login(person("auditor", build.provider("P1")))
    provider = build.provider("P1").uuid
    says = "150.01 USD of 246.72 USD; the rest waits for the appropriation."
    assert says in client.get(f"/statements/{provider}/").content.decode()
    assert f"The line pays {says}" in client.get(f"/lines/{line.pk}/").content.decode()
    # Posted 246.72, of which 150.01 are paid and 96.71 wait; the row adds up.
    assert '<td class="credence-money">96.71 USD</td>' in client.get(f"/statements/{provider}/").content.decode()
    batch = client.get(f"/payments/{line.batch_id}/").content.decode()
    assert '<td class="credence-money">96.71 USD</td>' in batch
    assert says in batch
    assert "<dt>Waits for the appropriation</dt><dd>193.43 USD</dd>" in batch
    in_spanish = client.get(f"/lines/{line.pk}/", headers={"accept-language": "es"}).content.decode()
    assert "La línea paga 150.01 USD de 246.72 USD; el resto espera la asignación presupuestaria." in in_spanish
    rows = client.get(f"/statements/{provider}/csv/").content.decode().splitlines()
    assert f"P1,trial,2026-01-31,unpaid,{line.pk},2026-01-31,waits for the appropriation,96.71,USD" in rows
    call_command("statement", "--provider", "P1")
    assert "150.01 USD  waits for release; of 246.72 USD due, the rest waits for the appropriation" in capsys.readouterr().out


@pytest.mark.urls("config.urls_office")
def test_a_line_that_nothing_reached_does_not_say_that_nothing_is_due(courses, client):
    appropriate(0)
    night(JANUARY)
    client.force_login(person("auditor", build.provider("P1")))
    page = client.get(f"/statements/{build.provider('P1').uuid}/").content.decode()
    assert "0.00 USD of 246.72 USD; the rest waits for the appropriation." in page
    assert "Nothing to pay" not in page
