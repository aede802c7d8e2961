"""The paths of this app: its API below /api/v1/, and the learning site's pages of classes."""

from django.urls import path

from enrollments.rest.classes import Classes, OneClass
from enrollments.rest.completions import CompletionsView
from enrollments.rest.schools import Schools
from enrollments.views import people, roster, schools
from enrollments.views.classes import ClassSignIn, class_secrets

urlpatterns = [
    path("completions", CompletionsView.as_view(), name="api_completions"),
    path("classes", Classes.as_view()),
    path("classes/<uuid:section>", OneClass.as_view()),
    path("schools", Schools.as_view(), name="api_schools"),
]
pages = [
    path("sign-in/class/", ClassSignIn.as_view(), name="sign_in_by_class"),
    path("classes/<uuid:section>/secrets/", class_secrets, name="class_secrets"),
    path("schools/", schools.schools_page, name="schools"),
    path("schools/roster/", roster.roster_page, name="roster"),
    path("schools/<uuid:school>/", schools.school_page, name="school"),
    path("classes/<uuid:section>/people/", schools.people_page, name="class_people"),
    path("classes/<uuid:section>/people/join/", schools.join, name="class_join"),
    path("classes/<uuid:section>/people/leave/", schools.leave, name="class_leave"),
]
pages += [
    path("people/", people.people_page, name="people"),
    path("people/new/", people.new_person, name="new_person"),
    path("people/<uuid:person>/", people.person_page, name="person"),
    path("people/<uuid:person>/appoint/", people.appoint_person, name="person_appoint"),
    path("people/<uuid:person>/end/", people.end_held, name="person_end"),
    path("people/<uuid:person>/guardian/", people.guardian_of, name="person_guardian"),
    path("people/<uuid:person>/case/", people.case_of, name="person_case"),
    path("people/<uuid:person>/email/", people.email_of, name="person_email"),
    path("people/<uuid:person>/secret/", people.secret_for, name="person_secret"),
]
