"""Counsellors and schools in a real browser, by keyboard alone: a framework is brought and a newcomer placed."""

import json

import pytest
from playwright.sync_api import TimeoutError as TookTooLong

from competencies.models import Framework, MasteryJudgment
from people.models import Role
from tests import build_learning as build
from tests.competencies.case_packages import identifier, item, package
from tests.pathways.portfolio_ground import empty, zipped

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def counsellor(committed_db):
    """A newcomer's counsellor who keeps the district's catalogue too."""
    newcomer = build.student(build.school(), name="Imogen Castellanos")
    made = build.counsellor(newcomer)
    Role.objects.create(user=made, kind="district_administrator", organization=build.district(), starts_on=build.START)
    made.newcomer = newcomer
    return made


def tab_to(page, selector):
    """Press Tab until what `selector` names has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by keyboard")


def follow(page, selector, arrived):
    tab_to(page, selector)
    page.keyboard.press("Enter")
    page.wait_for_selector(arrived)


def choose_file(page, selector, path):
    tab_to(page, selector)
    answer_chooser(page, path)


def answer_chooser(page, path):
    """Opens the chooser of the field in focus by a key and gives it the file; a headless browser now and then swallows
    the first key on a field."""
    for key in ("Enter", "Space", "Enter", "Space"):
        try:
            with page.expect_file_chooser(timeout=5000) as chooser:
                page.keyboard.press(key)
        except TookTooLong:
            page.keyboard.press("Shift+Tab")
            page.keyboard.press("Tab")
        else:
            chooser.value.set_files(str(path))
            return
    raise AssertionError("the field in focus opens no file chooser by keyboard")


def well(page, axe):
    """Nothing to find for axe, and nothing that makes the page scroll sideways."""
    assert axe(page) == []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), size
    page.set_viewport_size(PHONE)
    assert axe(page) == []
    page.set_viewport_size(DESK)


def of_framework(name):
    return {
        "framework": identifier("document"), "framework_title": "Fractions", "competency": identifier(name), "code": name,
        "statement": f"Do {name}", "level": "Proficient", "rank": 3, "highest_rank": 4, "scale": "four-levels 1",
        "judged_on": ["2025-05-05"],
    }  # fmt: skip


def test_a_counsellor_imports_a_framework_and_places_a_newcomer(page, axe, serve, enter, counsellor, tmp_path):
    page.set_default_timeout(60_000)
    address = serve("learning")
    enter(counsellor, address)
    page.goto(address)
    follow(page, "a[href='/frameworks/']", "h1:has-text('Frameworks')")
    follow(page, "a[href='/frameworks/bring/']", "h1:has-text('Bring a framework')")
    import_framework(page, axe, tmp_path)
    assert Framework.objects.get().title == "document"
    page.goto(f"{address}/students/{counsellor.newcomer.uuid}/placement/")
    place(page, axe, tmp_path)
    assert sorted(MasteryJudgment.objects.values_list("competency__code", "rank", "kind")) == [
        ("A", 4, "transfer"),
        ("B", 3, "transfer"),
    ]
    follow(page, f"a[href='/students/{counsellor.newcomer.uuid}/plan/']", "text=2 of 3")


def import_framework(page, axe, folder):
    """From the open form to the framework's page; the wrong file first: told, and the page goes on being of use."""
    framework, table = folder / "fractions.json", folder / "notes.txt"
    framework.write_text(json.dumps(package([item("A"), item("B"), item("C")])))
    table.write_text("Dear colleague, the framework is attached.")
    choose_file(page, "input[type=file]", table)
    follow(page, "button[value=look]", "text=Nothing was taken")
    well(page, axe)
    assert page.evaluate("document.activeElement.textContent") == "Nothing was taken"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the problem's link leads to the field
    assert page.evaluate("document.activeElement.type") == "file"
    answer_chooser(page, framework)
    follow(page, "button[value=look]", "h2:has-text('What the file would change in “document”')")
    well(page, axe)
    assert not Framework.objects.exists()
    follow(page, "button[value=take]", "text=“document” is taken in.")
    well(page, axe)


def place(page, axe, folder):
    """From the newcomer's empty page to what is confirmed, one of it at another level."""
    portfolio = folder / "portfolio.zip"
    portfolio.write_bytes(zipped(empty(issuer="Harbor School", mastered=[of_framework(name) for name in "ABZ"])))
    well(page, axe)
    choose_file(page, "input[type=file]", portfolio)
    follow(page, "form[action$='bring/'] button", "text=The portfolio from Harbor School is taken in.")
    well(page, axe)
    assert page.locator("text=Matched to nothing here").is_visible()
    tab_to(page, "select")
    page.keyboard.press("ArrowDown")  # Advanced, as we see it
    follow(page, "button[value=confirm]", "text=2 competencies are confirmed.")
    well(page, axe)
