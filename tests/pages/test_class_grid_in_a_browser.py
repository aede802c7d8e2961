"""A teacher judges a class by keyboard in a real browser; what fails or meets a newer judgement is told and kept."""

from competencies.models import CurrentLevel, JudgmentWithdrawal, MasteryJudgment
from tests.pages.class_ground import DESK, SAVED, focused, press, shown
from tests.pages.test_in_a_browser import PHONE, out_of_bounds

STUDENTS, COMPETENCIES = 30, 4
FEWEST = STUDENTS * COMPETENCIES


def test_a_class_of_30_is_judged_on_4_competencies_by_keyboard_in_240_keystrokes(page, axe, class_page):
    educator, _, columns = class_page(STUDENTS, COMPETENCIES)
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


def test_what_is_typed_can_be_dropped_taken_back_filled_down_and_pasted(page, axe, class_page):
    class_page(students=6, competencies=3)
    page.focus("#class-grid td[tabindex='0']")
    press(page, "3", "Escape")
    assert shown(page, 1, 1) == "–"
    press(page, "9")
    assert "no level 9" in page.inner_text("#grid-status")
    press(page, "2", "Enter", "4", "Backspace")
    assert [shown(page, row, 1) for row in (1, 2)] == ["2", "–"]
    press(page, "4", "Control+d")
    # Several at once are looked at before.
    page.wait_for_selector("#grid-preview[open] >> text=Cells: 4, of which 4 would change")
    row = page.inner_text("#grid-preview-rows tr:first-child")
    assert row.split("\t")[0::2] == ["Student 03", "no evidence", "4 Advanced ★"]
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        assert axe(page) == []
        assert not out_of_bounds(page)
    press(page, "Escape")
    assert [shown(page, row, 1) for row in range(1, 7)] == ["2", "4", "–", "–", "–", "–"]
    press(page, "Control+d")
    page.wait_for_selector("#grid-preview-save:focus")
    press(page, "Enter")
    assert [shown(page, row, 1) for row in range(1, 7)] == ["2", "4", "4", "4", "4", "4"]
    press(page, "Backspace")
    assert [shown(page, row, 1) for row in range(1, 7)] == ["2", "4", "–", "–", "–", "–"]
    press(page, "Control+Home", "ArrowRight")
    page.evaluate(
        "text => { const data = new DataTransfer(); data.setData('text/plain', text);"
        "document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true})); }",
        "3\nproficient\n\nnonsense\n1\n",
    )
    page.wait_for_selector("#grid-preview-save:focus")
    assert "Cells: 3" in page.inner_text("#grid-preview-sum")
    assert "Not taken: line 4 “nonsense”" in page.inner_text("#grid-preview-left")
    press(page, "Enter")
    page.wait_for_selector(SAVED)
    assert [shown(page, row, 2) for row in range(1, 7)] == ["3", "3", "–", "–", "1", "–"]
    assert MasteryJudgment.objects.count() == 5


COPIED = (
    "() => { const data = new DataTransfer();"
    "document.activeElement.dispatchEvent(new ClipboardEvent('copy', {clipboardData: data, bubbles: true, cancelable: true}));"
    "return data.getData('text/plain'); }"
)


def test_a_range_is_judged_commented_copied_and_what_is_saved_is_taken_back(page, axe, class_page):
    class_page(students=4, competencies=3)
    page.focus("#class-grid td[tabindex='0']")
    press(page, "Shift+ArrowDown", "Shift+ArrowRight")
    assert page.locator("#class-grid td[aria-selected='true']").count() == 4
    assert axe(page) == []
    press(page, "3")
    page.wait_for_selector("#grid-preview-save:focus")
    press(page, "Enter")
    page.wait_for_selector(SAVED)
    press(page, "Control+Home", "Control+Space")
    assert page.evaluate(COPIED) == "3\n3\n\n"
    press(page, "c")
    page.wait_for_selector("#grid-preview-comment:focus")
    page.keyboard.type("Shown at the fair.")
    press(page, "Enter")
    page.wait_for_selector(SAVED)
    assert (
        list(MasteryJudgment.objects.order_by("id").values_list("rank", "reason")) == [(3, "")] * 4 + [(3, "Shown at the fair.")] * 2
    )
    assert page.get_attribute("#class-grid tbody tr:first-child td", "data-n") == "2"
    # The last of all is withdrawn first, then the four before it.
    press(page, "Control+z")
    page.wait_for_selector("#grid-status:has-text('Withdrawn from the record: 2.')")
    press(page, "Control+z")
    page.wait_for_selector("#grid-status:has-text('Withdrawn from the record: 4.')")
    assert [shown(page, row, 1) for row in range(1, 5)] == ["–"] * 4
    assert axe(page) == []
    assert JudgmentWithdrawal.objects.count() == 6
    assert not CurrentLevel.objects.exists()


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


def test_one_competency_and_one_student_are_judged_by_keyboard_with_the_competency_pinned(page, class_page):
    _, people, columns = class_page(students=3, competencies=3)
    page.focus("#class-grid td[tabindex='0']")
    press(page, "ArrowRight", "Space")
    page.wait_for_selector("#grid-dialog[open]")
    page.focus("#grid-dialog >> text=The whole class in this competency")
    press(page, "Enter")
    page.wait_for_selector("h2:has-text('How the class stands')")
    page.focus("#class-grid td[tabindex='0']")
    press(page, "3", "Enter", "2", "Enter", "4")
    page.wait_for_selector(SAVED)
    press(page, "Space")
    page.focus("#grid-dialog[open] >> text=Student 03 in every competency")
    press(page, "Enter")
    page.wait_for_selector(f"h2:has-text('Pinned: {columns[1].code}')")
    page.focus("a[rel=prev]")
    press(page, "Enter")
    page.wait_for_selector("h1:has-text('Student 02')")
    page.wait_for_selector(f"h2:has-text('Pinned: {columns[1].code}')")
    # Where Tab enters is what is pinned.
    page.focus("#class-grid td[tabindex='0']")
    assert shown(page, 2, 1) == "2"
    press(page, "4", "ArrowUp", "1")
    page.wait_for_selector(SAVED)
    levels = CurrentLevel.objects.values_list("student", "competency", "rank")
    first, second, third = (one.pk for one in people)
    assert set(levels) == {
        (first, columns[1].pk, 3), (second, columns[1].pk, 4), (third, columns[1].pk, 4), (second, columns[0].pk, 1),
    }  # fmt: skip


def test_on_a_phone_a_level_is_set_by_touch(page, axe, class_page):
    class_page(students=3, competencies=4)
    page.set_viewport_size(PHONE)
    page.click("#class-grid tbody tr:nth-child(2) td:nth-of-type(1)")
    page.click("#grid-levels >> text=3 Proficient")
    page.wait_for_selector(SAVED)
    assert axe(page) == []
    assert MasteryJudgment.objects.get().rank == 3
