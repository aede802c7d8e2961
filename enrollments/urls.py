"""The paths of this app: its API below /api/v1/, and the learning site's pages of classes."""

from django.urls import path

from enrollments.rest.classes import Classes, OneClass
from enrollments.rest.completions import CompletionsView
from enrollments.views import ClassSignIn, class_secrets

urlpatterns = [
    path("completions", CompletionsView.as_view(), name="api_completions"),
    path("classes", Classes.as_view()),
    path("classes/<uuid:section>", OneClass.as_view()),
]
pages = [
    path("sign-in/class/", ClassSignIn.as_view(), name="sign_in_by_class"),
    path("classes/<uuid:section>/secrets/", class_secrets, name="class_secrets"),
]
