"""A journey of each role by keyboard alone, from the first page to the end of what it is there for.

A teacher's are in test_class_grid_in_a_browser.py and test_inbox_in_a_browser.py, a counsellor's in test_school_in_a_browser.py,
a school administrator's in test_sign_in_in_a_browser.py; the others are here.
"""

import pytest

from competencies.models import Evidence
from pathways.models import AssessmentRequest, SharedSummary
from tests import build_learning as build
from tests.build import provider
from tests.pages.office import PASSWORD, let_sign_in
from tests.pages.plan_ground import set_up
from tests.pages.test_school_in_a_browser import follow, tab_to


@pytest.fixture
def school(committed_db):
    return set_up()


def focus_is_seen(page):
    """Whether what has the focus shows it."""
    return page.evaluate(
        "() => { const style = getComputedStyle(document.activeElement);"
        "return parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== 'none' || style.boxShadow !== 'none'; }"
    )


def fill(page, selector, words):
    tab_to(page, selector)
    assert focus_is_seen(page), selector
    page.keyboard.type(words)


def test_a_student_goes_from_the_first_page_to_work_handed_in_and_a_request(page, serve, school, enter):
    address = serve("learning")
    enter(school.student, address)
    page.goto(address)
    follow(page, "main a[href='/plan/']", "h1:has-text('Your plan')")
    follow(page, "main a.usa-button", "h1:has-text('Divide fractions')")
    fill(page, "input[name=work-title]", "Half a cake")
    fill(page, "textarea[name=work-text]", "I halved a recipe.")
    tab_to(page, "input[name=work-ask]")
    if not page.is_checked("input[name=work-ask]"):
        page.keyboard.press("Space")
    follow(page, "form[action$='/evidence/'] button[type=submit]", "text=“Half a cake” is handed in.")
    assert Evidence.objects.get().title == "Half a cake"
    assert AssessmentRequest.objects.get().asked_by == school.student
    follow(page, "form[action$='/take-back/'] button", "text=Your request is taken back.")


def test_a_guardian_reads_the_summary_and_shares_it_for_a_week(page, serve, school, enter):
    address = serve("learning")
    enter(school.guardian, address)
    page.goto(address)
    follow(page, "main a[href$='/plan/summary/']", "h1:has-text('How Quillon Zabriskie is doing')")
    follow(page, "main a[href$='/plan/sharing/']", "h1:has-text('Links to the summary')")
    fill(page, "input[name$=shown_name]", "Quill")
    tab_to(page, "input[name$=days]")
    page.keyboard.press("Control+a")
    page.keyboard.type("7")
    follow(page, "main form button[type=submit]", "text=The link is made")
    assert page.evaluate("document.activeElement.id") == "link-made"
    assert (SharedSummary.objects.get().ends_at - SharedSummary.objects.get().recorded_at).days == 7
    follow(page, "form[action$='/end/'] button", "text=Taken back:")


def test_a_district_administrator_reads_a_framework_and_a_students_plan(page, serve, school, enter):
    address = serve("learning")
    enter(build.administrator(build.district()), address)
    page.goto(address)
    follow(page, "a[href='/frameworks/']", "h1:has-text('Frameworks')")
    follow(page, "main a[href^='/frameworks/']:not([href$='/bring/'])", "h1:has-text('Numbers')")
    follow(page, "a[href='/people/']", "h1:has-text('People')")
    follow(page, "main th a[href^='/people/']", "h2:has-text('Roles and relations')")


def test_a_providers_staff_sign_in_read_how_to_report_and_sign_out(page, serve, committed_db):
    address = serve("learning")
    staff = let_sign_in(build.person("provider_staff", organization=provider()))
    page.goto(address)
    fill(page, "main input[name=username]", staff.username)
    fill(page, "main input[type=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("h2:has-text('Report completed work')")
    follow(page, "button[name=language][value=es]", "html[lang=es]")
    follow(page, "form[action='/sign-out/'] button", "main input[type=password]")
