"""A student's summary shared by a link: making one, taking it back, and the page that it opens without signing in.

Who may make one, and why nobody else: docs/decisions/0015-a-guardian-shares-a-summary-by-a-link.md.
"""

import hashlib
import uuid
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import activate, get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from database.areas import acting_as
from pathways.access import MAY, sharers_of, summary_shared_by
from pathways.actions.share_summary import SharingRefused, end_shared_summary, note_opening, share_summary
from pathways.forms import ShareForm
from pathways.queries.sharing import links_of
from pathways.queries.sheet import sheet_of
from pathways.views.plan import doer, sheet_context
from people.access import NotInReach, StudentInReach
from people.actions.count_failures import SHARED_LINK, count_failure, wait_seconds
from people.once import FIELD as ONCE

USUAL_DAYS = 7
# The language in which a summary was shared, in its link: what its reader chose on this site goes before it.
LANGUAGE = "language"


@never_cache
@require_http_methods(["GET", "POST"])
def sharing(request: HttpRequest, student: uuid.UUID) -> HttpResponse:
    """The links to a student's summary; a guardian makes one here, which this page shows once."""
    found = doer(request, student, "end_shared_summary" if request.method == "GET" else "share_summary")
    first_name = found.name.split(" ")[0]
    form = ShareForm(request.POST or None, initial={"shown_name": first_name, "days": USUAL_DAYS})
    link = _made(request, form, found) if request.method == "POST" and form.is_valid() else ""
    at, day = timezone.now(), timezone.localdate()
    with acting_as("area_learning"):
        links = links_of(found.id, at=at, makers=sharers_of(found.id, day))
    form.describe()
    context = {
        "student": found,
        "may_share": bool(found.relations & MAY["share_summary"]),
        "links": links,
        "link": link,
        "form": form,
    }
    return render(request, "pathways/plan_sharing.html", context, status=422 if form.errors else 200)


def _made(request: HttpRequest, form: ShareForm, found: StudentInReach) -> str:
    """The whole address of the link that was made; "" where the form says why there is none."""
    try:
        _record, token = share_summary(
            student_id=found.id,
            made_by=int(request.user.pk or 0),
            at=timezone.now(),
            form_key=request.POST.get(ONCE, ""),
            **form.cleaned_data,
        )
    except SharingRefused as refused:
        form.add_error(refused.field or None, str(refused))
        return ""
    address = reverse("shared_summary", args=[token])
    return request.build_absolute_uri(f"{address}?{urlencode({LANGUAGE: get_language() or settings.LANGUAGE_CODE})}")


@require_POST
def end(request: HttpRequest, student: uuid.UUID, shared: uuid.UUID) -> HttpResponse:
    """Take a link back; one that is closed stays closed."""
    found = doer(request, student, "end_shared_summary")
    if end_shared_summary(student_id=found.id, shared=shared, ended_by=int(request.user.pk or 0), at=timezone.now()):
        messages.success(request, _("The link is taken back. It opens nothing any more."))
    else:
        messages.info(request, _("This link was closed before."))
    return redirect("plan_sharing", student)


@login_not_required
@never_cache
@require_GET
def shared_summary(request: HttpRequest, token: str) -> HttpResponse:
    """What a link opens, for whoever holds it. A link that is not open says so, and not whose it was."""
    at, day = timezone.now(), timezone.localdate()
    who = {"name": hashlib.sha256(token.encode()).hexdigest(), "address": request.META.get("REMOTE_ADDR", "")}
    if wait := wait_seconds(door=SHARED_LINK, **who):
        answer = _apart(request, {"wait": -(-wait // 60)}, 429)
        answer["Retry-After"] = str(wait)
        return answer
    count_failure(door=SHARED_LINK, **who)
    try:
        shared = summary_shared_by(token, at=at, day=day)
    except NotInReach:
        return _apart(request, {}, 410)
    note_opening(shared_id=shared.pk, at=at)
    with acting_as("area_learning"):
        sheet = sheet_of(student_id=shared.student_id, day=day)
    return _apart(request, {"shared": shared, **sheet_context(sheet, day)}, 200)


def _apart(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    """A page that no search finds, no cache keeps, and that tells nobody where its reader came from."""
    asked = request.GET.get(LANGUAGE, "")
    if asked in dict(settings.LANGUAGES) and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        # Like ReadersLanguage's own choice, for the rest of the request: its answer names the language, too.
        activate(asked)
    answer = render(request, "pathways/shared_summary.html", context, status=status)
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer["Cache-Control"] = "no-store, private"
    # Django writes the address of what it refuses into its log, and this one holds the token.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer
