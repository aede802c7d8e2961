"""A student's plan as pages: the plan, one competency of it, credit and requirements, and all of it on one sheet to print.

Whoever may not read a plan is answered as if there were none. What a reader may do is asked of access.py, verb by verb.
"""

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from competencies.queries.frameworks import Node, competencies_by_uuid
from competencies.queries.moves import moves_since
from database.areas import acting_as
from pathways.access import MAY, student_for
from pathways.forms import AskForm, EvidenceForm, GoalForm, PlaceForm
from pathways.models import PlanItem
from pathways.queries.plan import Plan, PlanLine, plan_on
from pathways.queries.plan_cell import plan_cell
from pathways.queries.plan_credit import credit_told
from pathways.queries.sheet import CATCH_UP, Sheet, sheet_of
from people.access import SELF, NotInReach, StudentInReach
from people.roles import PROVIDER_STAFF

# What comes next is shown so far at once; the rest is one click away.
SHOWN = 8
# What judgements moved is told for so long, the newest so many.
LATELY, MOVES = datetime.timedelta(days=14), 3


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to go on with: a line in focus (`begun`), or the first of the path that is not."""

    line: PlanLine
    begun: bool


def reader(request: HttpRequest, student: uuid.UUID) -> StudentInReach:
    """The student whose plan the request may read in full; 404 otherwise. Providers' staff have levels through the API alone."""
    return doer(request, student, "read_plan", apart_from=frozenset({PROVIDER_STAFF}))


def doer(request: HttpRequest, student: uuid.UUID, verb: str, apart_from: frozenset[str] = frozenset()) -> StudentInReach:
    """The student with whom the request's person may do `verb` today; 404 otherwise."""
    try:
        found = student_for(verb, actor_id=int(request.user.pk or 0), student=student, day=timezone.localdate())
    except NotInReach:
        raise Http404 from None
    if not found.relations - apart_from:
        raise Http404
    return found


def competency_or_404(competency: uuid.UUID) -> Node:
    """Expects to run under area_learning."""
    found = competencies_by_uuid([competency]).get(competency)
    if found is None:
        raise Http404
    return found


def _frame(found: StudentInReach) -> dict[str, Any]:
    """What every page of a plan knows: the student, whether it is the reader's own, and {verb: whether the reader may}."""
    return {
        "student": found,
        "own": SELF in found.relations,
        "may": {verb: bool(found.relations & relations) for verb, relations in MAY.items()},
    }


@never_cache
@require_GET
def own_plan(request: HttpRequest) -> HttpResponse:
    """The plan of whoever is signed in; 404 for whoever is no student."""
    return plan_page(request, request.user.uuid)  # type: ignore[union-attr]


@never_cache
@require_GET
def plan(request: HttpRequest, student: uuid.UUID) -> HttpResponse:
    """The plan of a student within reach."""
    return plan_page(request, student)


def plan_page(request: HttpRequest, student: uuid.UUID, goal: GoalForm | None = None) -> HttpResponse:
    """The plan; with a refused form of a goal, that too."""
    found = reader(request, student)
    with acting_as("area_learning"):
        read = plan_on(student_id=found.id, day=timezone.localdate())
        moves = moves_since(found.id, timezone.now() - LATELY, cells=MOVES)
    form = goal or GoalForm()
    form.describe()
    context = {
        **_frame(found),
        **_counted(read),
        "step": next_step(read),
        "first": read.next[:SHOWN],
        "rest": read.next[SHOWN:],
        "moved": [(read.named[one.competency_id], one) for one in moves if one.competency_id in read.named],
        "form": form,
    }
    return render(request, "pathways/plan.html", context, status=422 if goal else 200)


def _counted(read: Plan) -> dict[str, Any]:
    """The plan with how much of it is mastered, and how far its pace is behind or ahead, without a sign."""
    done, every = len(read.mastered), len(read.mastered) + len(read.focus) + len(read.next)
    late = [read.named[pk] for pk in read.pace.late if pk in read.named]
    catch_up = [(read.named[pk], on) for pk, on in read.pace.catch_up if pk in read.named]
    return {
        "plan": read,
        "done": done,
        "every": every,
        "percent": 100 * done // every if every else 0,
        "apart": abs(read.pace.ahead or 0),
        "late": late,
        "catch_up": catch_up,
    }


def next_step(read: Plan) -> NextStep | None:
    """The first in focus that waits for nobody's answer, else the first on the path; None where neither is left."""
    for begun, lines in ((True, read.focus), (False, read.next)):
        for line in lines:
            if line.request is None or line.request.outcome:
                return NextStep(line, begun)
    return None


@never_cache
@require_GET
def plan_competency(request: HttpRequest, student: uuid.UUID, competency: uuid.UUID) -> HttpResponse:
    """How a level came about, in words; and handing in work, asking to be assessed, choosing the place on the plan."""
    return competency_page(request, student, competency)


def competency_page(
    request: HttpRequest,
    student: uuid.UUID,
    competency: uuid.UUID,
    *,
    evidence: EvidenceForm | None = None,
    ask: AskForm | None = None,
    place: PlaceForm | None = None,
) -> HttpResponse:
    """One competency; with a refused form, that as it was typed."""
    found, day = reader(request, student), timezone.localdate()
    with acting_as("area_learning"):
        cell = plan_cell(student_id=found.id, node=competency_or_404(competency), day=day)
    initial = {"place": PlanItem.Place.FOCUS, "target_on": cell.item and cell.item.target_on}
    forms = {
        "evidence_form": evidence or EvidenceForm(today=day, prefix="work"),
        "ask_form": ask or AskForm(prefix="ask"),
        "place_form": place or PlaceForm(initial=initial, prefix="place"),
    }
    for form in forms.values():
        form.describe()
    context = {**_frame(found), **forms, "cell": cell, "node": cell.node, "level": cell.explained.level}
    context["waiting"] = cell.request if cell.request and not cell.request.outcome else None
    return render(request, "pathways/plan_competency.html", context, status=422 if evidence or ask or place else 200)


@never_cache
@require_GET
def plan_credit(request: HttpRequest, student: uuid.UUID) -> HttpResponse:
    """Credit earned and on the way, and how far each requirement is met."""
    found = reader(request, student)
    with acting_as("area_learning"):
        told = credit_told(student_id=found.id, day=timezone.localdate())
    return render(request, "pathways/plan_credit.html", {**_frame(found), "credit": told})


@never_cache
@require_GET
def plan_summary(request: HttpRequest, student: uuid.UUID) -> HttpResponse:
    """Everything in plain words on one sheet, to read at home, to print, and for a guardian to share."""
    found, day = reader(request, student), timezone.localdate()
    with acting_as("area_learning"):
        sheet = sheet_of(student_id=found.id, day=day)
    return render(request, "pathways/plan_summary.html", {**_frame(found), **sheet_context(sheet, day)})


def sheet_context(sheet: Sheet, day: datetime.date) -> dict[str, Any]:
    """What `pathways/_plan_sheet.html` shows, wherever it stands: nothing of it names anybody or leads anywhere."""
    counted = _counted(sheet.plan)
    return {**counted, "sheet": sheet, "step": next_step(sheet.plan), "day": day, "catch_up": counted["catch_up"][:CATCH_UP]}
