"""`appropriation` and `funds`: who may, what is put in and what lapses, what is told."""

import json

import pytest
from django.core.management import CommandError, call_command

from funding.actions.move_money import deposit, reserve
from funding.actions.open_fund import open_wallet
from funding.models import Fund, FundMovement
from tests import build
from tests.pages.office import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    build.program()
    return person("finance_officer", build.provider()).username


@pytest.fixture
def said(capsys):
    def said(*arguments):
        call_command(*arguments)
        return capsys.readouterr().out

    return said


def appropriate(*amount, by, reason="Laws of 2026, chapter 5", year="2026", options=()):
    return ("appropriation", "trial", year, *amount, "--by", by, "--reason", reason, *options)


def test_an_act_gives_once_and_a_further_act_gives_more(officer, said):
    line = "trial  appropriation-2026: 1,000.50 USD free, 0.00 USD reserved, 0.00 USD spent\n"
    assert said(*appropriate("--add", "1000.50", by=officer)) == line
    assert said(*appropriate("--add", "1000.50", by=officer)) == "Nothing was changed; it was so before. " + line
    with pytest.raises(CommandError, match="Another movement bears"):
        said(*appropriate("--add", "2000", by=officer))
    told = json.loads(said(*appropriate("--add", "2000", by=officer, reason="Chapter 9", options=["--json"])))
    assert (told["free_cents"], told["movements"], told["fiscal_year"]) == (300_050, 2, 2026)


def test_what_it_comes_to_in_all_is_set_up_and_down_but_not_below_what_is_used(officer, said):
    assert "0.00 USD free" in said(*appropriate("--set", "0", by=officer))
    said(*appropriate("--set", "500", by=officer))
    fund = Fund.objects.get()
    reserve(fund_id=fund.pk, amount_cents=20_000, effect="used", on=build.day(1), reason="tried", moved_by=1)
    assert "200.00 USD free, 200.00 USD reserved" in said(*appropriate("--set", "400", by=officer))
    with pytest.raises(CommandError, match="reserved or spent already"):
        said(*appropriate("--set", "199.99", by=officer))
    assert said(*appropriate("--set", "400", by=officer)).startswith("Nothing was changed")
    said(*appropriate("--set", "500", by=officer))
    said(*appropriate("--set", "400", by=officer))
    kinds = FundMovement.objects.order_by("pk").values_list("kind", "amount_cents")
    assert list(kinds) == [
        ("deposit", 50_000), ("reserve", 20_000), ("expire", 10_000), ("deposit", 10_000), ("expire", 10_000),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["payment_releaser", "auditor", "provider_staff", "teacher"])
def test_a_finance_officer_alone_appropriates(officer, said, kind):
    with pytest.raises(CommandError, match="it is for a finance officer"):
        said(*appropriate("--add", "5", by=person(kind, build.provider()).username))
    with pytest.raises(CommandError, match="nobody of the user name"):
        said(*appropriate("--add", "5", by="nobody"))
    assert not Fund.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--add", "1,000"), "is no amount"),
        (("--add", "1.5"), "is no amount"),
        (("--set", "1e3"), "is no amount"),
        (("--set", "١"), "is no amount"),
        (("--add", "0"), "more than nothing"),
        ((), "one of the arguments --add --set is required"),
        (("--add", "5", "--set", "5"), "not allowed with"),
    ],
)
def test_an_amount_is_written_plainly(officer, said, arguments, why):
    with pytest.raises(CommandError, match=why):
        said(*appropriate(*arguments, by=officer))
    assert not FundMovement.objects.exists()


def test_what_cannot_be_meant_is_refused(officer, said):
    with pytest.raises(CommandError, match="is no fiscal year"):
        said(*appropriate("--add", "5", by=officer, year="26"))
    with pytest.raises(CommandError, match="Give a reason"):
        said(*appropriate("--add", "5", by=officer, reason=" "))
    with pytest.raises(CommandError, match="no program 'nowhere'; there is: trial"):
        said("appropriation", "nowhere", "2026", "--add", "5", "--by", officer, "--reason", "x")
    with pytest.raises(CommandError, match="no program 'nowhere'; there is: trial"):
        said("funds", "--program", "nowhere")
    assert not Fund.objects.exists()


def test_the_funds_are_listed(officer, said):
    assert said("funds").startswith("There is no fund.")
    said(*appropriate("--add", "1000", by=officer))
    wallet = open_wallet(program_code="trial", code="w1", name="A wallet", holder_id=7, item_limit_cents=500, expires_on=build.day(31))
    deposit(fund_id=wallet.pk, amount_cents=900, effect="filled", on=build.day(1), reason="tried", moved_by=1)
    assert said("funds", "--program", "trial").splitlines() == [
        "trial  appropriation-2026: 1,000.00 USD free, 0.00 USD reserved, 0.00 USD spent",
        "trial  w1: 9.00 USD free, 0.00 USD reserved, 0.00 USD spent; at most 5.00 USD an item; until 2026-01-31",
    ]
    told = json.loads(said("funds", "--json"))
    assert [(fund["code"], fund["free_cents"], fund["expires_on"]) for fund in told] == [
        ("appropriation-2026", 100_000, None), ("w1", 900, "2026-01-31"),
    ]  # fmt: skip
