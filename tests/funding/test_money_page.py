"""docs/money.md, executed: its tables are read and every figure is what the night makes of the page's facts."""

import datetime
from pathlib import Path

import pytest

from database.areas import acting_as
from funding.actions.move_money import deposit
from funding.actions.open_fund import open_appropriation
from funding.actions.open_year_ahead import open_year_ahead
from funding.actions.run_night import run_night
from funding.actions.true_up_year import true_up_year
from funding.calc.year_ahead import monthly
from funding.models import Claim, PaymentLine, Prediction, PricedCase, Program, Transfer, TrueUp
from funding.queries.statements import statements
from funding.queries.years_ahead import years_ahead
from tests import build
from tests.pages.office import night

PAGE = Path(__file__).resolve().parents[2] / "docs" / "money.md"


def table(heading):
    """The rows of the first table below `heading`, as dictionaries by column."""
    lines = PAGE.read_text().split(f"## {heading}\n")[1].split("\n## ")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


def cents(text):
    return int(text.replace(".", ""))


def grown(provider, starts_on, *completed):
    """An offering of the page's course, and an enrollment with so many of its five assignments completed on its days, for each."""
    course = build.offering(provider, code=f"of {starts_on}", assignments=5, starts_on=starts_on)
    for days in completed:
        student = build.enrollment(course, enrolled_on=starts_on)
        for work, on in zip(build.assignments(course), days, strict=False):
            build.complete(student, work, on)


def amount(cents):
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def predicted(ids):
    """The rows of the page's table of predictions; `ids` are the providers' codes by id."""
    rows = [
        {
            "provider": ids[one.provider_id],
            "earned before": amount(one.basis["prior_earned_cents"]),
            "whole before": amount(one.basis["prior_whole_cents"]),
            "whole of the year": amount(one.basis["whole_cents"]),
            "predicted": amount(one.amount_cents),
        }
        for one in Prediction.objects.all()
    ]
    return sorted(rows, key=lambda row: row["provider"])


@pytest.mark.django_db
def test_the_pages_year_ahead_is_what_the_nights_advance_and_true_up():
    first, last = datetime.date(2026, 1, 1), datetime.date(2026, 4, 30)
    before = (datetime.date(2025, 7, 1), datetime.date(2025, 12, 31))
    build.program(rate="986.88")
    grown("P1", before[0], [before[0]] * 5, [before[0]] * 2)
    story = table("From the first instalment to the true-up")
    for provider in ("P1", "P2"):
        days, done = [], 0
        for row in story:
            if row["provider"] == provider:
                days += [datetime.date.fromisoformat(row["night"])] * (int(row["completed"]) - done)
                done = int(row["completed"])
        grown(provider, first, days)
    run_night(program_code="trial", business_date=before[1])
    open_year_ahead(
        program_code="trial",
        first_on=first,
        last_on=last,
        predicted_from=before,
        schedule=monthly(first, 4),
        on=before[1],
        opened_by=1,
    )
    program, ids = Program.objects.get(), {build.provider(code).pk: code for code in ("P1", "P2")}
    assert predicted(ids) == table("A year paid ahead")
    for night_of in sorted({row["night"] for row in story}):
        if night_of > last.isoformat() and not TrueUp.objects.exists():
            true_up_year(program_code="trial", first_on=first, asked_by=1)
        run = run_night(program_code="trial", business_date=datetime.date.fromisoformat(night_of))
        with acting_as("area_funding"):
            years = {one["provider"]: one for one in years_ahead(program_id=program.pk)[0]["providers"]}
        lines = {ids[line.provider_id]: line for line in PaymentLine.objects.filter(batch__run=run)}
        advanced = {ids[one.provider_id]: one.amount_cents for one in Transfer.objects.filter(run=run, kind="advance")}
        for row in (row for row in story if row["night"] == night_of):
            year, line = years[row["provider"]], lines[row["provider"]]
            assert row == {
                **row,
                "advanced": amount(advanced.get(row["provider"], 0)),
                "earned to date": amount(year["earned_cents"]),
                "trued up": amount(year["trued_up_cents"]),
                "still to true up": amount(year["to_true_up_cents"]),
                "pays": amount(line.amount_cents),
                "carries on": amount(line.carried_out_cents),
            }


@pytest.mark.django_db
def test_every_figure_of_the_money_page_is_what_the_night_makes_of_its_facts():
    build.program(rate="986.88")
    course = build.offering(assignments=5)
    student = build.enrollment(course, enrolled_on=datetime.date(2026, 1, 1), withdrawn_on=datetime.date(2026, 2, 20))
    works = {work.code: work for work in build.assignments(course)}
    for fact in table("The facts"):
        build.complete(student, works[fact["assignment"]], datetime.date.fromisoformat(fact["completed on"]))
    for row in table("Night by night"):
        run = run_night(program_code="trial", business_date=datetime.date.fromisoformat(row["night"]))
        case = PricedCase.objects.get(pk=Claim.objects.latest("number").case_id)
        assert (case.completed, case.held, case.earned_cents) == (int(row["completed"]), int(row["held"]), cents(row["earned"]))
        assert case.results["earned"] == row["exact"]
        assert run.result["posted_cents"] == cents(row["owed"]) == cents(row["earned"]) - cents(row["posted before"])
    with acting_as("area_funding"):
        assert statements(program_code="trial")[0]["held_cents"] == 98688 - 78950
    written = [
        {
            "date": transfer.business_date.isoformat(),
            "what": transfer.kind,
            "debit": transfer.debit_account.code,
            "credit": transfer.credit_account.code,
            "amount": f"{transfer.amount_cents // 100}.{transfer.amount_cents % 100:02d}",
        }
        for transfer in Transfer.objects.order_by("business_date", "kind")
    ]
    assert written == table("In the ledger")


@pytest.mark.django_db
def test_what_a_short_appropriation_pays_is_what_the_page_says():
    build.program(rate="986.88")
    for code, works in (
        ("P1", table("The facts")),
        ("P2", [{"assignment": f"1.{n}", "completed on": "2026-01-20"} for n in range(1, 5)]),
    ):
        course = build.offering(code, assignments=5)
        withdrawn_on = datetime.date(2026, 2, 20) if code == "P1" else None
        student = build.enrollment(course, enrolled_on=datetime.date(2026, 1, 1), withdrawn_on=withdrawn_on)
        assignments = {work.code: work for work in build.assignments(course)}
        for work in works:
            build.complete(student, assignments[work["assignment"]], datetime.date.fromisoformat(work["completed on"]))
    fund = open_appropriation(program_code="trial", fiscal_year=2026)
    for row in table("When the money runs short"):
        on = datetime.date.fromisoformat(row["settlement"])
        if row["added"]:
            deposit(fund_id=fund.pk, amount_cents=cents(row["added"]), effect=row["settlement"], on=on, reason="an act", moved_by=1)
            night(on)
        line = PaymentLine.objects.get(batch__run__business_date=on, provider_id=build.provider(row["provider"]).pk)
        assert (line.carried_in_cents, line.posted_cents) == (cents(row["waited"]), cents(row["posted"]))
        assert (line.amount_cents, line.unpaid_cents) == (cents(row["pays"]), cents(row["waits on"]))
        fund.refresh_from_db()
        assert fund.free_cents == cents(row["left in it"])
    assert PaymentLine.objects.count() == len(table("When the money runs short"))
