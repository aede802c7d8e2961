"""The language of a page: what its reader chose at its foot (a cookie), else what the browser asks for, else English."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

API = "/api/"

# Signed in or not. The answer leads back to `next`, which Django lets name no other host.
choose_language = login_not_required(require_POST(set_language))


class ReadersLanguage(LocaleMiddleware):
    """Django's, save that the API speaks English whatever the browser asks for: programs read it."""

    def process_request(self, request: HttpRequest) -> None:
        if request.path_info.startswith(API):
            translation.activate("en")
            request.LANGUAGE_CODE = "en"
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path_info.startswith(API):
            response.headers.setdefault("Content-Language", "en")
            return response
        return super().process_response(request, response)
