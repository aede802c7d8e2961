"""How plans are shown: plain values for JSON, uuids for whatever has one."""

from typing import Any

from django.urls import reverse

from competencies.queries.frameworks import Node
from pathways.calc.pace import Pace
from pathways.calc.path import Layout
from pathways.models import AssessmentRequest, PlanGoal, PlanItem
from pathways.queries.plan import Plan, PlanLine
from people.access import StudentInReach


def shown_student(student: StudentInReach) -> dict[str, Any]:
    return {"uuid": student.uuid, "name": student.name}


def shown_competency(node: Node) -> dict[str, Any]:
    lowest, highest = node.grades
    return {
        "uuid": node.uuid,
        "code": node.code,
        "statement": node.statement,
        "kind": node.kind,
        "lowest_grade": lowest,
        "highest_grade": highest,
        "retired": node.retired,
    }


def shown_plan(plan: Plan, student: StudentInReach, *, in_full: bool) -> dict[str, Any]:
    """The whole plan; not `in_full`, levels and places alone, for staff of a provider."""
    kinds = {"mastered": plan.mastered, "in_focus": plan.focus, "next": plan.next, "aside": plan.aside}
    if not in_full:
        return {"student": shown_student(student), **{name: [_status(line) for line in lines] for name, lines in kinds.items()}}
    return {
        "student": shown_student(student),
        **{name: [_line(line) for line in lines] for name, lines in kinds.items()},
        "not_checked": [shown_competency(node) for node in plan.not_checked],
        "goals": [shown_goal(goal) for goal in plan.goals],
        "pace": shown_pace(plan.pace)
        | {
            "late": [plan.named[pk].uuid for pk in plan.pace.late if pk in plan.named],
            "catch_up": [{"competency": plan.named[pk].uuid, "target_on": on} for pk, on in plan.pace.catch_up if pk in plan.named],
        },
        "ask_to_be_assessed_at": reverse("api_assessment_requests", args=[student.uuid]),
    }


def shown_pace(pace: Pace) -> dict[str, Any]:
    """`ahead` is negative behind the student's own dates, null without any."""
    return {"ahead": pace.ahead, "words": pace.words}


def shown_goal(goal: PlanGoal) -> dict[str, Any]:
    return {
        "uuid": goal.uuid,
        "title": goal.title,
        "competency": goal.competency and goal.competency.uuid,
        "requirement": goal.requirement and goal.requirement.uuid,
        "starts_on": goal.starts_on,
        "target_on": goal.target_on,
        "ended_on": goal.ended_on,
    }


def shown_choice(item: PlanItem) -> dict[str, Any]:
    return {
        "place": item.place,
        "origin": item.origin,
        "position": item.position,
        "target_on": item.target_on,
        "reason": item.reason,
        "decided_at": item.recorded_at,
    }


def shown_request(request: AssessmentRequest) -> dict[str, Any]:
    """A request with its answer; `answer` is null while it is open."""
    answer = getattr(request, "answer", None)
    return {
        "uuid": request.uuid,
        "competency": {"uuid": request.competency.uuid, "code": request.competency.code, "statement": request.competency.statement},
        "evidence": request.evidence and request.evidence.uuid,
        "message": request.message,
        "asked_at": request.recorded_at,
        "answer": answer
        and {
            "outcome": answer.outcome,
            "judgment": answer.judgment_id,
            "note": answer.note,
            "answered_at": answer.recorded_at,
        },
    }


def shown_layout(layout: Layout, nodes: dict[int, Node]) -> dict[str, Any]:
    """A path as it was laid out."""
    return {
        "path": [{"competency": shown_competency(nodes[step.competency]), "why": step.why.value} for step in layout.steps],
        "not_checked": [shown_competency(nodes[pk]) for pk in layout.not_checked],
    }


def _status(line: PlanLine) -> dict[str, Any]:
    return {
        "competency": shown_competency(line.node),
        "level": line.level and {"rank": line.level.rank, "label": line.level.label, "overridden": line.level.overridden},
    }


def _line(line: PlanLine) -> dict[str, Any]:
    request = line.request
    return _status(line) | {
        "choice": line.item and shown_choice(line.item),
        "why": line.why,
        "waits_for": [{"uuid": node.uuid, "code": node.code} for node in line.waits_for],
        "resources": [{"uuid": one.uuid, "title": one.title, "address": one.address, "licence": one.licence} for one in line.playlist],
        "assignments": [
            {"enrollment": one.enrollment, "course": one.course, "title": one.title, "due_on": one.due_on, "done": one.done}
            for one in line.assignments
        ],
        "request": request
        and {
            "uuid": request.uuid,
            "asked_on": request.asked_on,
            "outcome": request.outcome or "open",
            "answered_on": request.answered_on,
            "note": request.note,
        },
    }
