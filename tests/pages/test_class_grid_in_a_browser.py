"""A teacher judges a class by keyboard in a real browser; what fails or meets a newer judgement is told and kept."""

import pytest
from django.utils import timezone

from competencies.actions.record_judgments import NewJudgment, record_judgments
from competencies.models import CurrentLevel, MasteryJudgment
from pathways.actions.ask_for_assessment import ask_for_assessment
from pathways.actions.cover_competencies import cover_competencies
from tests import build_learning as build
from tests.pages.test_in_a_browser import PHONE, out_of_bounds

DESK = {"width": 1280, "height": 900}
STUDENTS, COMPETENCIES = 30, 4
FEWEST = STUDENTS * COMPETENCIES
SAVED = "#grid-status:has-text('All saved')"


@pytest.fixture
def class_page(page, serve, enter):
    """class_page(students, competencies) -> (teacher, students, columns), with the class's page open."""

    def open_class(students=STUDENTS, competencies=COMPETENCIES):
        address = serve("learning")
        educator = build.teacher(name="Teresa Teacher")
        people = [build.student(name=f"Student {number:02}") for number in range(1, students + 1)]
        section = build.section(people, educator)
        _, columns = build.framework(competencies)
        cover_competencies(course_id=section.course_id, competency_ids=[one.pk for one in columns])
        enter(educator, address)
        page.goto(f"{address}/classes/{section.uuid}/")
        return educator, people, columns

    return open_class


def shown(page, row, column):
    return page.inner_text(f"#class-grid tbody tr:nth-child({row}) td:nth-of-type({column})")


def focused(page):
    return page.evaluate("[document.activeElement.parentElement.rowIndex, document.activeElement.cellIndex]")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def test_a_class_of_30_is_judged_on_4_competencies_by_keyboard_in_240_keystrokes(page, axe, class_page):
    educator, _, columns = class_page()
    requests = []
    page.on("request", lambda request: requests.append(request.url) if request.method == "POST" else None)
    page.focus("#class-grid td[tabindex='0']")
    keys = [key for number in range(FEWEST) for key in (str(number % 4 + 1), "Enter")]
    assert len(keys) <= 240
    press(page, *keys)
    page.wait_for_selector(SAVED)
    assert MasteryJudgment.objects.filter(judged_by=educator).count() == FEWEST
    assert sorted(CurrentLevel.objects.filter(competency=columns[0]).values_list("rank", flat=True)) == sorted(
        number % 4 + 1 for number in range(STUDENTS)
    )
    # A row each would be 30 for every column.
    assert len(requests) <= 12, requests
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        assert axe(page) == []
        assert not out_of_bounds(page)


def test_one_tab_stop_and_the_keys_of_a_grid(page, class_page):
    class_page(students=6, competencies=3)
    assert page.locator("#class-grid [tabindex='0']").count() == 1
    page.focus("#class-grid td[tabindex='0']")
    for key, where in (
        ("ArrowRight", [1, 2]), ("ArrowDown", [2, 2]), ("End", [2, 3]), ("Home", [2, 1]), ("Control+End", [6, 3]),
        ("Enter", [6, 3]), ("Control+Home", [1, 1]), ("ArrowUp", [1, 1]), ("ArrowLeft", [1, 1]), ("PageDown", [6, 1]),
        ("Enter", [1, 2]), ("Shift+Enter", [1, 2]),
    ):  # fmt: skip
        press(page, key)
        assert focused(page) == where, key
        assert page.locator("#class-grid [tabindex='0']").count() == 1
    press(page, "Tab")
    assert page.evaluate("document.activeElement.closest('#class-grid')") is None
    press(page, "Shift+Tab")
    assert focused(page) == [1, 2]


def test_what_is_typed_can_be_dropped_taken_back_filled_down_and_pasted(page, class_page):
    class_page(students=6, competencies=3)
    page.focus("#class-grid td[tabindex='0']")
    press(page, "3", "Escape")
    assert shown(page, 1, 1) == "–"
    press(page, "9")
    assert "no level 9" in page.inner_text("#grid-status")
    press(page, "2", "Enter", "4", "Backspace")
    assert [shown(page, row, 1) for row in (1, 2)] == ["2", "–"]
    press(page, "4", "Control+d")
    assert [shown(page, row, 1) for row in range(1, 7)] == ["2", "4", "4", "4", "4", "4"]
    press(page, "Backspace")
    assert [shown(page, row, 1) for row in range(1, 7)] == ["2", "4", "–", "–", "–", "–"]
    press(page, "Control+Home", "ArrowRight")
    page.evaluate(
        "text => { const data = new DataTransfer(); data.setData('text/plain', text);"
        "document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true})); }",
        "3\nproficient\n\nnonsense\n1\n",
    )
    assert "4 pasted" not in page.inner_text("#grid-status")
    assert "3 pasted. Not taken: line 4 “nonsense”" in page.inner_text("#grid-status")
    page.wait_for_selector(SAVED)
    assert [shown(page, row, 2) for row in range(1, 7)] == ["3", "3", "–", "–", "1", "–"]
    assert MasteryJudgment.objects.count() == 5


def test_two_teachers_meet_in_one_cell_and_nothing_is_lost(page, axe, class_page):
    educator, people, columns = class_page(students=3, competencies=2)
    colleague = build.teacher(name="Ada Colleague")
    new = NewJudgment(people[0].pk, columns[0].pk, 2, timezone.localdate())
    record_judgments(judged_by=colleague.pk, at=timezone.now(), judgments=[new])
    page.focus("#class-grid td[tabindex='0']")
    press(page, "4", "Enter", "3", "ArrowUp")
    page.wait_for_selector("#grid-where:has-text('Ada Colleague judged 2 Developing meanwhile')")
    assert shown(page, 1, 1) == "4"
    assert axe(page) == []
    assert set(MasteryJudgment.objects.values_list("judged_by", "rank")) == {(colleague.pk, 2), (educator.pk, 3)}
    press(page, "Enter")
    page.wait_for_selector(SAVED)
    assert CurrentLevel.objects.get(student=people[0]).rank == 4
    assert MasteryJudgment.objects.count() == 3


def test_the_network_goes_away_and_comes_back(page, axe, class_page):
    class_page(students=3, competencies=2)
    page.focus("#class-grid td[tabindex='0']")
    page.context.set_offline(True)
    press(page, "4", "Enter", "3", "Enter")
    page.wait_for_selector("#grid-status:has-text('2 not saved, kept on this page.')")
    assert [shown(page, row, 1) for row in (1, 2)] == ["4", "3"]
    assert axe(page) == []
    page.context.set_offline(False)
    page.wait_for_selector(SAVED)
    assert MasteryJudgment.objects.count() == 2


def test_a_cell_opens_by_key_and_gives_the_focus_back(page, axe, class_page):
    class_page(students=3, competencies=2)
    page.focus("#class-grid td[tabindex='0']")
    press(page, "3")
    page.wait_for_selector(SAVED)
    press(page, "Space")
    page.wait_for_selector("#grid-dialog[open] >> text=What would change it")
    assert page.evaluate("document.activeElement.id") == "grid-dialog-title"
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        assert axe(page) == []
    press(page, "Escape")
    assert focused(page) == [1, 1]


def test_a_teacher_answers_a_request_from_the_first_page_by_keyboard(page, axe, class_page):
    _, people, columns = class_page(students=3, competencies=2)
    ask_for_assessment(student_id=people[1].pk, competency_id=columns[0].pk, asked_by=people[1].pk, at=timezone.now())
    page.goto(page.url.split("/classes/")[0] + "/")
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        assert axe(page) == []
    page.focus("text=Student 02")
    press(page, "Enter")
    page.wait_for_selector("h1:has-text('Student 02 asks to be assessed')")
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        assert axe(page) == []
        assert not out_of_bounds(page)
    page.focus("#level-3")
    press(page, "Space")
    page.focus("text=Record the level")
    press(page, "Enter")
    page.wait_for_selector("text=Student 02 is assessed: Proficient.")


def test_on_a_phone_a_level_is_set_by_touch(page, axe, class_page):
    class_page(students=3, competencies=4)
    page.set_viewport_size(PHONE)
    page.click("#class-grid tbody tr:nth-child(2) td:nth-of-type(1)")
    page.click("#grid-levels >> text=3 Proficient")
    page.wait_for_selector(SAVED)
    assert axe(page) == []
    assert MasteryJudgment.objects.get().rank == 3
