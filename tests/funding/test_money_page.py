"""docs/money.md, executed: its tables are read and every figure is what the night makes of the page's facts."""

import datetime
from pathlib import Path

import pytest

from database.areas import acting_as
from funding.actions.move_money import deposit
from funding.actions.open_fund import open_appropriation
from funding.actions.run_night import run_night
from funding.models import Claim, PaymentLine, PricedCase, Transfer
from funding.queries.statements import statements
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
        assert case.trace[-2]["result"] == row["exact"]
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
