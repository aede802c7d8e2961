"""What the script of a class's grid sends: cells to judge, cells to foresee, edits to take back. Answers are JSON.

What was sent and cannot be done is answered 422 with `problem`, a sentence for people; nothing of it is recorded then. What
belongs to another account than the one signed in is answered 409: a browser that several teachers share keeps their edits apart.
"""

import io
import uuid
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from competencies.actions.judge_cells import CellJudged, CellToJudge, judge_cells
from competencies.actions.record_judgments import JudgmentRefused, NewJudgment
from competencies.actions.withdraw_judgment import withdraw_edits
from competencies.queries.foreseen import Foreseen, MaybeJudged, foreseen
from competencies.queries.levels import LevelNow, levels_now
from database.areas import acting_as
from pathways.access import students_for
from pathways.queries.class_grid import columns_of_class

# A column filled down a page, for every competency of a wide course.
MOST_CELLS = 3000
# Kept with the withdrawal, for whoever reads the history.
UNDONE = "undone by the teacher"


def account_key(user: Any) -> str:
    """Tells one account's kept edits from another's in a shared browser, and tells nothing else."""
    return salted_hmac("credence.kept_edits", str(user.uuid)).hexdigest()[:32]


class MaybeIn(serializers.Serializer[Any]):
    """A level for a cell."""

    student = serializers.UUIDField()
    competency = serializers.UUIDField()
    level = serializers.IntegerField(min_value=1, max_value=100)
    worked_on = serializers.DateField()


class CellIn(MaybeIn):
    """One judgement, the mark of the level that the page showed before it, a comment, and the key of the edit, drawn at random
    where it was typed: however often it is sent, it is recorded once."""

    key = serializers.UUIDField()
    seen = serializers.CharField(allow_blank=True, max_length=60)
    comment = serializers.CharField(allow_blank=True, max_length=2000, required=False, default="")


class _CellsIn(serializers.Serializer[Any]):
    """The cells that a page sends at once, none twice."""

    account = serializers.CharField(max_length=64)

    def validate_cells(self, cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({(one["student"], one["competency"]) for one in cells}) < len(cells):
            raise serializers.ValidationError(_("A cell is sent twice; send each once."))
        return cells


class CellsIn(_CellsIn):
    """What is to be recorded."""

    cells = serializers.ListField(child=CellIn(), min_length=1, max_length=MOST_CELLS)


class MaybesIn(_CellsIn):
    """What might be."""

    cells = serializers.ListField(child=MaybeIn(), min_length=1, max_length=MOST_CELLS)


class EditsIn(serializers.Serializer[Any]):
    """Edits to take back, by their keys."""

    account = serializers.CharField(max_length=64)
    keys = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST_CELLS)


class _Refused(Exception):
    """Answered as it says."""

    def __init__(self, problem: str, status: int = 422) -> None:
        super().__init__(problem)
        self.answer = JsonResponse({"problem": problem}, status=status)


@dataclass(frozen=True, slots=True)
class _Class:
    """The students and competencies of a class, by uuid, that the reader may judge today."""

    students: dict[uuid.UUID, int]
    competencies: dict[uuid.UUID, int]

    def cell(self, sent: dict[str, Any]) -> tuple[int, int]:
        return self.students[sent["student"]], self.competencies[sent["competency"]]


def _sent(request: HttpRequest, form: type[serializers.Serializer[Any]]) -> Any:
    """What the page sent; else _Refused."""
    try:
        sent = form(data=JSONParser().parse(io.BytesIO(request.body)))
    except ParseError:
        raise _Refused(_("This could not be read. Load the page again.")) from None
    if not sent.is_valid():
        raise _Refused(_("The day of the work or a level cannot be read. Check the day, then try again."))
    return sent.validated_data


def _class_of(request: HttpRequest, section: uuid.UUID, sent: dict[str, Any]) -> _Class:
    """The class, where the reader teaches it today and every cell sent is of it, else Http404; _Refused where another account
    has typed them. Two queries."""
    cells = sent.get("cells", [])
    columns = columns_of_class(section)
    # Whoever may judge nobody in a class does not teach it.
    actor = int(request.user.pk or 0)
    students = students_for("judge", actor_id=actor, day=timezone.localdate(), section_id=columns.section_id) if columns else []
    found = _Class({one.uuid: one.id for one in students}, columns.ids if columns else {})
    if not students or not {one["student"] for one in cells} <= set(found.students):
        raise Http404
    if not {one["competency"] for one in cells} <= set(found.competencies):
        raise Http404
    if sent["account"] != account_key(request.user):
        raise _Refused(_("Somebody else is signed in here by now. Load the page again."), 409)
    return found


@never_cache
@require_POST
def judge(request: HttpRequest, section: uuid.UUID) -> HttpResponse:
    """Record the cells that a page sends; for each how it went, in their order. A refusal records none and says why."""
    actor, now = int(request.user.pk or 0), timezone.now()
    try:
        sent = _sent(request, CellsIn)
        with acting_as("area_learning"):
            of = _class_of(request, section, sent)
            told = judge_cells(judged_by=actor, at=now, cells=[_to_judge(one, of) for one in sent["cells"]])
    except _Refused as refused:
        return refused.answer
    except JudgmentRefused as refused:
        return JsonResponse({"problem": _(str(refused))}, status=422)
    return JsonResponse({"cells": [_judged(one) for one in told]})


def _to_judge(sent: dict[str, Any], of: _Class) -> CellToJudge:
    made = NewJudgment(*of.cell(sent), sent["level"], sent["worked_on"], reason=sent["comment"].strip(), edit_key=sent["key"])
    return CellToJudge(made, sent["seen"])


@never_cache
@require_POST
def foresee(request: HttpRequest, section: uuid.UUID) -> HttpResponse:
    """What the cells that a page sends would change, in their order: the level before and the level after. Records nothing."""
    actor, now = int(request.user.pk or 0), timezone.now()
    try:
        sent = _sent(request, MaybesIn)
        with acting_as("area_learning"):
            of = _class_of(request, section, sent)
            maybe = [MaybeJudged(of.cell(one), one["level"], one["worked_on"]) for one in sent["cells"]]
            told = foreseen(maybe, at=now, judged_by=actor)
        if any(one.after is None for one in told):
            raise _Refused(_("A level is beyond its scale. Load the page again."))
    except _Refused as refused:
        return refused.answer
    return JsonResponse({"cells": [_foreseen(one) for one in told]})


@never_cache
@require_POST
def undo(request: HttpRequest, section: uuid.UUID) -> HttpResponse:
    """Withdraw what this teacher recorded here under these keys; the cells that it touches as they stand then. What was taken
    back already, and what is nobody's, changes nothing."""
    actor, now = int(request.user.pk or 0), timezone.now()
    try:
        sent = _sent(request, EditsIn)
        with acting_as("area_learning"):
            of = _class_of(request, section, sent)
            ids = list(of.students.values())
            cells = withdraw_edits(edit_keys=sent["keys"], student_ids=ids, judged_by=actor, reason=UNDONE, at=now)
            levels = levels_now({one[0] for one in cells}, {one[1] for one in cells})
    except _Refused as refused:
        return refused.answer
    students = {pk: key for key, pk in of.students.items()}
    competencies = {pk: key for key, pk in of.competencies.items()}
    shown = [
        {"student": students[one[0]], "competency": competencies[one[1]], **_shown(levels.get(one))}
        for one in cells
        if one[1] in competencies
    ]
    return JsonResponse({"cells": shown})


def _judged(one: CellJudged) -> dict[str, Any]:
    newer = one.newer and {"name": one.newer.name, "level": one.newer.rank, "label": one.newer.label}
    return {"saved": one.saved, "newer": newer, **_shown(one.level)}


def _foreseen(one: Foreseen) -> dict[str, Any]:
    return {"before": _shown(one.before), "after": _shown(one.after)}


def _shown(level: LevelNow | None) -> dict[str, Any]:
    if level is None:
        return {"mark": "", "level": None, "label": "", "mastered": False, "overridden": False, "attempts": 0}
    return {
        "mark": level.mark,
        "level": level.rank,
        "label": level.label,
        "mastered": level.mastered,
        "overridden": level.overridden,
        "attempts": level.judgments,
    }
