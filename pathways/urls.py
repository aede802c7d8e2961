"""The API's paths of plans, credit and portfolios. All below /api/v1/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
