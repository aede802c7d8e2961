"""The office site's pages: money, its nights and its doubts. Served only where CREDENCE_PROCESS=office."""

from django.urls import include, path

from funding.access import navigation

SITE_NAME = "Credence office"
__all__ = ["SITE_NAME", "navigation", "urlpatterns"]

urlpatterns = [
    path("", include("people.urls")),
    path("", include("funding.urls")),
]
