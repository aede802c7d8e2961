"""Policies over recorded learning: the sums are those of a plain recount, the books stay as they are, the page shows it."""

import datetime
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Sum

from enrollments.models import AttestedMilestone, Need, PriorLearning, Residence
from funding.actions.run_night import run_night
from funding.calc.simulation import Sum as Row
from funding.calc.simulation_report import bars
from funding.models import Transfer
from people.models import Organization
from tests import build

pytestmark = pytest.mark.django_db
PACKS = Path(__file__).parents[2] / "funding" / "packs"
RATE = Fraction("986.88")
TABLES = ("by_provider", "by_district", "by_group", "by_concentration")


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


def simulate(capsys, policy, *against, **options):
    files = {"policy": str(PACKS / f"{policy}.yaml"), "against": [str(PACKS / f"{one}.yaml") for one in against]}
    record = {} if "facts" in options else {"catalogue": "trial", "year": 2025}
    call_command("simulate", **files, **record, json=True, **options)
    return json.loads(capsys.readouterr().out)


def by_name(rows):
    return {row["name"]: row for row in rows}


def amounts(row):
    return [Fraction(cell["amount"]) for cell in row["policies"]]


def recount():
    """What each of three packs pays for the ground, by enrollment, from the tables and with arithmetic of its own:
    (completion, milestone, need-weighted)."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT e.id, m.credit_numerator, m.credit_denominator,
                   (SELECT count(*) FROM learning.enrollments_assignment x WHERE x.module_id = m.id AND x.offering_id = o.id),
                   (SELECT count(*) FROM learning.enrollments_completion c
                    JOIN learning.enrollments_assignment x ON x.id = c.assignment_id
                    WHERE c.enrollment_id = e.id AND x.module_id = m.id),
                   EXISTS (SELECT FROM learning.enrollments_attestedmilestone a WHERE a.enrollment_id = e.id)
            FROM learning.enrollments_enrollment e JOIN learning.enrollments_offering o ON o.id = e.offering_id
            JOIN learning.enrollments_module m ON m.course_id = o.course_id""")
        return cursor.fetchall()


def test_what_each_of_three_policies_pays_is_what_a_recount_says(ground, capsys):
    report = simulate(capsys, "completion", "milestone", "need-weighted")
    weight = {ground[1].pk: Fraction("1.25"), ground[3].pk: Fraction("1.45")}
    rows, expected, for_need = recount(), [Fraction(0)] * 3, Fraction(0)
    for enrollment, numerator, denominator, assigned, done, passed in rows:
        whole = RATE * Fraction(numerator, denominator)
        each = whole * Fraction(done, assigned)
        weighted = cents(each * weight.get(enrollment, 1))
        paid = (cents(each), whole if passed else 0, weighted)
        expected = [before + more for before, more in zip(expected, paid, strict=True)]
        for_need += weighted if enrollment in weight else 0
    assert all(amount > 0 for amount in expected)
    assert amounts(report["total"]) == expected
    assert [Fraction(cell["change"]) for cell in report["total"]["policies"]] == [one - expected[0] for one in expected]
    assert report["units"] == len(rows)
    for table in ("by_provider", "by_district", "by_concentration"):
        assert [sum(column) for column in zip(*map(amounts, report[table]), strict=True)] == expected
    groups = by_name(report["by_group"])
    assert set(groups) == {"low_income", "special_education", "no_need"}
    assert groups["no_need"]["policies"][2]["change"] == "0.00"
    assert groups["special_education"]["policies"][2]["gains"] is True
    assert by_name(report["by_district"]).keys() == {"D1", ""}
    # Two modules each: of one student in one category of need, of another in two.
    assert (report["total"]["in_need"], report["total"]["needs"]) == (4, 6)
    assert Fraction(report["total"]["policies"][2]["per_need"]) == cents(for_need / 6)
    assert Fraction(report["total"]["policies"][2]["per_unit_in_need"]) == cents(for_need / 4)
    assert Fraction(report["total"]["policies"][2]["per_unit_without_need"]) == cents((expected[2] - for_need) / 6)


def test_who_gains_and_who_loses_against_the_base_is_counted_and_the_most_named(ground, capsys):
    base, milestone, weighted = simulate(capsys, "completion", "milestone", "need-weighted")["policies"]
    assert "against_base" not in base
    providers = milestone["against_base"]["by_provider"]
    assert (providers["gain"], providers["lose"]) == (1, 1)
    # 3 of 8 and 4 of 8 of a course, against a passed one; 1 and 2 of 8, against none.
    assert providers["most"] == {"name": "P2", "change": "123.36"}
    assert providers["least"] == {"name": "P1", "change": "-370.08"}
    groups = weighted["against_base"]["by_group"]
    assert (groups["gain"], groups["lose"], groups["least"]) == (2, 0, None)


def test_the_night_pays_what_the_simulation_says(ground, capsys):
    code = build.program(rate="986.88")
    run_night(program_code=code, business_date=build.day(90))
    posted = Decimal(sum(Transfer.objects.filter(kind="earn").values_list("amount_cents", flat=True))) / 100
    assert amounts(simulate(capsys, "completion", "milestone")["total"])[0] == posted


ASKING = """
policy: asking
name: A program of the tests that asks for much
currency: USD
in_force_from: 2025-07-01
governed_by: start_of_learning
stakes: low
program:
  code: asking
  catalogue: trial
  fiscal_year_starts_month: 7
  unit: UNIT
  timetable: by_hand
  reads:
    months: {months_learned: {at_most: 3}}
    days: {days_learned: {at_most: 40}}
    part: {by_provider: {P1: "1", P2: "0.5"}}
    of_course: {by_course: {P1 P1 course 1: "3"}, otherwise: "2"}
    modules_done: modules_completed
basis: {title: The tests, section: invented, link: docs/money.md}
rounding: {step: "0.01", mode: half_up, of: each_payment}
facts:
  start_of_learning: {is: date, measure: enrollment, label: the day on which learning started}
  credit: {is: number, measure: enrollment, label: credit}
  assigned: {is: number, measure: enrollment, label: low-stakes assignments}
  completed: {is: number, measure: completion, label: low-stakes assignments completed}
  months: {is: number, measure: enrollment, label: months in learning}
  days: {is: number, measure: enrollment, label: days in learning}
  part: {is: number, measure: enrollment, label: part of the provider}
  of_course: {is: number, measure: enrollment, label: amount of the course}
  modules_done: {is: number, measure: completion, label: modules completed}
  grades_to_grow: {is: number, measure: prior_learning, label: grades to grow, otherwise: "0"}
  low_income: {is: flag, measure: need, label: low income}
figures:
  rate: {label: rate, unit: USD, values: [{from: 2025-07-01, value: "986.88", invented: a test}]}
lines:
  share: {says: The share completed., quotient: {of: completed, by: assigned, if_nothing: zero}}
  growth: {says: One and the grades., sum: ["1", grades_to_grow]}
  for_work: {says: Work., product: [rate, credit, share, growth, part]}
  for_need: {says: Need., when: {flag: low_income, then: rate}}
  earned: {says: All., sum: [for_work, for_need, months, days, of_course, modules_done]}
pays:
  - {line: earned, to: provider, from: state}
"""


@pytest.mark.parametrize("unit", ["module", "enrollment"])
def test_a_policy_that_asks_for_much_is_simulated_as_the_night_pays_it(ground, capsys, tmp_path, unit):
    PriorLearning.objects.create(
        enrollment=ground[2], measure="grades_to_grow", numerator=1, denominator=2, attested_by=build.officer(), batch=build.batch()
    )
    build.complete(ground[3], build.assignments(ground[3].offering)[3], build.day(20))
    build.withdraw(ground[1], build.day(30))
    build.withdraw(ground[4], build.day(-5))
    text = ASKING.replace("UNIT", unit)
    build.in_force(text)
    run_night(program_code="asking", business_date=build.day(75))
    posted = {provider: Fraction(cents, 100) for provider, cents in Transfer.objects.filter(kind="earn").values_list(
        "claim__provider_id").annotate(Sum("amount_cents"))}  # fmt: skip
    file = tmp_path / "asking.yaml"
    file.write_text(text)
    call_command("simulate", policy=str(file), against=[str(PACKS / "completion.yaml")], catalogue="trial", year=2025,
                 as_of=build.day(75), json=True)  # fmt: skip
    report = json.loads(capsys.readouterr().out)
    assert report["units"] == 10, "enrollment-modules, whatever is priced at a time"
    codes = dict(Organization.objects.values_list("code", "id"))
    assert {codes[row["name"]]: amounts(row)[0] for row in report["by_provider"]} == posted
    assert all(amount > 0 for amount in posted.values())
    # The plain policy pays the same, whatever is priced at a time beside it.
    assert amounts(report["total"])[1] == amounts(simulate(capsys, "completion", "milestone", as_of=build.day(75))["total"])[0]


def test_a_milestone_pays_every_module_of_its_enrollment_and_nothing_else(ground, capsys):
    report = simulate(capsys, "completion", "milestone")
    paid = {row["name"]: amounts(row)[1] for row in report["by_provider"]}
    assert paid == {"P1": 0, "P2": RATE}
    before = simulate(capsys, "completion", "milestone", as_of=build.day(59))
    assert amounts(before["total"])[1] == 0


def test_chance_moves_a_small_provider_more_and_one_that_is_paid_on_results_most():
    def provider(enrollments):
        money = Row(2)
        for number in range(enrollments):
            money.add(1, 0, (Fraction(50), Fraction(100 * (number % 2))))
        return money

    assert provider(4).swing(0) == 0
    assert provider(4).swing(1) == Decimal("0.5")
    assert provider(400).swing(1) == Decimal("0.05")


def test_bars_are_as_long_as_what_they_show_and_turn_where_money_is_lost():
    rows = [
        {"policies": [{"amount": "200.00", "change": "0.00"}, {"amount": "150.00", "change": "-50.00"}]},
        {"policies": [{"amount": "0.00", "change": "0.00"}, {"amount": "25.00", "change": "25.00"}]},
    ]
    assert bars(rows) == [[(1000, 0), (750, -1000)], [(0, 0), (125, 500)]]
    assert bars([]) == []
    assert bars([{"policies": [{"amount": "0.00", "change": "0.00"}]}]) == [[(0, 0)]]


def test_the_books_stay_as_they_are(ground, capsys):
    tables = [name for name in connection.introspection.table_names() if name.startswith("funding_")]
    simulate(capsys, "completion", "need-weighted")
    with connection.cursor() as cursor:
        for name in tables:
            cursor.execute(f"SELECT count(*) FROM {name}")
            assert cursor.fetchone() == (0,), name


def test_the_page_stands_alone_and_shows_every_row_of_every_policy(ground, capsys, tmp_path):
    page = tmp_path / "report.html"
    report = simulate(capsys, "completion", "milestone", "need-weighted", html=str(page))
    text = page.read_text()
    rows = sum(len(report[name]) for name in TABLES)
    assert text.count('<th scope="rowgroup"') == rows
    assert text.count("<svg") == rows * 5, "an amount for each of three policies, a change for two"
    assert text.count("high stakes: an attested outcome pays") == 1
    assert text.count("<dd>") == 18
    assert "http" not in text
    assert "<script" not in text


def test_the_page_is_in_the_language_asked_for(ground, capsys, tmp_path):
    page = tmp_path / "report.html"
    simulate(capsys, "completion", "need-weighted", html=str(page), language="es")
    text = page.read_text()
    assert '<html lang="es">' in text
    assert "¿Permiten avanzar a un ritmo flexible?" in text
    assert "Do they" not in text


def test_the_questions_are_answered_from_the_policies_own_lines(ground, capsys):
    plain, milestone = (one["questions"] for one in simulate(capsys, "completion", "milestone")["policies"])
    assert plain["Do they reward enrolment, or demonstrated learning?"] == "Completed low-stakes work alone pays."
    assert milestone["Do they reward enrolment, or demonstrated learning?"] == "An attested outcome alone pays: high stakes."
    assert plain["Do they support moving at a flexible pace?"].startswith("No line counts days")
    assert milestone["Do they move teachers to care for every student's achievement?"].startswith("There is a threshold")


def test_people_read_tables_and_what_cannot_be_simulated_is_refused(ground, capsys):
    packs = {name: str(PACKS / f"{name}.yaml") for name in ("completion", "need-weighted", "milestone")}
    call_command(
        "simulate", policy=packs["completion"], against=[packs["need-weighted"], packs["milestone"]], catalogue="trial", year=2025
    )
    told = capsys.readouterr().out
    assert "No line counts days or months" in told
    assert "low income: 4 enrollment-modules, 4 of students in need" in told
    with pytest.raises(CommandError, match=r"no grades_to_grow \(grade levels .*\) is attested; attest it"):
        simulate(capsys, "completion", "growth-weighted")
    with pytest.raises(CommandError, match="they cannot stand side by side"):
        simulate(capsys, "completion", "milestone", "uk-apprenticeships")
    with pytest.raises(CommandError, match="At most 6 policies stand side by side; here are 7"):
        simulate(capsys, "completion", *["milestone"] * 6)
    with pytest.raises(CommandError, match="has no learning that started from 2001-07-01 to 2002-06-30"):
        call_command("simulate", policy=packs["completion"], against=[packs["milestone"]], catalogue="trial", year=2001)
    with pytest.raises(CommandError, match="Catalogue 'stat' is not on file; on file are trial"):
        call_command("simulate", policy=packs["completion"], against=[packs["milestone"]], catalogue="stat", year=2025)
    with pytest.raises(CommandError, match=r"Name the learning: --catalogue CODE --year YEAR .* or --facts FILE"):
        call_command("simulate", policy=packs["completion"], against=[packs["milestone"]])
    assert datetime.date(2025, 7, 1) <= build.START


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"year": 99999}, "--year is a year from 1900 to 2199, not 99999"),
        ({"year": -1}, "--year is a year from 1900"),
        ({"years": 0}, "--years is a number from 1 to 100, not 0"),
        ({"years": 99999}, "--years is a number"),
        ({"html": "/nonexist/x.html"}, "x.html cannot be written: there is no folder /nonexist"),
        ({"html": str(PACKS)}, "packs is a folder; name the file in it"),
        ({"html": "/proc/x.html"}, "/proc/x.html cannot be written: "),
    ],
)
def test_a_year_or_a_page_that_cannot_be_is_refused_in_a_sentence(ground, given, says):
    packs = {"policy": str(PACKS / "completion.yaml"), "against": [str(PACKS / "need-weighted.yaml")]}
    with pytest.raises(CommandError, match=says):
        call_command("simulate", **{**packs, "catalogue": "trial", "year": 2025, **given})


def test_what_a_policy_asks_is_told_with_how_far_it_stands(ground, capsys, tmp_path):
    report = simulate(capsys, "completion", "milestone", "need-weighted")
    asked = {(one["of"], one["word"]): (one["letters"], one["stands"]) for one in report["asked"]}
    assert asked == {
        ("milestone", "passed"): (["B"], 2),
        ("need", "low_income"): (["C"], 4),
        ("need", "special_education"): (["C"], 2),
    }
    page, before = tmp_path / "report.html", build.day(59)
    simulate(capsys, "completion", "milestone", "need-weighted", html=str(page), as_of=before)
    none = "B: the milestone passed stands for none of the 10 enrollment-modules; all are paid as without it."
    assert f"<strong>{none}</strong>" in page.read_text()
    files = [str(PACKS / f"{name}.yaml") for name in ("completion", "milestone", "need-weighted")]
    call_command("simulate", policy=files[0], against=files[1:], catalogue="trial", year=2025, as_of=before)
    said = capsys.readouterr().out
    assert f"{none}\n" in said
    assert "C: the need low_income stands for 4 of 10 enrollment-modules.\n" in said


def test_a_milestone_that_is_not_on_file_is_refused(ground, tmp_path):
    text = (PACKS / "milestone.yaml").read_text()
    file = tmp_path / "algebra.yaml"
    file.write_text(text.replace("passed", "algebra_done"))
    with pytest.raises(CommandError, match=r"algebra.yaml: No milestone on file is called algebra_done; on file are .*passed"):
        call_command("simulate", policy=str(PACKS / "completion.yaml"), against=[str(file)], catalogue="trial", year=2025)
