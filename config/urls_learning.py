"""The learning site's pages and the intake API. No path here leads to money."""

from django.http import HttpRequest
from django.urls import include, path
from django.utils.translation import gettext as _

from api.views import Schema, UnknownAddress
from competencies.urls import pages as framework_pages
from enrollments.urls import pages
from pathways.urls import pages as plan_pages
from pathways.views import class_judging, classes
from pathways.views.home import home
from people.roles import COUNSELLOR, DISTRICT_ADMINISTRATOR, SCHOOL_ADMINISTRATOR, STUDENT, TEACHER, roles_of
from people.urls import learning_pages

SITE_NAME = "Credence"
EDUCATORS = frozenset({TEACHER, COUNSELLOR, SCHOOL_ADMINISTRATOR, DISTRICT_ADMINISTRATOR})


def navigation(request: HttpRequest) -> list[tuple[str, str]]:
    """Home for everybody, and what belongs to the roles that the reader holds today."""
    held = roles_of(request).kinds
    pages = [
        (_("Home"), "home", True),
        (_("Inbox"), "inbox", TEACHER in held),
        (_("My plan"), "own_plan", STUDENT in held),
        (_("Students"), "students", bool(held & {COUNSELLOR, SCHOOL_ADMINISTRATOR})),
        (_("Credit due"), "credit_due", bool(held & {COUNSELLOR, SCHOOL_ADMINISTRATOR})),
        (_("Search"), "search", bool(held & EDUCATORS)),
        (_("Schools"), "schools", bool(held & {SCHOOL_ADMINISTRATOR, DISTRICT_ADMINISTRATOR})),
        (_("Frameworks"), "frameworks", bool(held & EDUCATORS)),
        (_("People"), "people", bool(held & {SCHOOL_ADMINISTRATOR, DISTRICT_ADMINISTRATOR})),
    ]
    return [(label, name) for label, name, shown in pages if shown]


urlpatterns = [
    path("api/v1/", include("enrollments.urls")),
    path("api/v1/", include("competencies.urls")),
    path("api/v1/", include("pathways.urls")),
    path("api/v1/schema", Schema.as_view()),
    path("api/v1/<path:rest>", UnknownAddress.as_view()),
    path("", include(pages)),
    path("classes/<uuid:section>/", classes.class_page, name="class_page"),
    path("classes/<uuid:section>/judgements/", class_judging.judge, name="class_judge"),
    path("classes/<uuid:section>/foreseen/", class_judging.foresee, name="class_foresee"),
    path("classes/<uuid:section>/undone/", class_judging.undo, name="class_undo"),
    path("classes/<uuid:section>/competencies/<uuid:competency>/", classes.competency_page, name="class_competency"),
    path("classes/<uuid:section>/students/<uuid:student>/", classes.student_page, name="class_student"),
    path("classes/<uuid:section>/cells/<uuid:student>/<uuid:competency>/", classes.cell, name="class_cell"),
    path("", include(framework_pages)),
    path("", include(plan_pages)),
    path("", include("people.urls")),
    path("", include(learning_pages)),
    path("", home, name="home"),
]
