"""The intake API's paths."""

from django.urls import path

from enrollments.rest import CompletionsView

urlpatterns = [path("completions", CompletionsView.as_view(), name="api_completions")]
