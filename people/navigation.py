"""What the page header shows: the site's name and the pages that this reader may open."""

from django.http import HttpRequest


def navigation(request: HttpRequest) -> dict[str, object]:
    return {}
