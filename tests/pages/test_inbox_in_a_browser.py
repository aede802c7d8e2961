"""A teacher by keyboard alone: from the first page through the inbox to a judgement beside an anchor, and on to the next."""

import datetime

import pytest
from django.utils import timezone

from competencies.actions.add_anchor import add_anchor
from competencies.actions.add_sample_work import add_sample_work
from competencies.actions.record_evidence import record_evidence
from competencies.models import MasteryJudgment, Rubric, RubricCriterion, RubricLevel
from pathways.actions.ask_for_assessment import ask_for_assessment
from pathways.actions.choose_plan_items import PlanChoice, choose_plan_items
from tests import build_learning as build
from tests.pages.plan_ground import set_up

DESK, PHONE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}, {"width": 320, "height": 700}
# One transparent point: a picture that a browser can really show.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000100ffff030000060005"
    "57bfabd40000000049454e44ae426082"
)


@pytest.fixture
def school(committed_db):
    """The plan's school with a rubric, an anchor, a picture handed in, a request, a stall and a second student."""
    made = set_up()
    competency = made.competencies[1]
    line = RubricCriterion.objects.create(
        rubric=Rubric.objects.create(framework=competency.framework, title="Fractions"), competency=competency, description="Meaning"
    )
    for rank, said in enumerate(("guesses", "divides by rule", "says what the quotient means", "explains why the rule works"), 1):
        RubricLevel.objects.create(criterion=line, rank=rank, description=f"The student {said}.")
    level = RubricLevel.objects.get(criterion=line, rank=2)
    sample = add_sample_work(level=level.uuid, title="Half of a half", text="I turn the second one over and multiply.")
    add_anchor(sample_id=sample.pk, competency_id=competency.pk, agreed_rank=2, decided_by=made.counsellor.pk, at=build.noon(1))
    said = {"recorded_by": made.student.pk, "worked_on": build.day(30), "at": build.noon(30), "competency_ids": [competency.pk]}
    picture = record_evidence(student_id=made.student.pk, kind="file", title="Half a cake", file_name="cake.png", content=PNG, **said)
    ask_for_assessment(
        student_id=made.student.pk, competency_id=competency.pk, asked_by=made.student.pk, at=build.noon(30),
        evidence=picture.uuid, message="I checked it by multiplying back.",
    )  # fmt: skip
    other = made.competencies[2]
    record_evidence(
        student_id=made.student.pk, recorded_by=made.student.pk, kind="note", title="Percent of a price", text="12 percent of 50.",
        worked_on=build.day(31), at=build.noon(31), competency_ids=[other.pk],
    )  # fmt: skip
    choose_plan_items(
        student_id=made.student.pk, decided_by=made.student.pk, at=timezone.now() - datetime.timedelta(days=30),
        choices=[PlanChoice(made.competencies[3].pk, "focus")],
    )  # fmt: skip
    return made


def out_of_bounds(page):
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def tab_to(page, selector):
    """Press Tab until the place has the focus, as somebody without a mouse does; fails where it is never reached."""
    for _ in range(80):
        if page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{selector} is never reached by Tab")


def test_from_the_first_page_through_the_inbox_to_a_judgement_beside_an_anchor(page, axe, serve, school, enter):
    address = serve("learning")
    enter(school.teacher, address)
    page.goto(address)
    page.wait_for_selector("text=What needs you today")
    assert axe(page) == []
    tab_to(page, "main a[href='/inbox/']")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Inbox')")
    assert axe(page) == []
    tab_to(page, "[data-walk] a")
    assert "MA.2" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("j")
    assert "MA.3" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=I checked it by multiplying back.")
    page.locator(".judging-picture").evaluate("picture => picture.decode()")
    assert page.locator(".judging-picture").evaluate("picture => picture.naturalWidth") == 1
    assert axe(page) == []
    # The anchor is tried first; its agreed level stands among the samples only then.
    tab_to(page, ".judging-try summary")
    page.keyboard.press("Enter")
    tab_to(page, ".judging-try select")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("summary:has-text('Anchor sample: Half of a half')")
    tab_to(page, ".judging-way a[href='#levels']")
    page.keyboard.press("Enter")
    tab_to(page, ".judging-level summary")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=You had the agreed level.")
    assert axe(page) == []
    tab_to(page, "button[value=judge]")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Nothing is recorded yet")
    assert page.evaluate("document.activeElement.id") == "problems"
    assert axe(page) == []
    tab_to(page, "input[name=level]")
    page.keyboard.press("3")
    assert page.evaluate("document.activeElement.value") == "3"
    page.keyboard.press("Enter")
    page.wait_for_selector("text=/Quillon Zabriskie: .+ judged Proficient\\./")
    assert page.is_visible("text=12 percent of 50.")
    assert MasteryJudgment.objects.latest("id").rests_on.count() == 1


def test_a_teachers_other_pages_are_accessible_and_in_bounds(page, axe, serve, school, enter):
    address = serve("learning")
    enter(school.teacher, address)
    section = school.teacher.taught_sections.get().section
    number = MasteryJudgment.objects.filter(competency=school.competencies[1]).latest("id").pk
    judging = f"/inbox/{school.student.uuid}/{school.competencies[1].uuid}/"
    for path in (
        "/",
        "/inbox/",
        judging,
        f"/classes/{section.uuid}/flow/",
        "/stalled/",
        school.cell(1, f"judgements/{number}/withdraw/"),
    ):
        for size in (DESK, PHONE, NARROW):
            page.set_viewport_size(size)
            page.goto(address + path)
            assert not out_of_bounds(page), (path, size)
        assert axe(page) == [], path
    page.goto(address + "/search/")
    page.keyboard.type("quillon")
    page.keyboard.press("Enter")
    page.wait_for_selector("main a:has-text('Quillon Zabriskie')")
    assert page.url == address + "/search/"
    assert axe(page) == []
