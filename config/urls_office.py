"""The office site's pages: money, its nights and its doubts. Served only where CREDENCE_PROCESS=office."""

from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from funding.access import navigation

SITE_NAME = _("Credence office")
__all__ = ["SITE_NAME", "navigation", "urlpatterns"]

urlpatterns = [
    path("", include("people.urls")),
    path("", include("funding.urls")),
]
