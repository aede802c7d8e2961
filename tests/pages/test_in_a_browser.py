"""Every page in a real browser, at a desk's and at a phone's width: accessible, in bounds, usable by keyboard."""

import pytest
from django.urls import reverse

from funding.models import DiscrepancyResolution, PaymentBatch
from people.models import Guardianship, Role, StudentLook
from tests.pages.office import PASSWORD, SINCE, doubt, let_sign_in, set_up
from tests.pages.test_office_access import AUDITOR, MATRIX, OFFICER, RELEASER, STAFF, url_of

PHONE = {"width": 390, "height": 844}
SHOWN = [name for name, (method, _) in MATRIX.items() if method == "get" and name != "statement_csv"]


@pytest.fixture
def office(committed_db):
    return set_up()


def out_of_bounds(page):
    """Whether the page itself scrolls sideways."""
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def test_every_page_of_the_office_is_accessible_and_stays_in_bounds(page, axe, serve, office, enter):
    address = serve("office")
    for name in SHOWN:
        for role in (role for role in (OFFICER, AUDITOR, RELEASER, STAFF) if role in MATRIX[name][1]):
            enter(office.people[role], address)
            page.goto(address + url_of(name, office))
            for size in ({"width": 1280, "height": 900}, PHONE):
                page.set_viewport_size(size)
                assert axe(page) == [], (name, role, size)
                assert not out_of_bounds(page), (name, role, size)


def test_every_first_page_of_the_learning_site_is_accessible_and_stays_in_bounds(page, axe, serve, office, enter):
    address = serve("learning")
    Role.objects.create(user=office.student, kind="student", starts_on=SINCE)
    Guardianship.objects.create(guardian=office.people["guardian"], student=office.student, starts_on=SINCE)
    for user in (office.student, *(office.people[role] for role in ("guardian", "teacher", STAFF, AUDITOR))):
        enter(user, address)
        page.goto(address)
        for size in ({"width": 1280, "height": 900}, PHONE):
            page.set_viewport_size(size)
            assert axe(page) == []
            assert not out_of_bounds(page)


def test_one_signs_in_by_keyboard(page, axe, serve, office):
    address = serve("office")
    user = let_sign_in(office.people[AUDITOR])
    page.goto(address)
    assert axe(page) == []
    page.focus("#id_username")
    page.keyboard.type(user.username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Nights')")


def test_an_auditor_looks_up_a_name_in_place_and_is_asked_for_the_purpose_first(page, axe, serve, office, enter):
    address = serve("office")
    enter(office.people[AUDITOR], address)
    page.goto(address + reverse("explanation", args=[office.line.pk]))
    page.click('summary:has-text("Student\'s name")')
    page.click("text=Show the student's name")
    page.wait_for_selector("text=Say what you need the name for")
    assert axe(page) == []
    assert page.evaluate("document.activeElement.name") == "purpose"
    page.keyboard.type("complaint 12")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"text={office.student.full_name}")
    assert axe(page) == []
    assert StudentLook.objects.get().purpose == "complaint 12"


def test_a_releaser_reviews_and_releases_a_batch(page, axe, serve, office, enter):
    address = serve("office")
    enter(office.people[RELEASER], address)
    page.goto(address)
    page.click("text=Review and release")
    page.click("button:has-text('Release 740.16 USD')")
    page.wait_for_selector("text=The batch is released.")
    assert axe(page) == []
    assert PaymentBatch.objects.get().released_by == office.people[RELEASER].pk


def test_an_officer_resolves_two_discrepancies_with_one_reason_by_keyboard(page, axe, serve, office, enter):
    address = serve("office")
    enter(office.people[OFFICER], address)
    page.goto(address + "/discrepancies/?kind=after_withdrawal")
    for provider in (office.own, office.foreign):
        page.focus(f"#id_{doubt('after_withdrawal', provider).pk}")
        page.keyboard.press("Space")
    page.focus("text=Resolve the chosen ones")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Resolve 2 discrepancies')")
    page.click("text=Save the decision")
    page.wait_for_selector("text=Give the reason")
    assert axe(page) == []
    page.focus("#accepted")
    page.keyboard.press("Space")
    page.fill("#id_reason", "Confirmed by phone.")
    page.click("text=Save the decision")
    page.wait_for_selector("text=2 resolved.")
    assert set(DiscrepancyResolution.objects.values_list("outcome", flat=True)) == {"accepted"}
