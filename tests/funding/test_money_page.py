"""docs/money.md, executed: its tables are read and every figure is what the night makes of the page's facts."""

import datetime
from pathlib import Path

import pytest

from database.areas import acting_as
from funding.actions.run_night import run_night
from funding.models import Claim, PricedCase, Transfer
from funding.queries.statements import statements
from tests import build

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
        assert case.trace[2]["result"] == row["exact"]
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
