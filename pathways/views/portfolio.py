"""A student's portfolio as a page: what it holds, in words and in order, to print, and to download as the file that goes along."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from database.areas import acting_as
from pathways.exchange.portfolio_bundle import FILES_BYTES
from pathways.exchange.portfolio_page import by_competency
from pathways.queries.portfolio import portfolio_of
from pathways.views.plan import doer
from people.access import SELF


@never_cache
@require_GET
def portfolio(request: HttpRequest, student: uuid.UUID) -> HttpResponse:
    """What the student may carry away. The file itself is made when it is asked for: twice, it is the same bytes twice."""
    found = doer(request, student, "export_portfolio")
    with acting_as("area_learning"):
        held, files = portfolio_of(found.id, day=timezone.localdate(), files_bytes=FILES_BYTES)
    shown = by_competency(held)
    context = {
        **shown,
        "student": found,
        "own": SELF in found.relations,
        "portfolio": held,
        "files": len(files),
        "left_behind": sum(1 for piece in held.evidence if piece.note),
    }
    return render(request, "pathways/plan_portfolio.html", context)
