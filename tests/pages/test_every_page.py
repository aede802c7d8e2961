"""Every page of the learning site with every role, against one table: who opens it, and who may send it something."""

import logging

import pytest
from django.db import transaction

from tests.pages.every_page import METHODS, SITE, TABLE, a_ground, a_large_ground, routes

pytestmark = [pytest.mark.django_db, pytest.mark.urls(SITE)]
NEAR = {"student", "guardian", "teacher", "counsellor", "school_administrator", "district_administrator"}
# Bytes of HTML. Moodle 4.3 sends 222 to 292 KB for the competencies of one student (docs/performance.md).
HEAVIEST = 200_000
TO_SIGN_IN = "/sign-in/?next="


def test_every_page_is_declared_and_every_declared_one_is_there():
    assert routes() == set(TABLE), "a new page gets its line in TABLE of tests/pages/every_page.py, with who may open it"


def test_each_role_may_do_with_every_page_what_the_table_says(client, caplog):
    caplog.set_level(logging.ERROR, "django.request")
    ground = a_ground()
    addresses = {route: ground.filled(route) for route in TABLE}
    nameless = [route for route, address in addresses.items() if address is None]
    assert nameless == [], "a_ground() of tests/pages/every_page.py makes nothing that these name"
    wrong = {}
    for role, person in [("nobody", None), *ground.people.items()]:
        client.logout()
        if person:
            client.force_login(person)
        signed_in = client.cookies.output()
        for route, address in addresses.items():
            for method in METHODS:
                # A page may have ended the session, or begun another, in what is undone by now.
                client.cookies.clear()
                client.cookies.load(signed_in.replace("Set-Cookie: ", ""))
                sent = ground.sent.get(route, {}) if method == "post" else {}
                said = answered(client, method, address, sent, ground.people["student"])
                if said not in expected(route, role, method):
                    wrong[route, role, method] = said
    assert wrong == {}


def test_no_page_of_a_large_school_weighs_more_than_a_peers_page_of_one_student(client, caplog):
    caplog.set_level(logging.ERROR, "django.request")
    ground, weights = a_large_ground(), {}
    for role, person in ground.people.items():
        client.force_login(person)
        for route, methods in TABLE.items():
            address = ground.filled(route)
            if address and role in methods.get("get", "").split():
                answer = client.get(address)
                if answer.status_code == 200 and not answer.streaming:
                    weights[f"/{route}" if route else f"/ ({role})"] = len(answer.content)
    for page, weight in sorted(weights.items(), key=lambda one: -one[1]):
        print(f"| `{page}` | {weight / 1000:.1f} |")
    assert len(weights) > 12
    assert {page: weight for page, weight in weights.items() if weight > HEAVIEST} == {}


def answered(client, method, address, sent, student):
    with transaction.atomic():
        answer = getattr(client, method)(address, **sent)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    assert answer.status_code < 500
    if answer.status_code == 405:
        return "no such method"
    if answer.status_code in (403, 404):
        return "refused"
    if answer.status_code == 302 and answer["Location"].startswith(TO_SIGN_IN):
        return "sign in"
    return "sees the student" if str(student.uuid).encode() in content or student.full_name.encode() in content else "may"


def expected(route, role, method):
    """The answers that are right: whoever stands in no relation to the student never sees them, whatever else is open."""
    may = TABLE[route].get(method)
    if role == "nobody" and "nobody" not in (may or "").split():
        return {"sign in", "no such method"} if may is None else {"sign in"}
    if may is None:
        return {"no such method"}
    if role in may.split():
        return {"may", "sees the student"} if role in NEAR else {"may"}
    return {"refused"}
