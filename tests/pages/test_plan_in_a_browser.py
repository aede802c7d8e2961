"""A student's plan in a real browser: the journey on a phone, every page accessible and in bounds, and on paper."""

import pytest
from django.utils import timezone

from competencies.models import Competency, Evidence
from pathways.actions.answer_request import answer_request
from pathways.models import AssessmentRequest
from tests import build_learning as build
from tests.pages.plan_ground import set_up
from tests.pathways.plans import choose

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PNG, MEGABYTE = b"\x89PNG\r\n\x1a\n" + bytes(64), 1024 * 1024
# What the form says while it is sent; the words go with the form when the answer comes.
WATCH = """() => {
  window.said = [];
  const words = document.querySelector(".plan-sending__words");
  new MutationObserver(() => window.said.push(words.textContent)).observe(words, {childList: true});
}"""


@pytest.fixture
def school(committed_db):
    return set_up()


def out_of_bounds(page):
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def hands_in_a_photo(page, axe):
    """From a phone's camera, after a try without a name and one with a film that is too large: nothing typed is lost."""
    # A first try without a name for it: nothing is lost.
    page.fill("textarea[name=work-text]", "I halved a recipe, and checked it by multiplying back.")
    page.click("button:has-text('Hand in')")
    page.wait_for_selector("text=Give your work a name.")
    assert axe(page) == []
    assert page.evaluate("document.activeElement.name") == "work-title"
    assert page.input_value("textarea[name=work-text]").startswith("I halved a recipe")
    page.fill("input[name=work-title]", "Half a cake")
    camera = page.locator("input[name=work-photo]")
    assert (camera.get_attribute("accept"), camera.get_attribute("capture")) == ("image/*", "environment")
    assert camera.is_visible()
    # A film that is too large is refused before a byte of it is sent, and nothing typed is lost.
    page.set_input_files("input[name=work-file]", {"name": "film.mp4", "mimeType": "video/mp4", "buffer": bytes(10 * MEGABYTE + 1)})
    page.click("button:has-text('Hand in')")
    page.wait_for_selector("text=“film.mp4” is too large; at most 10 MB are taken.")
    assert axe(page) == []
    assert page.input_value("input[name=work-title]") == "Half a cake"
    page.set_input_files("input[name=work-file]", [])
    camera.set_input_files({"name": "cake.png", "mimeType": "image/png", "buffer": PNG + bytes(4 * MEGABYTE)})
    page.evaluate(WATCH)
    page.click("button:has-text('Hand in')")
    page.wait_for_selector("text=“Half a cake” is handed in. Your teacher sees that you ask to be assessed.")
    assert "Sent. Waiting for the answer." in page.evaluate("window.said"), "how much is sent was told on the way"
    assert axe(page) == []


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
    hands_in_a_photo(page, axe)
    assert Evidence.objects.get().kind == "file"
    assert AssessmentRequest.objects.get().asked_by == school.student
    asked = AssessmentRequest.objects.get()
    answer_request(
        student_id=school.student.pk,
        request=asked.uuid,
        answered_by=school.teacher.pk,
        at=timezone.now(),
        rank=3,
        worked_on=asked.evidence.worked_on,
        note="You say what the quotient means.",
    )
    page.goto(address + "/plan/")
    card = page.locator(".plan-moved")
    assert "the level moved from Developing to Proficient" in card.inner_text()
    assert axe(page) == []
    card.locator("a").first.click()
    page.wait_for_selector("text=the level moved from Developing to Proficient")
    assert page.is_visible("text=Proficient: the newest of 2 judgements.")
    assert page.locator("text=You say what the quotient means.").first.is_visible()
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
    pages = [
        school.path(),
        school.path("plan/summary/"),
        school.path("portfolio/"),
        school.path("plan/credit/"),
        school.cell(0),
        school.cell(4),
    ]
    shown = [
        (school.student, [*pages, "/plan/", "/"]),
        (school.guardian, [*pages, "/"]),
        (school.teacher, [one for one in pages if "portfolio" not in one]),
        (late, ["/plan/"]),
    ]
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


def press_on(page, text):
    """Tab to what bears this text, and press Enter there."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if text in page.evaluate("document.activeElement.textContent"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"no way to {text!r} by keyboard")


def sheets_of_paper(page):
    return {paper: page.pdf(format=paper).count(b"/Type /Page\n") for paper in ("Letter", "A4")}


def test_a_guardian_prints_one_sheet_and_shares_it_by_keyboard_alone(page, axe, serve, school, enter, browser):
    # A full record: what the sheet holds is cut to it, and the rest is counted.
    framework, many = build.framework(30, lowest_grade=8, highest_grade=8)
    long = "Represent and solve problems with rates, ratios and proportional relationships in tables, graphs and equations. "
    Competency.objects.filter(framework=framework).update(statement=long * 3)
    for one in many[:20]:
        build.judge(school.teacher, school.student, one, 3)
    choose(school.student, focus=many[20:28])
    address = serve("learning")
    enter(school.guardian, address)
    page.goto(address)
    press_on(page, "How Quillon Zabriskie is doing")
    page.wait_for_selector("h1:has-text('How Quillon Zabriskie is doing')")
    assert axe(page) == []
    assert sheets_of_paper(page) == {"Letter": 1, "A4": 1}
    page.emulate_media(media="print")
    assert not page.is_visible("nav")
    assert not page.is_visible("button")
    assert page.is_visible("text=And 15 more.")
    page.emulate_media(media="null")
    press_on(page, "Share this page by a link")
    page.wait_for_selector("h1:has-text('Links to the summary')")
    assert axe(page) == []
    press_on(page, "Make a link")
    page.wait_for_selector("text=The link is made")
    assert axe(page) == []
    link = page.inner_text(".plan-link")
    stranger = browser.new_context(viewport=PHONE, color_scheme="dark")
    tab = stranger.new_page()
    tab.goto(link)
    assert "How Quillon is doing" in tab.inner_text("h1")
    assert axe(tab) == []
    assert not out_of_bounds(tab)
    assert sheets_of_paper(tab) == {"Letter": 1, "A4": 1}
    press_on(page, "Take back")
    page.wait_for_selector("text=The link is taken back.")
    assert axe(page) == []
    tab.reload()
    assert "This link is closed" in tab.inner_text("h1")
    assert axe(tab) == []
    stranger.close()
