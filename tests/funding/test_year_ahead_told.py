"""A year paid ahead as people meet it: by command, in statements, explanations and pages, and held against itself by verify."""

import datetime
import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from funding.calc.year_ahead import Anticipated
from funding.models import PaymentLine, Prediction, Reconciliation, Transfer
from tests import build
from tests.funding.test_verify import plant, verify
from tests.funding.test_year_ahead import FIRST, a_year_before, enrolled, night, opened, re_estimated, true_up
from tests.pages.office import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def trued_up():
    """A year of two providers up to the night after its true-up: P1 earned more than was advanced, P2 nothing."""
    a_year_before()
    new = enrolled()
    opened()
    (course, student), _ = new
    for work in build.assignments(course)[:3]:
        build.complete(student, work, build.day(20))
    night(1)
    night(4)
    true_up()
    night(5)


def explained(line, capsys):
    call_command("explain", str(line.pk), json=True)
    return json.loads(capsys.readouterr().out)


def test_an_explanation_tells_advances_and_true_ups_and_still_adds_up(trued_up, capsys):
    found = [explained(line, capsys) for line in PaymentLine.objects.order_by("id")]
    assert all(one["adds_up"] for one in found)
    first, *_, added, taken = found
    assert (
        "125.00 USD of it were advanced on 2026-01-31 for the learning that starts from 2026-01-01 to 2026-04-30: instalment 1 of 4, "
        "a share of 1/4 of prediction 1; what that learning earns is set against its advances. "
        "Prediction 1: 1,000.00 USD earned before / 2,000.00 USD whole before x 1,000.00 USD whole of the year = 500.00 USD."
    ) in first["in_words"]
    assert "Prediction 1: the share of all providers before, 1/2, x 1,000.00 USD" in found[1]["in_words"]
    # The year before, and none of what lies against the advance.
    assert (first["transfers_total"], first["posted_cents"]) == (2, 112_500)
    assert "250.00 USD of it were added on 2026-05-31 by true-up 1: by 2026-05-31 the learning" in added["in_words"]
    assert "had earned 750.00 USD, against 500.00 USD advanced and 0.00 USD trued up before." in added["in_words"]
    assert "500.00 USD were taken back on 2026-05-31, part 1 of 1 of the 500.00 USD of true-up 1" in taken["in_words"]


def test_true_ups_that_net_in_a_line_are_told_each_with_its_own_reason(capsys):
    a_year_before()
    _, (course, student) = enrolled()
    opened()
    night(4)
    true_up(parts=3)
    night(5)
    build.complete(student, build.assignments(course)[0], build.day(100))
    night(6, 29)
    true_up()
    night(6)
    line = explained(PaymentLine.objects.get(provider_id=course.provider_id, batch__run__business_date="2026-06-30"), capsys)
    assert line["adds_up"]
    since = "the learning that started from 2026-01-01 to 2026-04-30 had earned"
    taken, added = (
        f"166.66 USD were taken back on 2026-06-30, part 2 of 3 of the 500.00 USD of true-up 1: by 2026-05-31 {since} 0.00 USD, "
        "against 500.00 USD advanced and 0.00 USD trued up before.",
        f"250.00 USD of it were added on 2026-06-30 by true-up 2: by 2026-06-30 {since} 250.00 USD, against 500.00 USD advanced and "
        "-500.00 USD trued up before.",
    )
    assert line["sentences"][1:3] == [taken, added]


def test_a_statement_tells_what_was_predicted_advanced_earned_and_trued_up(trued_up, capsys):
    call_command("statement", provider="P1", json=True)
    year = {"first_on": "2026-01-01", "last_on": "2026-04-30", "predicted_cents": 50_000, "advanced_cents": 50_000}
    settled = {"earned_cents": 75_000, "trued_up_cents": 25_000, "to_true_up_cents": 0}
    assert json.loads(capsys.readouterr().out)[0]["years_ahead"] == [year | settled]
    call_command("statement", provider="P2")
    said = capsys.readouterr().out
    assert "paid ahead: 500.00 USD advanced of 500.00 USD predicted, 0.00 USD earned, -500.00 USD trued up" in said


def test_a_night_says_what_it_advanced_and_trued_up(trued_up, capsys):
    for on in ("2026-01-31", "2026-05-31"):
        call_command("nightly", program="trial", date=datetime.date.fromisoformat(on))
    said = capsys.readouterr().out
    assert "advanced        250.00 USD" in said
    assert "trued up        -250.00 USD" in said


@pytest.mark.urls("config.urls_office")
def test_the_list_of_nights_says_what_each_advanced_and_trued_up(trued_up, client):
    client.force_login(person("auditor", None))
    page = client.get(reverse("home")).content.decode()
    assert "<div>250.00 USD advanced</div>" in page
    assert "<div>-250.00 USD trued up</div>" in page


@pytest.mark.urls("config.urls_office")
def test_the_page_of_a_statement_shows_its_providers_year_and_no_other(trued_up, client):
    client.force_login(person("provider_staff", build.provider("P1")))
    page = client.get(reverse("statement", args=[build.provider("P1").uuid])).content.decode()
    assert "Years paid ahead" in page
    assert "750.00 USD" in page
    assert "-500.00 USD" not in page


def test_a_year_is_opened_shown_re_estimated_and_trued_up_by_a_finance_officer(capsys, tmp_path):
    a_year_before()
    enrolled()
    person("finance_officer", None)
    by = ["--by", "a-finance_officer"]
    schedule, expected = tmp_path / "schedule.csv", tmp_path / "expected.csv"
    schedule.write_text("due_on,share\n2026-01-15,1/3\n2026-04-01,2/3\n")
    expected.write_text("provider,credit,count\nP1,1/2,4\nP2,1,0\n")
    spans = ["--year", "2026-01-01..2026-04-30", "--from", "2025-07-01..2025-12-31"]
    call_command("year_ahead", "open", "trial", *spans, "--schedule", str(schedule), "--on", "2026-01-01", *by)
    assert "in 2 instalments" in capsys.readouterr().out
    call_command(
        "year_ahead", "reestimate", "trial", "--year", "2026-01-01", "--anticipated", str(expected), "--on", "2026-01-02", *by
    )
    assert "1,000.00 USD" in capsys.readouterr().out
    night(4)
    call_command("year_ahead", "true_up", "trial", "--year", "2026-01-01", "--json", *by)
    (year,) = json.loads(capsys.readouterr().out)
    assert [
        (one["provider"], one["predicted_cents"], one["advanced_cents"], one["to_true_up_cents"]) for one in year["providers"]
    ] == [
        ("P1", 100_000, 100_000, -100_000),
        ("P2", 0, 0, 0),
    ]


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["open", "trial", "--year", "2026-01-01", "--from", "a..b", "--instalments", "2", "--by", "x"], "no span of days"),
        (["show", "nowhere"], "there is: trial"),
        (["true_up", "trial", "--year", "2026-01-01", "--by", "officer"], "no finance officer of that name"),
        (["true_up", "trial", "--year", "2026-01-01", "--by", "a-finance_officer"], "there is: none yet"),
    ],
)
def test_what_cannot_be_done_by_command_is_refused_in_words(arguments, match):
    a_year_before()
    build.officer()
    person("finance_officer", None)
    with pytest.raises(CommandError, match=match):
        call_command("year_ahead", *arguments)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["open", "--from", "2025-07-01..2025-12-31", "--year", "2026-01-01..2026-04-30", "--instalments", "999999999"], "1 to 120"),
        (["true_up", "--year", "2026-01-01", "--parts", "99999999999"], "1 to 120 monthly parts"),
        (["true_up", "--year", "2026-01-01", "--parts", "121"], "121 were asked for"),
        (["true_up", "--year", "2026-01-01", "--parts", "0"], "0 were asked for"),
    ],
)
def test_a_number_that_is_a_slip_of_the_keyboard_is_refused_with_its_limit(trued_up, arguments, match):
    person("finance_officer", None)
    doing, *options = arguments
    with pytest.raises(CommandError, match=match):
        call_command("year_ahead", doing, "trial", *options, "--by", "a-finance_officer")


def test_a_statement_of_a_day_tells_the_prediction_that_its_nights_went_by_even_if_it_was_made_later(capsys):
    a_year_before()
    enrolled()
    opened(on=datetime.date(2026, 11, 1))
    night(1)
    night(2)
    re_estimated(anticipated=[Anticipated("P1", 1, 4)])
    for on, predicted in (("2026-01-31", 50_000), ("2026-02-28", 50_000), ("2026-03-01", 200_000)):
        call_command("statement", provider="P1", as_of=datetime.date.fromisoformat(on), json=True)
        assert json.loads(capsys.readouterr().out)[0]["years_ahead"][0]["predicted_cents"] == predicted


def test_years_are_shown_by_the_names_of_the_docs(trued_up, capsys):
    call_command("year_ahead", "show", "trial")
    heads = capsys.readouterr().out.split("provider ")[1].split("\n")[0]
    assert " ".join(heads.split()) == "predicted advanced earned trued up still to true up"


@pytest.mark.parametrize(
    ("file", "text", "match"),
    [
        ("schedule", "due_on,share\n2026-01-15,half\n", "line 2: write a day like"),
        ("schedule", "due_on,share\n2026-01-15,1/2\n", "add up to 1/2"),
        ("anticipated", "provider,credit\nP1,1\n", "lacks count"),
        ("anticipated", "provider,credit,count\nP1,1,many\n", "line 2: write a credit like"),
        ("anticipated", "provider,credit,count\nP9,1,3\n", "no provider P9"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_with_its_line(tmp_path, file, text, match):
    a_year_before()
    person("finance_officer", None)
    path = tmp_path / f"{file}.csv"
    path.write_text(text)
    how = ["--schedule", str(path)] if file == "schedule" else ["--instalments", "2", "--anticipated", str(path)]
    spans = ["--year", "2026-01-01..2026-04-30", "--from", "2025-07-01..2025-12-31"]
    with pytest.raises(CommandError, match=match):
        call_command("year_ahead", "open", "trial", *spans, *how, "--by", "a-finance_officer")


def test_a_clean_year_gives_verify_nothing_to_say(trued_up, capsys):
    assert verify(capsys) == (0, "0 differences; the trial balance is 0.\n")


# {what a superuser plants: what verify says of it}
PLANTS = {
    "a prediction": (
        "UPDATE funding_prediction SET amount_cents = amount_cents + 4 WHERE id = %(prediction)s RETURNING id",
        "advance|",
    ),
    "a schedule": (
        """UPDATE funding_yearahead SET schedule = jsonb_set(schedule, '{0,due_on}', '"2026-02-15"') RETURNING id""",
        "or another provider, year or night",
    ),
    "an advance": (
        "UPDATE funding_transfer SET amount_cents = amount_cents + 1 WHERE effect_key = %(advance)s RETURNING 1",
        "its year makes it 12500 cents; the ledger says 12501",
    ),
    "a true-up": (
        "UPDATE funding_transfer SET effect_key = gen_random_uuid() WHERE effect_key = %(true_up)s RETURNING 1",
        "the ledger says 0",
    ),
    "a reconciliation": (
        "UPDATE funding_reconciliation SET earned_cents = earned_cents + 1, amount_cents = amount_cents + 1 WHERE id = %(found)s "
        "RETURNING id",
        "it says 75001 cents earned",
    ),
    "a year of a state": (
        "UPDATE funding_earningstate SET year_ahead_id = NULL WHERE year_ahead_id IS NOT NULL RETURNING 1",
        "or its state names another",
    ),
    "a night's result": (
        "UPDATE funding_run SET result = jsonb_set(result, '{advanced_cents}', '1') WHERE business_date = '2026-01-31' RETURNING 1",
        "its result says other advances",
    ),
}


@pytest.mark.parametrize("what", PLANTS)
def test_what_is_planted_in_a_year_is_found(trued_up, capsys, what):
    statement, said = PLANTS[what]
    for name, value in {
        "prediction": Prediction.objects.earliest("id").pk,
        "advance": f"'{Transfer.objects.filter(kind='advance').first().pk}'",
        "true_up": f"'{Transfer.objects.filter(kind='true_up').first().pk}'",
        "found": Reconciliation.objects.get(earned_cents=75_000).pk,
    }.items():
        statement = statement.replace(f"%({name})s", str(value))
    plant(statement)
    code, out = verify(capsys)
    assert code == 1
    assert said in out


def test_the_first_day_of_a_year_names_its_accounts(trued_up):
    assert {t.debit_account.part for t in Transfer.objects.filter(kind="advance")} == {FIRST.isoformat()}
