"""Nothing typed on a class's grid is lost: the network goes, the server errs, the page closes, two teachers meet in one cell."""

import json

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import Count

from competencies.models import CurrentLevel, JudgmentWithdrawal, MasteryJudgment
from enrollments.models import SectionEducator, SectionStudent
from tests import build_learning as build
from tests.pages.class_ground import SAVED, kept, press, shown

KEPT = "#grid-status:has-text('Kept, not sent: 2.')"


def type_offline(page):
    page.focus("#class-grid td[tabindex='0']")
    page.context.set_offline(True)
    press(page, "4", "Enter", "3", "Enter")
    page.wait_for_selector(KEPT)


def co_teacher():
    """Ada Colleague, who teaches the class too."""
    made = build.teacher(name="Ada Colleague")
    section = SectionEducator.objects.get().section
    SectionEducator.objects.create(section=section, educator=made, kind="co_teacher", starts_on=build.day(1))
    return made


@pytest.fixture
def second_browser(browser, page, settings):
    """second_browser(user) -> a tab of another browser in which that user is signed in, at the first one's page."""
    contexts = []

    def open_browser(user):
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}))
        contexts[-1].add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": page.url}])
        tab = contexts[-1].new_page()
        tab.goto(page.url)
        return tab

    yield open_browser
    for one in contexts:
        one.close()


def test_what_is_typed_offline_outlives_a_closed_page_and_is_recorded_once_also_from_two_tabs(page, axe, class_page):
    _, people, columns = class_page(students=3, competencies=2)
    type_offline(page)
    assert [shown(page, row, 1) for row in (1, 2)] == ["4", "3"]
    assert "kept, not sent" in page.get_attribute("#class-grid tbody tr:nth-child(2) td", "aria-label")
    assert axe(page) == []
    items = kept(page)
    assert len(items) == 2
    for _, text in items:
        assert set(json.loads(text)) == {"account", "student", "competency", "level", "day", "seen", "at"}
        assert "Student 0" not in text
        assert columns[0].code not in text
    address, context = page.url, page.context
    page.close()
    assert not MasteryJudgment.objects.exists()
    context.set_offline(False)
    tabs = [context.new_page() for _ in range(2)]
    for tab in tabs:
        tab.goto(address, wait_until="commit")
    # Whichever comes first sends; the other does so too, or finds nothing left to send.
    for tab in tabs:
        tab.wait_for_selector(f"{SAVED}, #grid-status:has-text('Nothing to save')")
    tabs[0].wait_for_function("Object.keys(localStorage).every(name => !name.startsWith('credence-edits-'))")
    tabs[1].reload()
    assert [shown(tabs[1], row, 1) for row in (1, 2)] == ["4", "3"]
    assert sorted(MasteryJudgment.objects.values_list("student", "rank")) == [(people[0].pk, 4), (people[1].pk, 3)]


def test_what_is_kept_goes_out_by_itself_and_an_answer_lost_on_the_way_records_nothing_twice(page, class_page):
    class_page(students=3, competencies=2)
    page.focus("#class-grid td[tabindex='0']")
    # The server records, and its answer is lost.
    page.route("**/judgements/", lambda route: (route.fetch(), route.abort()))
    press(page, "4", "Enter", "3", "Enter")
    page.wait_for_selector(KEPT)
    assert MasteryJudgment.objects.count() == 2
    page.unroute("**/judgements/")
    # The server errs.
    page.route("**/judgements/", lambda route: route.fulfill(status=500, body="no"))
    press(page, "2")
    page.wait_for_selector("#grid-status:has-text('Kept, not sent: 3.')")
    page.unroute("**/judgements/")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.wait_for_selector(SAVED)
    assert MasteryJudgment.objects.count() == 3
    assert kept(page) == []


def test_another_account_in_the_same_browser_sends_nothing_of_it_and_signing_out_clears_it(page, class_page, enter):
    _, people, _ = class_page(students=3, competencies=2)
    colleague = co_teacher()
    type_offline(page)
    address = page.url
    # Before the network is back: the page of the first account must not send under the second one's session either.
    enter(colleague, address)
    page.context.set_offline(False)
    page.wait_for_selector("#grid-status:has-text('Kept, not sent: 2.')")
    page.goto(address)
    page.focus("#class-grid td[tabindex='0']")
    assert [shown(page, row, 1) for row in (1, 2)] == ["–", "–"]
    press(page, "ArrowRight", "1")
    page.wait_for_selector(SAVED)
    assert list(MasteryJudgment.objects.values_list("judged_by", "student", "rank")) == [(colleague.pk, people[0].pk, 1)]
    assert len(kept(page)) == 2
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.click("text=Sign out")
    assert "not sent yet: 2" in asked[0]
    assert len(kept(page)) == 2
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("text=Sign out")
    page.wait_for_url("**/sign-in/**")
    assert kept(page) == []


def test_one_who_left_the_class_costs_no_other_edit(page, axe, class_page):
    class_page(students=3, competencies=2)
    type_offline(page)
    SectionStudent.objects.filter(student__full_name="Student 02").update(ends_on=build.day(2))
    page.context.set_offline(False)
    page.wait_for_selector("#grid-status:has-text('Refused: 1.')")
    assert axe(page) == []
    assert MasteryJudgment.objects.get().rank == 4
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("#grid-status:has-text('Kept for other pages of this class, not sent: 1.')")
    page.click("text=Drop what is not of this class")
    page.wait_for_selector(SAVED)
    assert kept(page) == []


def test_two_teachers_meet_in_one_cell_and_one_key_keeps_mine_or_takes_theirs(page, axe, class_page, second_browser):
    educator, people, _ = class_page(students=3, competencies=2)
    colleague = co_teacher()
    theirs = second_browser(colleague)
    theirs.focus("#class-grid td[tabindex='0']")
    press(theirs, "2", "Enter", "1", "Enter")
    theirs.wait_for_selector(SAVED)
    page.focus("#class-grid td[tabindex='0']")
    press(page, "4", "Enter", "3", "Enter", "3", "Control+Home")
    # Both values are shown; what met nobody is saved.
    page.wait_for_selector("#grid-where:has-text('Ada Colleague judged 2 Developing meanwhile; you typed 4.')")
    assert shown(page, 1, 1) == "4"
    assert page.get_attribute("#class-grid tbody tr:first-child td", "data-theirs") == "2"
    assert axe(page) == []
    assert set(MasteryJudgment.objects.values_list("judged_by", "rank")) == {(colleague.pk, 2), (colleague.pk, 1), (educator.pk, 3)}
    press(page, "Enter", "ArrowDown", "Escape")
    page.wait_for_selector(SAVED)
    assert [shown(page, row, 1) for row in (1, 2, 3)] == ["4", "1", "3"]
    ranks = {(one.student_id, one.rank) for one in CurrentLevel.objects.all()}
    assert ranks == {(people[0].pk, 4), (people[1].pk, 1), (people[2].pk, 3)}
    # Nothing was lost and nothing withdrawn: theirs stands under mine.
    by_cell = MasteryJudgment.objects.values("student").annotate(count=Count("id")).order_by("student")
    assert [one["count"] for one in by_cell] == [2, 1, 1]
    assert not JudgmentWithdrawal.objects.exists()
