"""What the page header shows: the site's name and the pages that this reader may open.

Which pages there are is the site's own affair: its URL module (config/urls_*.py) carries SITE_NAME and `navigation`,
a function from the request to (label, URL name) pairs.
"""

from importlib import import_module

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def navigation(request: HttpRequest) -> dict[str, object]:
    """`site_name` and `nav_items` for every template; also for pages of errors met before the reader was known."""
    site = import_module(getattr(request, "urlconf", None) or settings.ROOT_URLCONF)
    user = getattr(request, "user", None)
    pages = site.navigation(request) if user is not None and user.is_authenticated else []
    return {"site_name": site.SITE_NAME, "nav_items": [_item(request.path, label, reverse(name)) for label, name in pages]}


def _item(path: str, label: str, url: str) -> dict[str, object]:
    return {"label": label, "url": url, "current": path == url or (url != "/" and path.startswith(url))}
