"""The learning site's pages and the intake API. No path here leads to money."""

urlpatterns: list = []
