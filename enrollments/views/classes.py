"""Classes on the learning site: signing in by code, secrets to hand out.

Nothing on this site holds an amount of money.
"""

import uuid
from typing import Any

from django import forms
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from database.areas import acting_as
from enrollments.access import student_signing_in, taught_section
from enrollments.actions.give_class_secrets import give_class_secrets
from enrollments.calc.class_secrets import TYPED_CHARACTERS, code_from
from enrollments.queries.sections import students_of
from people.access import NotInReach
from people.actions.count_failures import CLASS_CODE, count_failure, wait_seconds
from people.views.sign_in import browser_of, too_many

NO_MATCH = gettext_lazy("This class code and secret do not belong together. Look at your sheet and try again.")


class ClassSignInForm(forms.Form):
    """What a student without e-mail types: the code on the class's sheet, and the own secret."""

    class_code = forms.CharField(max_length=TYPED_CHARACTERS)
    secret = forms.CharField(max_length=TYPED_CHARACTERS)


@method_decorator([login_not_required, sensitive_post_parameters(), never_cache], name="dispatch")
class ClassSignIn(View):
    """Signs a student in by class code and own secret; closed for a while where too many tries failed."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, ClassSignInForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ClassSignInForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, _("Fill in both fields, then sign in again."), 422)
        code, secret = form.cleaned_data["class_code"], form.cleaned_data["secret"]
        who = {"name": code_from(code), "address": request.META.get("REMOTE_ADDR", ""), "browser": browser_of(request)}
        if wait := wait_seconds(door=CLASS_CODE, **who):
            answer = self._page(request, form, too_many(wait), 429)
            answer["Retry-After"] = str(wait)
            return answer
        student = student_signing_in(class_code=code, secret=secret, day=timezone.localdate())
        if student is None:
            count_failure(door=CLASS_CODE, **who)
            return self._page(request, form, str(NO_MATCH), 422)
        login(request, student, backend="django.contrib.auth.backends.ModelBackend")
        return redirect("home")

    def _page(self, request: HttpRequest, form: ClassSignInForm, problem: str = "", status: int = 200) -> HttpResponse:
        typed = form.data.get("class_code", "")[:TYPED_CHARACTERS]
        return render(request, "enrollments/class_sign_in.html", {"problem": problem, "class_code": typed}, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def class_secrets(request: HttpRequest, section: uuid.UUID) -> HttpResponse:
    """New secrets for a class that one teaches, shown once, to be printed, cut up and handed out."""
    day = timezone.localdate()
    context: dict[str, Any] = {}
    try:
        with acting_as("area_learning"):
            found = taught_section(actor_id=int(request.user.pk or 0), section=section, day=day)
            students = students_of(section_id=found.pk, day=day)
            if request.method == "POST":
                chosen = {one.id for one in students if str(one.uuid) in request.POST.getlist("student")}
                context["given"] = give_class_secrets(section_id=found.pk, day=day, student_ids=chosen)
    except NotInReach:
        raise Http404 from None
    return render(request, "enrollments/class_secrets.html", {**context, "section": found, "students": students})
