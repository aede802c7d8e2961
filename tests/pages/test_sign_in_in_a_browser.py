"""Signing in with a second factor, and people and roles, in a real browser: by keyboard alone, accessible, at both widths."""

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache

from tests import build_learning as build
from tests.pages.office import PASSWORD, let_sign_in
from tests.pages.test_class_sign_in_in_a_browser import looks_right


@pytest.fixture
def _nothing_counted(committed_db):
    cache.clear()
    yield
    cache.clear()


def code(secret):
    """What the app shows in the next half minute, so that a code before it may have been used."""
    return format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[2]))


def tab_to(page, selector):
    """Tab until it has the focus, as somebody without a mouse does."""
    for _ in range(60):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {selector}")


def type_into(page, selector, text):
    tab_to(page, selector)
    page.keyboard.type(text)


def sign_in(page, address, user):
    page.goto(f"{address}/sign-in/")
    type_into(page, "#id_username", user.username)
    type_into(page, "#id_password", PASSWORD)
    page.keyboard.press("Enter")


@pytest.mark.usefixtures("_nothing_counted")
def test_a_teacher_sets_a_second_factor_up_and_signs_in_with_it_by_keyboard(page, axe, serve, settings):
    settings.SECOND_FACTOR = "required"
    address, user = serve("learning"), let_sign_in(build.teacher())
    sign_in(page, address, user)
    page.wait_for_selector("h1:has-text('Set up a second factor')")
    looks_right(page, axe)
    secret = page.inner_text("ol code")
    type_into(page, "#id_code", "000000")
    page.keyboard.press("Enter")
    page.wait_for_selector("#refused:focus")
    looks_right(page, axe)
    assert page.inner_text("ol code") == secret
    cache.clear()
    type_into(page, "#id_code", format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1])))
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Recovery codes')")
    assert page.locator(".credence-recovery-codes li").count() == 10
    looks_right(page, axe)
    tab_to(page, "main a.usa-button")
    page.keyboard.press("Enter")
    page.wait_for_selector("form[data-sign-out]", state="attached")
    page.evaluate("localStorage.setItem('credence-edits', 'kept'); localStorage.setItem('other', 'kept')")
    tab_to(page, "form[data-sign-out] button")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Sign in')")
    assert page.evaluate("localStorage.getItem('credence-edits')") is None
    sign_in(page, address, user)
    page.wait_for_selector("h1:has-text('Your second factor')")
    looks_right(page, axe)
    type_into(page, "#id_code", code(secret))
    page.keyboard.press("Enter")
    page.wait_for_selector("form[data-sign-out]", state="attached")
    page.goto(f"{address}/your-sign-in/")
    looks_right(page, axe)
    page.goto(f"{address}/your-sign-in/recovery-codes/new/")
    looks_right(page, axe)


@pytest.mark.usefixtures("_nothing_counted")
def test_an_administrator_puts_somebody_on_file_and_names_a_guardian_by_keyboard(page, axe, serve, enter):
    address, school = serve("learning"), build.school()
    student = build.student(school, name="Ann Archer")
    build.guardian(student)
    enter(build.administrator(school), address)
    page.goto(f"{address}/people/")
    looks_right(page, axe)
    tab_to(page, "main a.usa-button")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Put somebody new on file')")
    looks_right(page, axe)
    type_into(page, "#id_full_name", "Nia New")
    type_into(page, "#id_username", student.username)
    page.keyboard.press("Enter")
    page.wait_for_selector("#refused:focus")
    looks_right(page, axe)
    assert page.input_value("#id_full_name") == "Nia New"
    tab_to(page, "#id_username")
    page.keyboard.press("Control+A")
    page.keyboard.type("nia")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('A one-time secret for Nia New')")
    looks_right(page, axe)
    page.goto(f"{address}/people/{student.uuid}/")
    looks_right(page, axe)
    for summary in page.locator("details").all():
        summary.evaluate("one => one.open = true")
    looks_right(page, axe)
    page.reload()
    tab_to(page, "details:has([action$='/guardian/']) > summary")
    page.keyboard.press("Enter")
    type_into(page, "#id_guardian_username", "nia")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=The guardian is on file.")
    looks_right(page, axe)
