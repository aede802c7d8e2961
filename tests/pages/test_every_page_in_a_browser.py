"""Every page of the learning site in a real browser, with whoever may open it and in every state that looks otherwise:
accessible and in bounds at a desk's, a phone's and the narrowest width, in light and in dark, and obeying its own policy.

The states are found, not listed: what each role opens on each ground of `every_page.py`, and each form sent empty. Of those
that are made of the same parts one is looked at.
"""

import logging

import pytest
from django.db import transaction
from django.test import Client

from tests.pages.every_page import TABLE, a_ground, a_large_ground, an_empty_ground
from tests.pages.walking import Reading, content_of

SIZES = ({"width": 1280, "height": 900}, {"width": 390, "height": 844})
NARROWEST = {"width": 320, "height": 700}
DARK = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# Sends the form as a browser without checks of its own would, with nothing filled in.
SEND_EMPTY = """place => {
    const form = document.querySelectorAll("form[method=post]")[place];
    form.querySelectorAll("input:not([type=hidden]), select, textarea, button").forEach(field => { field.disabled = true; });
    HTMLFormElement.prototype.submit.call(form);
}"""


class State:
    """A page as one person sees it; `form` is the place of the form that is sent empty on it, None where none is."""

    def __init__(self, role, person, route, address, form, reading):
        self.role, self.person, self.route, self.address, self.form = role, person, route, address, form
        self.parts = {(route, *part) for part in reading.outline}

    def __repr__(self):
        return f"{self.address} as {self.role}" + ("" if self.form is None else f", form {self.form} sent empty")


def states():
    """Every state of every page on every ground."""
    found = []
    for ground in (a_ground(), an_empty_ground(), a_large_ground()):
        for role, person in [("nobody", None), *ground.people.items()]:
            client = Client()
            if person:
                client.force_login(person)
            signed_in = client.cookies.output(header="", sep=";")
            for route, methods in TABLE.items():
                address = ground.filled(route)
                if address and role in methods.get("get", "").split():
                    found += states_of(client, signed_in, State, (role, person, route, address))
    return found


def states_of(client, signed_in, state, where):
    page = asked(client, signed_in, "get", where[-1])
    if page is None:
        return []
    yield state(*where, None, page)
    for place, form in enumerate(one for one in page.forms if one.method == "post"):
        refused = asked(client, signed_in, "post", form.action or where[-1], dict(form.hidden))
        if refused is not None:
            yield state(*where, place, refused)


def asked(client, signed_in, method, address, sent=None):
    """What a page, or the refusal of a form, is made of; None where the answer is neither. Undone."""
    client.cookies.load(signed_in)
    with transaction.atomic():
        answer = getattr(client, method)(address, sent)
        content = content_of(answer)
        transaction.set_rollback(True)
    wanted = 200 if method == "get" else 422
    return Reading(content.decode()) if answer.status_code == wanted and b"<main" in content else None


def looking_otherwise(found):
    """Of the states, the largest of each page first, those with a part that none before them has."""
    seen, kept = set(), []
    for state in sorted(found, key=lambda one: -len(one.parts)):
        if not state.parts <= seen:
            seen |= state.parts
            kept.append(state)
    return sorted(kept, key=lambda one: (one.role, one.address))


def open_state(page, enter, address, state):
    if state.person:
        enter(state.person, address)
    else:
        page.context.clear_cookies()
    page.goto(address + state.address)
    if state.form is not None:
        with page.expect_navigation():
            page.evaluate(SEND_EMPTY, state.form)


def out_of_bounds(page):
    scrolls = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return ["the page scrolls sideways"] if scrolls else []


@pytest.mark.slow
def test_every_page_in_every_state_is_accessible_and_in_bounds(page, axe, serve, enter, caplog):
    caplog.set_level(logging.ERROR)
    address = serve("learning")
    found, wrong = looking_otherwise(states()), []
    for state in found:
        page.emulate_media(color_scheme="light")
        open_state(page, enter, address, state)
        for size in SIZES:
            page.set_viewport_size(size)
            wrong += [f"{state}, {size['width']} px: {told}" for told in [*axe(page), *out_of_bounds(page)]]
        page.emulate_media(color_scheme="dark")
        for size in SIZES:
            page.set_viewport_size(size)
            wrong += [f"{state}, {size['width']} px, dark: {told}" for told in axe(page, DARK)]
        page.set_viewport_size(NARROWEST)
        wrong += [f"{state}, {NARROWEST['width']} px: {told}" for told in out_of_bounds(page)]
    print(f"{len(found)} states of {len({one.route for one in found})} pages")
    assert not wrong, "\n".join(wrong)
