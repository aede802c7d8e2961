"""A student's plan in a real browser: the journey on a phone, every page accessible and in bounds, and on paper."""

import pytest

from competencies.models import Evidence
from pathways.models import AssessmentRequest
from tests import build_learning as build
from tests.pages.plan_ground import set_up

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.fixture
def school(committed_db):
    return set_up()


def out_of_bounds(page):
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def test_a_student_hands_in_a_photo_asks_to_be_assessed_and_reads_why_the_level_moved(page, axe, serve, school, enter):
    address = serve("learning")
    page.set_viewport_size(PHONE)
    enter(school.student, address)
    page.goto(address)
    page.click("text=See your next step")
    step = page.locator("text=Hand in work").first
    assert step.bounding_box()["y"] + step.bounding_box()["height"] < PHONE["height"], "the next step is above the fold"
    step.click()
    page.wait_for_selector("h1:has-text('Divide fractions')")
    # A first try without a name for it: nothing is lost.
    page.fill("textarea[name=work-text]", "I halved a recipe, and checked it by multiplying back.")
    page.click("button:has-text('Hand in')")
    page.wait_for_selector("text=Give your work a name.")
    assert axe(page) == []
    assert page.evaluate("document.activeElement.name") == "work-title"
    assert page.input_value("textarea[name=work-text]").startswith("I halved a recipe")
    page.fill("input[name=work-title]", "Half a cake")
    accepted = page.get_attribute("input[name=work-file]", "accept")
    assert "image/jpeg" in accepted
    page.set_input_files("input[name=work-file]", {"name": "cake.png", "mimeType": "image/png", "buffer": PNG})
    page.click("button:has-text('Hand in')")
    page.wait_for_selector("text=“Half a cake” is handed in. Your teacher sees that you ask to be assessed.")
    assert axe(page) == []
    assert Evidence.objects.get().kind == "file"
    assert AssessmentRequest.objects.get().asked_by == school.student
    build.judge(school.teacher, school.student, school.competencies[1], 3, on=40, reason="You say what the quotient means.")
    page.reload()
    page.wait_for_selector("text=the level moved from Developing to Proficient")
    assert page.is_visible("text=Proficient: the newest of 2 judgements.")
    assert page.is_visible("text=You say what the quotient means.")
    assert axe(page) == []
    assert not out_of_bounds(page)


def test_one_asks_and_takes_it_back_by_keyboard(page, axe, serve, school, enter):
    address = serve("learning")
    enter(school.student, address)
    page.goto(address + school.cell(2))
    page.focus("button:has-text('Ask to be assessed')")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=You asked on")
    assert axe(page) == []
    page.focus("button:has-text('Take the request back')")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Your request is taken back.")


def test_every_page_of_a_plan_is_accessible_and_stays_in_bounds(page, axe, serve, school, enter):
    address = serve("learning")
    late = build.student(name="Nobody Yet")
    build.judge(school.teacher, school.student, school.competencies[2], 1, on=50)
    pages = [school.path(), school.path("plan/summary/"), school.path("plan/credit/"), school.cell(0), school.cell(4)]
    shown = [(school.student, [*pages, "/plan/", "/"]), (school.guardian, [*pages, "/"]), (school.teacher, pages), (late, ["/plan/"])]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for who, paths in shown:
            enter(who, address)
            for path in paths:
                page.goto(address + path)
                for size in (DESK, PHONE):
                    page.set_viewport_size(size)
                    assert axe(page) == [], (path, who.username, size, scheme)
                    assert not out_of_bounds(page), (path, who.username, size)


def test_a_guardian_prints_how_the_student_is_doing_on_one_sheet(page, serve, school, enter):
    address = serve("learning")
    enter(school.guardian, address)
    page.goto(address)
    page.click("text=How Quillon Zabriskie is doing")
    page.wait_for_selector("h1:has-text('How Quillon Zabriskie is doing')")
    page.emulate_media(media="print")
    assert not page.is_visible("nav")
    assert not page.is_visible("button")
    assert page.is_visible("text=Proficient: the newest of 2 judgements.")
    assert page.pdf(format="Letter").count(b"/Type /Page\n") == 1
