"""The office's pages. A view declares its right, reads inside the area, and renders what it has read."""

import datetime
import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from database.areas import acting_as
from funding.access import Viewer, enrollment_behind, provider_of_line_or_404, provider_or_404, requires
from funding.actions.close_period import CloseRefused, close_fiscal_year, close_period
from funding.actions.release_batch import ReleaseRefused, release_batch
from funding.actions.resolve_discrepancy import ACCEPTABLE, ResolutionRefused, resolve_discrepancies
from funding.exchange.statement_csv import statement_as_csv
from funding.forms import DiscrepancyFilter, LookUpForm, ReleaseForm, ResolutionForm, StatementForm
from funding.models import Run
from funding.queries.discrepancies import Wanted, count_by_kind, discrepancies, providers_with_discrepancies
from funding.queries.explanation import explain_line
from funding.queries.nights import batch_with_lines, batches_waiting, periods_of, programs_with_nights
from funding.queries.providers import count_providers, providers_page
from funding.queries.statements import NothingToState, statements

FUNDING = "area_funding"
NIGHTS_ON_HOME = 10
PAGE = 50
TRANSFERS_A_PAGE = 25
HOLDS_ON_STATEMENT = 10


def _page(request: HttpRequest, total: int, size: int = PAGE) -> tuple[Page, int]:
    """The page asked for (the last one where it is beyond), and the offset of its rows, which the caller puts in."""
    page = Paginator(range(total), size).get_page(request.GET.get("page"))
    return page, (page.number - 1) * size


@require_GET
@requires("enter")
def home(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The programs' nights; provider staff are led to their statement instead."""
    if not viewer.may("see_nights"):
        return redirect("providers")
    with acting_as(FUNDING):
        context = {"programs": programs_with_nights(limit=NIGHTS_ON_HOME), "waiting": batches_waiting()}
    return render(request, "funding/home.html", context | {"viewer": viewer})


@require_GET
@requires("see_nights")
def nights(request: HttpRequest, viewer: Viewer, program: str) -> HttpResponse:
    with acting_as(FUNDING):
        page, offset = _page(request, Run.objects.filter(program__code=program).count())
        found = programs_with_nights(program_code=program, limit=PAGE, offset=offset)
    if not found:
        raise Http404
    return render(request, "funding/nights.html", {"program": found[0], "page": page, "viewer": viewer})


@require_GET
@requires("see_nights")
def batch(request: HttpRequest, viewer: Viewer, batch: int) -> HttpResponse:
    return _batch(request, viewer, batch, ReleaseForm(today=timezone.localdate()))


@require_POST
@requires("release_batch")
def release(request: HttpRequest, viewer: Viewer, batch: int) -> HttpResponse:
    form = ReleaseForm(request.POST, today=timezone.localdate())
    if form.is_valid():
        try:
            release_batch(batch_id=batch, released_by=viewer.user_id, on=form.cleaned_data["paid_on"])
        except ReleaseRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The batch is released."))
            return redirect("batch", batch)
    return _batch(request, viewer, batch, form, status=422)


def _batch(request: HttpRequest, viewer: Viewer, batch_id: int, form: ReleaseForm, status: int = 200) -> HttpResponse:
    with acting_as(FUNDING):
        found = batch_with_lines(batch_id=batch_id)
    if found is None:
        raise Http404
    return render(request, "funding/batch.html", {"batch": found, "form": form, "viewer": viewer}, status=status)


@require_GET
@requires("see_nights")
def periods(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    with acting_as(FUNDING):
        programs = programs_with_nights(limit=1)
        chosen = next((p for p in programs if p["code"] == request.GET.get("program")), programs[0] if programs else None)
        months = periods_of(program_id=chosen["id"]) if chosen else []
    years: dict[int, list[dict[str, Any]]] = {}
    for month in months:
        years.setdefault(month["fiscal_year"], []).append(month)
    context = {
        "programs": programs,
        "program": chosen,
        "years": [(year, of_year, any(not month["closed_at"] for month in of_year)) for year, of_year in years.items()],
        "viewer": viewer,
    }
    return render(request, "funding/periods.html", context)


def _month(day: datetime.date) -> str:
    return date_format(day, "YEAR_MONTH_FORMAT")


@require_http_methods(["GET", "POST"])
@requires("close_period")
def close_month(request: HttpRequest, viewer: Viewer, program: str, year: int, month: int) -> HttpResponse:
    try:
        day = datetime.date(year, month, 1)
    except ValueError:
        raise Http404 from None
    if request.method == "GET":
        return _confirm_close(request, program, _month(day))
    try:
        close_period(program_code=program, day=day, closed_by=viewer.user_id)
    except CloseRefused as refusal:
        return _confirm_close(request, program, _month(day), refused=str(refusal))
    messages.success(request, _("%(what)s is closed.") % {"what": _month(day)})
    return redirect(f"{reverse('periods')}?program={program}")


@require_http_methods(["GET", "POST"])
@requires("close_period")
def close_year(request: HttpRequest, viewer: Viewer, program: str, year: int) -> HttpResponse:
    what = _("fiscal year %(year)s") % {"year": year}
    if not datetime.MINYEAR < year <= datetime.MAXYEAR:
        raise Http404
    if request.method == "GET":
        return _confirm_close(request, program, what)
    try:
        close_fiscal_year(program_code=program, fiscal_year=year, closed_by=viewer.user_id)
    except CloseRefused as refusal:
        return _confirm_close(request, program, what, refused=str(refusal))
    messages.success(request, _("Every month of %(what)s is closed.") % {"what": what})
    return redirect(f"{reverse('periods')}?program={program}")


def _confirm_close(request: HttpRequest, program: str, what: str, refused: str = "") -> HttpResponse:
    with acting_as(FUNDING):
        found = programs_with_nights(program_code=program, limit=1)
    if not found:
        raise Http404
    context = {"program": found[0], "what": what, "refused": refused}
    return render(request, "funding/close.html", context, status=422 if refused else 200)


@require_GET
@requires("see_statements")
def providers(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Every provider of a program that the viewer may see; where it is one alone, its statement."""
    search = request.GET.get("search", "").strip().replace("\0", "")
    with acting_as(FUNDING):
        page, offset = _page(request, count_providers(scope=viewer.provider_ids, search=search))
        page.object_list = providers_page(scope=viewer.provider_ids, search=search, limit=PAGE, offset=offset)
    if viewer.provider_ids is not None and len(page.object_list) == 1 and not search:
        return redirect("statement", page.object_list[0]["uuid"])
    return render(request, "funding/providers.html", {"page": page, "search": search, "viewer": viewer})


@require_GET
@requires("see_statements")
def statement(request: HttpRequest, viewer: Viewer, provider: uuid.UUID) -> HttpResponse:
    form = StatementForm(request.GET)
    form.is_valid()
    with acting_as(FUNDING):
        of = provider_or_404(viewer, provider)
        found = _statements(of["code"], form.cleaned_data.get("as_of"))
        wanted = Wanted(provider_ids=[of["id"]])
        holds = count_by_kind(wanted)
        context = {
            "provider": of,
            "statements": found,
            "form": form,
            "holds": holds,
            "holds_total": sum(holds.values()),
            "first_holds": discrepancies(wanted, limit=HOLDS_ON_STATEMENT) if holds else [],
            "viewer": viewer,
        }
    return render(request, "funding/statement.html", context, status=422 if form.errors else 200)


def _statements(provider_code: str, as_of: datetime.date | None) -> list[dict[str, Any]]:
    try:
        return statements(provider_code=provider_code, as_of=as_of)
    except NothingToState:
        return []


@require_GET
@requires("see_statements")
def statement_csv(request: HttpRequest, viewer: Viewer, provider: uuid.UUID) -> HttpResponse:
    form = StatementForm(request.GET)
    if not form.is_valid():
        raise Http404
    with acting_as(FUNDING):
        of = provider_or_404(viewer, provider)
        content = statement_as_csv(_statements(of["code"], form.cleaned_data["as_of"]))
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="statement-{of["uuid"]}.csv"'
    return response


@require_GET
@requires("see_statements")
def explanation(request: HttpRequest, viewer: Viewer, line: int) -> HttpResponse:
    return _explanation(request, viewer, line, {})


@require_POST
@requires("look_up_student")
def look_up_student(request: HttpRequest, viewer: Viewer, line: int) -> HttpResponse:
    """The name behind a transfer of the line, shown once; the look is written in the call that answers it."""
    form = LookUpForm(request.POST)
    looked_up: dict[str, Any] = {"transfer": request.POST.get("transfer", ""), "form": form}
    if form.is_valid():
        with acting_as(FUNDING):
            enrollment_id = enrollment_behind(viewer, line, form.cleaned_data["transfer"])
        with transaction.atomic(), connection.cursor() as cursor:
            # As the login itself: no area may call it.
            cursor.execute("SELECT audit.look_up_student(%s, %s, %s)", [enrollment_id, viewer.user_id, form.cleaned_data["purpose"]])
            looked_up["name"] = cursor.fetchone()[0] or _("no name is on file.")
    elif form.has_error("transfer"):
        raise Http404
    status = 422 if form.errors else 200
    if request.headers.get("HX-Request"):
        return render(request, "funding/_student.html", looked_up | {"line": line}, status=status)
    return _explanation(request, viewer, line, looked_up, status)


def _explanation(request: HttpRequest, viewer: Viewer, line: int, looked_up: dict[str, Any], status: int = 200) -> HttpResponse:
    with acting_as(FUNDING):
        provider = provider_of_line_or_404(viewer, line)
        asked = request.GET.get("page", "1")
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1
        found = explain_line(line_id=line, limit=TRANSFERS_A_PAGE, offset=max(number - 1, 0) * TRANSFERS_A_PAGE)
    page, _offset = _page(request, found["transfers_total"], TRANSFERS_A_PAGE)
    if number > page.number:
        raise Http404
    context = {"line": found, "provider": provider, "page": page, "looked_up": looked_up, "viewer": viewer}
    return render(request, "funding/explanation.html", context, status=status)


@require_GET
@requires("see_discrepancies")
def discrepancy_list(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    with acting_as(FUNDING):
        form = DiscrepancyFilter(
            request.GET,
            providers=providers_with_discrepancies(viewer.provider_ids),
            programs=programs_with_nights(limit=0),
        )
        chosen = form.chosen()
        wanted = Wanted(
            provider_ids=viewer.provider_ids,
            state=chosen.get("state", "open"),
            kind=chosen.get("kind"),
            program=chosen.get("program"),
            provider=chosen.get("provider"),
        )
        counts = count_by_kind(wanted)
        page, offset = _page(request, sum(counts.values()))
        page.object_list = discrepancies(wanted, limit=PAGE, offset=offset)
    context = {"page": page, "counts": counts, "wanted": wanted, "form": form, "viewer": viewer}
    return render(request, "funding/discrepancies.html", context)


@require_http_methods(["GET", "POST"])
@requires("resolve_discrepancy")
def resolve(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The chosen discrepancies (`id`, as often as there are) and the form that ends them with one reason."""
    sent = request.POST if request.method == "POST" else request.GET
    ids = sorted({int(text) for text in sent.getlist("id") if text.isascii() and text.isdigit() and len(text) < 19})[:PAGE]
    form = ResolutionForm(request.POST) if request.method == "POST" else ResolutionForm()
    if not ids:
        messages.error(request, _("Choose the discrepancies to resolve first."))
        return redirect("discrepancies")
    if request.method == "POST" and form.is_valid():
        try:
            resolve_discrepancies(discrepancy_ids=ids, resolved_by=viewer.user_id, **form.cleaned_data)
        except ResolutionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            said = ngettext(
                "%(count)s resolved. The decision takes effect in the next night.",
                "%(count)s resolved. The decision takes effect in the next night.",
                len(ids),
            )
            messages.success(request, said % {"count": len(ids)})
            return redirect("discrepancies")
    with acting_as(FUNDING):
        chosen = discrepancies(Wanted(ids=ids, state="all"), limit=PAGE)
    if not chosen:
        raise Http404
    context = {"chosen": chosen, "form": form, "acceptable": all(row["kind"] in ACCEPTABLE for row in chosen)}
    return render(request, "funding/resolve.html", context, status=422 if form.errors else 200)
