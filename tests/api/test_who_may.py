"""Every address of the API with every role and every method, against one table.

The addresses are read off the URL configuration: a new one that the table does not name fails, and so does one that went.
Whoever may not is answered 404 (no relation to this student, or no such object, which read the same) or 403: the role opens
nothing there, or the relation to the student is not one that may. Whoever may is answered anything else, a wrong body included.
"""

import pytest
from django.db import transaction
from django.urls import get_resolver
from django.urls.resolvers import URLPattern

from tests.api.world import a_world, numbers

SITE = "config.urls_learning"
PREFIX = "api/v1/"
METHODS = ("get", "post", "put", "patch", "delete")

READERS = "student guardian teacher counsellor school_administrator district_administrator"
WITH_PROVIDER = f"{READERS} provider_staff"
LEARNING = f"{READERS} provider_staff other_teacher nobody_now"
TEACHERS = "teacher other_teacher"
ADMINISTRATORS = "school_administrator district_administrator"
PLANNERS = "student teacher counsellor"
EVERYBODY = f"{LEARNING} finance_officer payment_releaser auditor"
STUDENT = "students/<uuid:student>"

# {route: {method: the roles that may}}. "nobody_now" was the student's guardian until yesterday, and holds that role elsewhere.
TABLE = {
    "completions": {"post": ""},
    "schema": {"get": EVERYBODY},
    "<path:rest>": {},
    "classes": {"get": f"student {TEACHERS} {ADMINISTRATORS}"},
    "classes/<uuid:section>": {"get": f"student teacher {ADMINISTRATORS}"},
    "classes/<uuid:section>/assessment-requests": {"get": "teacher"},
    "classes/<uuid:section>/stalled": {"get": "teacher"},
    "classes/<uuid:section>/pace": {"get": "teacher"},
    "students": {"get": EVERYBODY},
    "levels": {"get": WITH_PROVIDER},
    "judgments": {"post": "teacher"},
    f"{STUDENT}/levels": {"get": WITH_PROVIDER},
    f"{STUDENT}/levels/<uuid:competency>": {"get": READERS},
    f"{STUDENT}/judgments/<int:number>/withdrawal": {"post": "teacher counsellor school_administrator"},
    f"{STUDENT}/judgments/<int:number>/second-ratings": {"post": f"teacher {ADMINISTRATORS}"},
    f"{STUDENT}/individual-criteria": {"get": READERS, "post": "counsellor school_administrator"},
    f"{STUDENT}/individual-criteria/end": {"post": "counsellor school_administrator"},
    f"{STUDENT}/evidence": {"get": READERS, "post": PLANNERS},
    f"{STUDENT}/evidence/<uuid:evidence>/versions": {"post": PLANNERS},
    f"{STUDENT}/evidence/<uuid:evidence>/versions/<int:number>/file": {"get": READERS},
    "frameworks": {"get": LEARNING, "post": "district_administrator"},
    "frameworks/<uuid:framework>": {"get": LEARNING},
    "frameworks/<uuid:framework>/package": {"get": LEARNING},
    "frameworks/<uuid:framework>/prerequisites": {"post": "district_administrator"},
    "competencies/<uuid:competency>": {"get": LEARNING},
    "rubric-levels/<uuid:level>/samples": {"post": "district_administrator"},
    "scales": {"get": LEARNING, "post": ADMINISTRATORS},
    "scales/<uuid:scale>": {"get": LEARNING},
    "scales/<uuid:scale>/preview": {"post": ADMINISTRATORS},
    "scales/<uuid:scale>/versions": {"post": ADMINISTRATORS},
    "second-ratings": {"get": TEACHERS},
    "second-ratings/<uuid:rating>": {"post": "other_teacher"},
    "second-ratings/<uuid:rating>/evidence/<uuid:evidence>/versions/<int:number>/file": {"get": "other_teacher"},
    "anchors": {"get": TEACHERS, "post": ADMINISTRATORS},
    "anchors/<uuid:anchor>/ratings": {"post": TEACHERS},
    "rater-figures": {"get": ADMINISTRATORS},
    f"{STUDENT}/plan": {"get": WITH_PROVIDER},
    f"{STUDENT}/plan/choices": {"post": PLANNERS},
    f"{STUDENT}/plan/goals": {"post": PLANNERS},
    f"{STUDENT}/plan/goals/<uuid:goal>/end": {"post": PLANNERS},
    f"{STUDENT}/diagnostics": {"post": "teacher counsellor"},
    f"{STUDENT}/assessment-requests": {"get": READERS, "post": "student"},
    f"{STUDENT}/assessment-requests/<uuid:asked>/answer": {"post": "teacher"},
    f"{STUDENT}/assessment-requests/<uuid:asked>/take-back": {"post": "student"},
    "criteria": {"get": LEARNING, "post": "district_administrator"},
    "assessments": {"get": LEARNING, "post": "district_administrator"},
    "requirements": {"get": LEARNING, "post": "district_administrator"},
    "schools": {"get": LEARNING},
    "schools/<uuid:school>/waivers": {"get": LEARNING, "post": "district_administrator"},
    "credit/due": {"get": f"{TEACHERS} counsellor school_administrator"},
    f"{STUDENT}/credit": {"get": READERS, "post": "teacher counsellor school_administrator"},
    f"{STUDENT}/credit/<uuid:award>/revoke": {"post": "counsellor school_administrator"},
    f"{STUDENT}/requirements": {"get": READERS},
    f"{STUDENT}/attestations": {"get": READERS, "post": "teacher"},
    f"{STUDENT}/attestations/<uuid:attestation>/withdraw": {"post": "teacher counsellor school_administrator"},
    f"{STUDENT}/portfolio": {
        "get": "student guardian counsellor school_administrator",
        "post": "student counsellor school_administrator",
    },
    f"{STUDENT}/placements": {"get": READERS},
    f"{STUDENT}/placements/<uuid:placement>/decide": {"post": "counsellor school_administrator"},
}
OPEN_TO_ALL = {"schema"}
# Answered to whoever is signed in, with nobody in it but those whom the person works with.
SEEN_IN = {"students": {"get"}}


def routes(patterns=None, at=""):
    """{route below PREFIX: its view} of the whole URL configuration."""
    found = {}
    for one in get_resolver(SITE).url_patterns if patterns is None else patterns:
        route = at + str(one.pattern)
        if isinstance(one, URLPattern):
            if route.startswith(PREFIX):
                found[route.removeprefix(PREFIX)] = one.callback.cls
        else:
            found |= routes(one.url_patterns, route)
    return found


ROUTES = routes()


def test_every_address_is_declared_and_every_declared_one_is_there():
    assert set(ROUTES) == set(TABLE)


@pytest.mark.parametrize("route", [route for route in ROUTES if route in TABLE])
def test_every_method_of_an_address_is_declared(route):
    view = ROUTES[route]
    handled = {method for method in METHODS if hasattr(view, method) and method in view.http_method_names}
    assert handled == set(TABLE[route])


@pytest.mark.django_db
@pytest.mark.urls(SITE)
@pytest.mark.parametrize("route", [route for route in ROUTES if route in TABLE])
def test_each_role_may_do_with_an_address_what_the_table_says(client, route):
    world = a_world()
    address = world.filled(numbers(world, route))
    if route == "levels":
        address += f"?student={world.people['student'].uuid}"
    body = world.bodies.get(route, {})
    found, wanted = {}, {}
    for role, person in [("nobody", None), *world.people.items()]:
        client.logout()
        if person:
            client.force_login(person)
        for method in METHODS:
            found[role, method] = answered(client, method, address, body, world.people["student"], role)
            wanted[role, method] = expected(route, role, method)
    assert {key: said for key, said in found.items() if said not in wanted[key]} == {}


def answered(client, method, address, body, student, role):
    with transaction.atomic():
        answer = getattr(client, method)(address, **({} if method == "get" else {"data": body, "content_type": "application/json"}))
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json"
    told = str(student.uuid).encode() in content or student.full_name.encode() in content
    if answer.status_code == 401:
        return "sign in"
    if answer.status_code == 405:
        return "no such method"
    if answer.status_code in (403, 404):
        return "may not" if answer.status_code == 403 else "nothing there"
    return "sees the student" if told and method == "get" else "may"


def expected(route, role, method):
    """The answers that are right: who stands in no relation to the student never sees them, whatever else is open."""
    if route == "completions":
        # A provider's own token opens it, and no person's sign-in.
        return {"sign in"}
    if role == "nobody" and route not in OPEN_TO_ALL | {"<path:rest>"}:
        return {"sign in"}
    if route == "<path:rest>":
        return {"nothing there"}
    if method not in TABLE[route]:
        return {"no such method"}
    if role == "nobody" or role in TABLE[route][method].split():
        near = role in WITH_PROVIDER.split()
        if method in SEEN_IN.get(route, {}):
            return {"sees the student"} if near else {"may"}
        return {"may", "sees the student"} if near else {"may"}
    if route.startswith(STUDENT):
        return {"may not"} if role in WITH_PROVIDER.split() else {"nothing there"}
    return {"may not", "nothing there"}
