"""No amount of money comes out of the learning site, whoever asks for whatever; and nothing there leads to the office.

Every amount in the database is a planted number. Each role walks every page, link, form, export and API answer.
"""

import logging
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, get_resolver

from config import urls_learning
from funding.actions import move_money
from funding.actions.open_fund import open_wallet
from funding.calc.money import in_words
from funding.models import PaymentLine, Prediction, Reconciliation, TrueUp, YearAhead
from pathways.actions import export_portfolio
from pathways.rest import plan
from tests import build
from tests.api.test_who_may import ROUTES
from tests.api.world import numbers
from tests.pages.canaries import canaries_in, columns_of_money, plant, printed
from tests.pages.every_page import API, SITE, TABLE, a_ground
from tests.pages.office import set_up
from tests.pages.walking import walk

pytestmark = [pytest.mark.django_db, pytest.mark.urls(SITE)]
ROLES = [
    "nobody", "student", "guardian", "teacher", "other_teacher", "counsellor", "school_administrator", "district_administrator",
    "provider_staff", "finance_officer", "payment_releaser", "auditor", "nobody_now",
]  # fmt: skip


@pytest.fixture
def ground(caplog):
    """Everybody around a student whose completed work has been paid for, every amount of it a canary."""
    caplog.set_level(logging.ERROR)
    made = a_ground()
    money_elsewhere(set_up())
    planted = plant()
    assert [column for column, rows in planted.items() if not rows] == [], "no row of it: nothing is shown of these"
    return made


def money_elsewhere(office):
    """A row of each table of amounts that the nights of the office leave empty: of a fund and of a year paid ahead."""
    run, on = office.run, office.run.business_date
    wallet = open_wallet(program_code="trial", code="w", name="A wallet", holder_id=1, item_limit_cents=9, lifetime_limit_cents=9)
    for verb in (move_money.deposit, move_money.reserve, move_money.spend):
        verb(fund_id=wallet.pk, amount_cents=5, effect=verb.__name__, on=on, reason="tried", moved_by=1)
    days = {"first_on": on, "last_on": build.day(99), "predicted_from_first_on": build.day(1), "predicted_from_last_on": on}
    year = YearAhead.objects.create(program=run.program, schedule=[], opened_by=1, **days)
    Prediction.objects.create(year=year, provider_id=office.own.pk, number=1, on=on, amount_cents=5, basis={}, made_by=1)
    asked = TrueUp.objects.create(year=year, number=1, after_run=run, parts=1, asked_by=1)
    found = {"earned_cents": 5, "advanced_cents": 5, "trued_up_before_cents": 0, "amount_cents": 0}
    Reconciliation.objects.create(true_up=asked, run=run, provider_id=office.own.pk, **found)


def starts(ground):
    """Every page and every address of the API, wherever a link may lead to it or none."""
    pages = [ground.filled(route) for route, methods in TABLE.items() if "get" in methods]
    api = [f"{API}{numbers(ground.world, route)}" for route, view in ROUTES.items() if hasattr(view, "get")]
    asked = [f"{API}levels?student=<uuid:student>", f"{API}criteria?catalogue=school&course={ground.course}"]
    return [address for address in [*pages, *map(ground.filled, [*api, *asked])] if address]


def walked_as(client, ground, role):
    if role != "nobody":
        client.force_login(ground.people[role])
    return walk(client, starts(ground))


def told_of(walked):
    return {asked: found for asked, text in walked.said.items() if (found := canaries_in(text))}


@pytest.mark.parametrize("role", ROLES)
def test_no_amount_comes_out_of_the_learning_site_and_nothing_leads_to_the_office(client, ground, role):
    walked = walked_as(client, ground, role)
    assert told_of(walked) == {}
    assert [link for link in walked.links if leads_to_the_office(link)] == []
    assert walked.strange - ground.elsewhere == set(), "a link that no address of this site answers"
    assert walked.dead == set(), "a page leads its reader to what is not there for them"


def answers(site, path):
    try:
        return get_resolver(site).resolve(path)
    except Resolver404:
        return None


def leads_to_the_office(link):
    """Whether an address, of whatever host, is one of the office's and none of this site's."""
    path = urlsplit(link).path
    return answers("config.urls_office", path) and not answers(SITE, path)


def test_an_address_of_the_office_is_known_on_whatever_host():
    assert leads_to_the_office("/statements/")
    assert leads_to_the_office("https://office.example.org:8001/discrepancies/?kind=future_date")
    assert not leads_to_the_office("/plan/")
    assert not leads_to_the_office("https://example.org/recipe")


@pytest.fixture
def amount(ground):
    """Read where it may be read: within the learning area the database itself refuses it."""
    return PaymentLine.objects.earliest("pk").amount_cents


def test_an_amount_on_a_page_is_found(client, ground, monkeypatch, amount):
    def with_amount(request, navigation=urls_learning.navigation):
        return [*navigation(request), (f"Worth {in_words(amount, 'USD')}", "home")]

    monkeypatch.setattr(urls_learning, "navigation", with_amount)
    assert "/plan/" in told_of(walked_as(client, ground, "student"))


def test_an_amount_in_an_export_is_found(client, ground, monkeypatch, amount):
    def with_amount(portfolio, page=export_portfolio.page_of):
        return page(portfolio).replace("</body>", f"<p>{amount / 100:,.2f}</p></body>".translate(str.maketrans(",.", ".,")))

    monkeypatch.setattr(export_portfolio, "page_of", with_amount)
    told = told_of(walked_as(client, ground, "student"))
    assert list(told) == [ground.filled("api/v1/students/<uuid:student>/portfolio")]


def test_an_amount_in_an_answer_of_the_api_is_found(client, ground, monkeypatch, amount):
    def with_amount(*args, shown=plan.shown_plan, **kwargs):
        return shown(*args, **kwargs) | {"worth": amount}

    monkeypatch.setattr(plan, "shown_plan", with_amount)
    told = told_of(walked_as(client, ground, "teacher"))
    assert list(told) == [ground.filled("api/v1/students/<uuid:student>/plan")]


@pytest.mark.parametrize("form", sorted(printed()))
def test_an_amount_is_known_in_every_form_in_which_it_may_be_printed(form):
    assert canaries_in(f"<td>12</td><td>{form} USD</td> of 3")


def test_what_is_no_amount_is_taken_for_none():
    assert canaries_in("70707 students, 2026-07-07, 7f070707-0707-4070-8070-707070707071, 7,070 of 7,123") == []


def test_the_columns_of_money_are_found_in_the_schema():
    held = {column for _, column, _ in columns_of_money()}
    assert {"amount_cents", "earned_cents", "posted_cents", "content", "results"} <= held
