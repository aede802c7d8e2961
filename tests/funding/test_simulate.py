"""Two policies over recorded learning: the sums are those of a plain recount, the books stay as they are, the page shows it."""

import datetime
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from enrollments.models import AttestedMilestone, Need, Residence
from funding.actions.run_night import run_night
from funding.calc.simulation import Sum
from funding.models import Transfer
from people.models import Organization
from tests import build

pytestmark = pytest.mark.django_db
PACKS = Path(__file__).parents[2] / "funding" / "packs"
RATE = Fraction("986.88")


def cents(amount):
    return Fraction((2 * amount * 100 + 1).__floor__() // 2, 100)


@pytest.fixture
def ground():
    """Two providers, two modules of half a credit with two assignments each, five enrollments; needs, districts, a milestone."""
    district = Organization.objects.create(kind="district", code="D1", name="District One")
    enrolled = []
    for number, code in enumerate(["P1", "P1", "P1", "P2", "P2"]):
        offering = build.offering(code, code=f"{code} course {number}", modules=2, assignments=4)
        one = build.enrollment(offering)
        for assignment in build.assignments(offering)[:number]:
            build.complete(one, assignment, build.day(10 + number))
        enrolled.append(one)
    batch = build.batch()
    Need.objects.create(enrollment=enrolled[1], category="low_income", batch=batch)
    Need.objects.create(enrollment=enrolled[3], category="low_income", batch=batch)
    Need.objects.create(enrollment=enrolled[3], category="special_education", batch=batch)
    Residence.objects.create(enrollment=enrolled[0], district=district, batch=batch)
    AttestedMilestone.objects.create(
        enrollment=enrolled[4], milestone="passed", attained_on=build.day(60), attested_by=build.officer(), batch=batch
    )
    return enrolled


def simulate(policy, against, capsys, **options):
    files = {"policy": str(PACKS / f"{policy}.yaml"), "against": str(PACKS / f"{against}.yaml")}
    call_command("simulate", **files, catalogue="trial", year=2025, json=True, **options)
    return json.loads(capsys.readouterr().out)


def by_name(rows):
    return {row["name"]: row for row in rows}


def test_what_each_policy_pays_is_what_a_recount_says(ground, capsys):
    report = simulate("completion", "need-weighted", capsys)
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT e.id, o.code, m.credit_numerator, m.credit_denominator,
                   (SELECT count(*) FROM learning.enrollments_assignment x WHERE x.module_id = m.id AND x.offering_id = o.id),
                   (SELECT count(*) FROM learning.enrollments_completion c
                    JOIN learning.enrollments_assignment x ON x.id = c.assignment_id
                    WHERE c.enrollment_id = e.id AND x.module_id = m.id)
            FROM learning.enrollments_enrollment e JOIN learning.enrollments_offering o ON o.id = e.offering_id
            JOIN learning.enrollments_module m ON m.course_id = o.course_id""")
        rows = cursor.fetchall()
    weight = {ground[1].pk: Fraction("1.25"), ground[3].pk: Fraction("1.45")}
    plain = weighted = Fraction(0)
    for enrollment, _, numerator, denominator, assigned, done in rows:
        each = RATE * Fraction(numerator, denominator) * Fraction(done, assigned)
        plain += cents(each)
        weighted += cents(each * weight.get(enrollment, 1))
    assert plain > 0
    assert (Fraction(report["total"]["first"]), Fraction(report["total"]["second"])) == (plain, weighted)
    assert Fraction(report["total"]["change"]) == weighted - plain
    assert report["units"] == len(rows)
    for table in ("by_provider", "by_district", "by_concentration"):
        assert sum(Fraction(row["second"]) for row in report[table]) == weighted
    groups = by_name(report["by_group"])
    assert set(groups) == {"low_income", "special_education", "no_need"}
    assert groups["no_need"]["change"] == "0.00"
    assert groups["special_education"]["gains"] is True
    assert by_name(report["by_district"]).keys() == {"D1", ""}


def test_the_night_pays_what_the_simulation_says(ground, capsys):
    code = build.program(rate="986.88")
    run_night(program_code=code, business_date=build.day(90))
    posted = Decimal(sum(Transfer.objects.filter(kind="earn").values_list("amount_cents", flat=True))) / 100
    assert Decimal(simulate("completion", "milestone", capsys)["total"]["first"]) == posted


def test_a_milestone_pays_every_module_of_its_enrollment_and_nothing_else(ground, capsys):
    report = simulate("completion", "milestone", capsys)
    paid = {row["name"]: row["second"] for row in report["by_provider"]}
    assert paid == {"P1": "0.00", "P2": "986.88"}
    before = simulate("completion", "milestone", capsys, as_of=build.day(59))
    assert before["total"]["second"] == "0.00"


def test_chance_moves_a_small_provider_more_and_one_that_is_paid_on_results_most():
    def provider(enrollments):
        money = Sum()
        for number in range(enrollments):
            money.add(1, 0, (Fraction(50), Fraction(100 * (number % 2))))
        return money

    assert provider(4).swing(0) == 0
    assert provider(4).swing(1) == Decimal("0.5")
    assert provider(400).swing(1) == Decimal("0.05")


def test_the_books_stay_as_they_are(ground, capsys):
    tables = [name for name in connection.introspection.table_names() if name.startswith("funding_")]
    simulate("completion", "need-weighted", capsys)
    with connection.cursor() as cursor:
        for name in tables:
            cursor.execute(f"SELECT count(*) FROM {name}")
            assert cursor.fetchone() == (0,), name


def test_the_page_stands_alone_and_has_a_picture_of_every_row(ground, capsys, tmp_path):
    page = tmp_path / "report.html"
    report = simulate("completion", "need-weighted", capsys, html=str(page))
    text = page.read_text()
    rows = 1 + sum(len(report[name]) for name in ("by_provider", "by_district", "by_group", "by_concentration"))
    assert text.count('class="first" y="1"') == rows
    assert "http" not in text.replace("https://", "http://").replace("http://www.w3.org", "")
    assert "<script" not in text


def test_the_questions_are_answered_from_the_policies_own_lines(ground, capsys):
    plain, milestone = (one["questions"] for one in simulate("completion", "milestone", capsys)["policies"])
    assert plain["Do they reward enrolment, or demonstrated learning?"] == "Completed low-stakes work pays."
    assert milestone["Do they reward enrolment, or demonstrated learning?"] == "An attested outcome pays: high stakes."
    assert plain["Do they support moving at a flexible pace?"].startswith("No line counts days")
    assert milestone["Do they move teachers to care for every student's achievement?"].startswith("There is a threshold")


def test_people_read_tables_and_what_cannot_be_simulated_is_refused(ground, capsys):
    call_command(
        "simulate", policy=str(PACKS / "completion.yaml"), against=str(PACKS / "need-weighted.yaml"), catalogue="trial", year=2025
    )
    assert "No line counts days or months" in capsys.readouterr().out
    with pytest.raises(CommandError, match=r"grades_to_grow \(grade levels .*\) is not in the record"):
        simulate("completion", "growth-weighted", capsys)
    with pytest.raises(CommandError, match="they cannot stand side by side"):
        simulate("completion", "uk-apprenticeships", capsys)
    with pytest.raises(CommandError, match="has no learning that started from 2025-07-01 to 2026-06-30"):
        call_command(
            "simulate", policy=str(PACKS / "completion.yaml"), against=str(PACKS / "milestone.yaml"), catalogue="none", year=2025
        )
    assert datetime.date(2025, 7, 1) <= build.START
