"""Class secrets and the sign-in with one, in a real browser: by keyboard, accessible, at a desk's and at a phone's width."""

import pytest
from django.core.cache import cache

from enrollments.models import Course, SchoolYear, Section, SectionEducator, SectionStudent, Term
from people.models import Organization
from tests.pages.office import SINCE, person
from tests.pages.test_in_a_browser import PHONE, out_of_bounds

DESK = {"width": 1280, "height": 900}


@pytest.fixture
def section(committed_db):
    cache.clear()
    year = SchoolYear.objects.create(code="Y", starts_on=SINCE, ends_on=SINCE.replace(year=SINCE.year + 5))
    school = Organization.objects.create(kind="school", code="S", name="School")
    made = Section.objects.create(
        school=school,
        term=Term.objects.create(school_year=year, code="T", starts_on=year.starts_on, ends_on=year.ends_on),
        course=Course.objects.create(catalogue="school", code="C", title="Course"),
        code="1",
        title="Class 1",
        sign_in_code="ABC1",
        sign_in_salt="salt",
    )
    SectionEducator.objects.create(section=made, educator=person("teacher", None), kind="teacher", starts_on=SINCE)
    SectionStudent.objects.create(section=made, student=person("student", None), starts_on=SINCE)
    yield made
    cache.clear()


def looks_right(page, axe):
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        assert axe(page) == []
        assert not out_of_bounds(page)


def test_a_teacher_makes_a_secret_and_the_student_signs_in_with_it_by_keyboard(page, axe, serve, enter, section):
    address = serve("learning")
    enter(section.educators.get().educator, address)
    page.goto(f"{address}/classes/{section.uuid}/secrets/")
    looks_right(page, axe)
    page.focus("button:has-text('Make new secrets')")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Print this page now")
    looks_right(page, axe)
    secret = page.inner_text("tbody td:last-child")
    page.context.clear_cookies()
    page.goto(f"{address}/sign-in/class/")
    looks_right(page, axe)
    page.focus("#id_class_code")
    page.keyboard.type("abc1")
    page.keyboard.press("Tab")
    page.keyboard.type("not this one")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=You are not signed in")
    looks_right(page, axe)
    page.focus("#id_secret")
    page.keyboard.type(secret)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")
    looks_right(page, axe)
