"""A class's grid: its page, the cells judged on it in the background, and one cell opened to its words and history."""

import datetime
import io
import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from competencies.actions.judge_cells import CellJudged, CellToJudge, judge_cells
from competencies.actions.record_judgments import JudgmentRefused, NewJudgment
from competencies.queries.evidence import evidence_of
from competencies.queries.levels import LevelNow, explanation
from competencies.queries.named import names_of_people
from database.areas import acting_as
from enrollments.access import taught_section
from enrollments.models import Section
from pathways.access import students_for
from pathways.queries.class_grid import class_grid, columns_of, columns_of_class
from people.access import NotInReach, StudentInReach

ROWS = 50
# A column filled down a page, for every competency of a wide course.
MOST_CELLS = 3000


def _class(request: HttpRequest, section: uuid.UUID, day: datetime.date) -> tuple[Section, list[StudentInReach]]:
    """A class that the reader teaches with the students whom they may judge, by name; Http404 for any other."""
    actor = int(request.user.pk or 0)
    try:
        found = taught_section(actor_id=actor, section=section, day=day)
    except NotInReach:
        raise Http404 from None
    return found, students_for("judge", actor_id=actor, day=day, section_id=found.pk)


@never_cache
@require_GET
def class_page(request: HttpRequest, section: uuid.UUID) -> HttpResponse:
    """Students down, competencies across, a page of students at a time."""
    day = timezone.localdate()
    with acting_as("area_learning"):
        found, students = _class(request, section, day)
        page = Paginator(students, ROWS).get_page(request.GET.get("page"))
        grid = class_grid(course_id=found.course_id, students=list(page.object_list), day=day)
    return render(request, "pathways/class.html", {"section": found, "page": page, "grid": grid, "today": day})


class CellIn(serializers.Serializer[Any]):
    """One judgement and the mark of the level that the page showed before it."""

    student = serializers.UUIDField()
    competency = serializers.UUIDField()
    level = serializers.IntegerField(min_value=1, max_value=100)
    worked_on = serializers.DateField()
    seen = serializers.CharField(allow_blank=True, max_length=60)


class CellsIn(serializers.Serializer[Any]):
    """The cells that a page sends at once, none twice."""

    cells = serializers.ListField(child=CellIn(), min_length=1, max_length=MOST_CELLS)

    def validate_cells(self, cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({(one["student"], one["competency"]) for one in cells}) < len(cells):
            raise serializers.ValidationError("A cell is sent twice; send each once.")
        return cells


@never_cache
@require_POST
def judge(request: HttpRequest, section: uuid.UUID) -> HttpResponse:
    """Record the cells that a page sends; for each how it went, in their order. A refusal records none and says why."""
    actor, now, day = int(request.user.pk or 0), timezone.now(), timezone.localdate()
    try:
        sent = CellsIn(data=JSONParser().parse(io.BytesIO(request.body)))
    except ParseError:
        return JsonResponse({"problem": "This could not be read. Load the page again."}, status=422)
    if not sent.is_valid():
        return JsonResponse({"problem": "The day of the work or a level cannot be read. Check the day, then try again."}, status=422)
    cells = sent.validated_data["cells"]
    try:
        with acting_as("area_learning"):
            columns = columns_of_class(section)
            # Whoever may judge nobody in a class does not teach it.
            students = students_for("judge", actor_id=actor, day=day, section_id=columns.section_id) if columns else []
            student_ids = {one.uuid: one.id for one in students}
            if columns is None or not {one["student"] for one in cells} <= set(student_ids):
                raise Http404
            if not {one["competency"] for one in cells} <= set(columns.ids):
                raise Http404
            told = judge_cells(
                judged_by=actor,
                at=now,
                cells=[
                    CellToJudge(
                        NewJudgment(student_ids[one["student"]], columns.ids[one["competency"]], one["level"], one["worked_on"]),
                        one["seen"],
                    )
                    for one in cells
                ],
            )
    except JudgmentRefused as refusal:
        return JsonResponse({"problem": str(refusal)}, status=422)
    return JsonResponse({"cells": [_judged(one) for one in told]})


def _judged(one: CellJudged) -> dict[str, Any]:
    newer = one.newer and {"name": one.newer.name, "level": one.newer.rank, "label": one.newer.label}
    return {"saved": one.saved, "newer": newer, **_shown(one.level)}


def _shown(level: LevelNow | None) -> dict[str, Any]:
    if level is None:
        return {"mark": "", "level": None, "label": "", "mastered": False, "overridden": False}
    return {
        "mark": level.mark,
        "level": level.rank,
        "label": level.label,
        "mastered": level.mastered,
        "overridden": level.overridden,
    }


@never_cache
@require_GET
def cell(request: HttpRequest, section: uuid.UUID, student: uuid.UUID, competency: uuid.UUID) -> HttpResponse:
    """Why a level is what it is: the rule in words, what would change it, every judgement, and the evidence."""
    day = timezone.localdate()
    with acting_as("area_learning"):
        found, students = _class(request, section, day)
        of = next((one for one in students if one.uuid == student), None)
        column = next((one for one in columns_of(found.course_id) if one.uuid == competency), None)
        if of is None or column is None:
            raise Http404
        told = explanation(of.id, column.id)
        names = names_of_people({one.judged_by_id for one in told.judged})
        evidence = [one for one in evidence_of([of.id]) if competency in one.competencies]
    history = [
        {
            "label": told.scales[one.entry.version_id].label(one.entry.rank),
            "name": names[one.judged_by_id],
            "counts": one.id in told.contributing,
            "said": one,
        }
        for one in reversed(told.judged)
    ]
    context = {"student": of, "column": column, "told": told, "history": history, "evidence": evidence}
    return render(request, "pathways/_class_cell.html", context)
