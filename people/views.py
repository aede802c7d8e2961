"""Signing in and out: the same on both sites."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse

from people.actions.count_failures import PASSWORD, SECONDS, count_failure, is_closed
from people.navigation import navigation

TOO_MANY = f"Too many tries have failed. Wait {SECONDS // 60} minutes, then try again."


class SignIn(LoginView):
    """Django's sign-in under the site's own name, which it would overwrite by the host's; closed where too many tries failed."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | navigation(self.request)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_closed(door=PASSWORD, **self._who()):
            return super().post(request, *args, **kwargs)
        # The password is not tried: the answer would tell whether it is right.
        form = self.get_form_class()(request, initial={"username": self._who()["name"]})
        answer = self.render_to_response(self.get_context_data(form=form, closed=TOO_MANY), status=429)
        answer["Retry-After"] = str(SECONDS)
        return answer

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        count_failure(door=PASSWORD, **self._who())
        return super().form_invalid(form)

    def _who(self) -> dict[str, str]:
        return {"name": self.request.POST.get("username", "")[:150], "address": self.request.META.get("REMOTE_ADDR", "")}
