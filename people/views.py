"""Signing in and out: the same on both sites."""

from typing import Any

from django.contrib.auth.views import LoginView

from people.navigation import navigation


class SignIn(LoginView):
    """Django's sign-in under the site's own name, which it would overwrite by the host's."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | navigation(self.request)
