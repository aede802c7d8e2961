"""A browser for the tests of pages, and the accessibility check that they share.

A test takes `page` and `axe`, opens a page of the `live_server`, and asserts
`axe(page) == []`. Without Chromium on the machine such tests are skipped.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from pytest_django.live_server_helper import LiveServer

from pathways.actions.cover_competencies import cover_competencies
from tests import build_learning as build

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PARTS = {"stylesheet", "script", "image", "font"}
OWN_HOSTS = {"localhost", "127.0.0.1", "testserver"}


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One headless Chromium for the run."""
    executable = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if executable is None:
        pytest.skip("no Chromium on PATH: pages are not tested in a browser on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    # Chromium refuses its own sandbox to root.
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with pytest.MonkeyPatch.context() as environment, playwright.sync_playwright() as driver:
        # Playwright keeps an event loop in this thread, in which Django would refuse the database.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        running = driver.chromium.launch(executable_path=executable, args=flags)
        yield running
        running.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A fresh tab without cookies, 1280 pixels wide.

    Fails the test when a page broke the content security policy, threw a
    script error, asked another host for anything, or lacked a stylesheet,
    script, picture or font of its own.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    faults: list[str] = []

    def hear(message: Any) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    def watch(request: Any) -> None:
        url = urlsplit(request.url)
        if url.scheme in ("http", "https") and url.hostname not in OWN_HOSTS:
            faults.append(f"asked {url.hostname} for {url.path}")

    def receive(response: Any) -> None:
        # A page without its stylesheet would pass most checks.
        if response.status >= 400 and response.request.resource_type in PARTS:
            faults.append(f"{response.status} for {urlsplit(response.url).path}")

    tab.on("console", hear)
    tab.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    tab.on("request", watch)
    tab.on("response", receive)
    yield tab
    context.close()
    assert faults == []


@pytest.fixture(scope="session")
def axe() -> Callable[[Any], list[str]]:
    """`axe(page)`: one line for each accessibility violation in the page as it stands now; by other options than all rules,
    where given."""

    def check(tab: Any, options: dict[str, Any] | None = None) -> list[str]:
        # Evaluated, not added as a script element: the policy would stop that one.
        if not tab.evaluate("'axe' in window"):
            tab.evaluate(AXE.read_text())
        options = {"resultTypes": ["violations"], **(options or {"runOnly": {"type": "tag", "values": RULES}})}
        result = tab.evaluate("options => axe.run(document, options)", options)
        return [
            f"{violation['id']}: {violation['help']}: {node['target']}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]

    return check


@pytest.fixture
def serve(committed_db, settings):
    """serve("office") -> the address of that site, answered by this process from the committed database."""
    running = []

    def start(site):
        settings.ROOT_URLCONF, settings.SITE = f"config.urls_{site}", site
        settings.DEBUG = False
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
        running.append(LiveServer("localhost"))
        return running[-1].url

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def enter(page, settings):
    """enter(user, address): the browser holds a session of that user; the sign-in form has its own test."""

    def hold_session(user, address):
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        page.context.clear_cookies()
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": address}])

    return hold_session


@pytest.fixture
def class_page(page, serve, enter):
    """class_page(students, competencies) -> (teacher, students, columns), with the class's page open."""

    def open_class(students, competencies):
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
