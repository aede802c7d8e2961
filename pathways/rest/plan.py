"""Plans, goals, diagnostics and requests to be assessed, of a student and of a class."""

import uuid
from collections.abc import Iterable
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.problems import Refused
from api.views import RecordView
from competencies.access import READERS
from competencies.queries.frameworks import Node, competencies_by_uuid
from enrollments.access import taught_section
from pathways.access import student_for, students_for
from pathways.actions.answer_request import answer_request
from pathways.actions.ask_for_assessment import ask_for_assessment, take_back_request
from pathways.actions.choose_plan_items import PlanChoice, choose_plan_items
from pathways.actions.run_diagnostic import DiagnosticResult, run_diagnostic
from pathways.actions.set_goal import end_goal, set_goal
from pathways.queries.assessment_requests import open_requests, request_of, requests_of
from pathways.queries.ground import nodes_by_id
from pathways.queries.plan import pace_of, plan_on
from pathways.queries.stalled import stalled_on
from pathways.rest import plan_bodies as bodies
from pathways.rest.plan_shown import (
    shown_choice,
    shown_goal,
    shown_layout,
    shown_pace,
    shown_plan,
    shown_request,
    shown_student,
)
from people.access import MayNot, StudentInReach
from people.roles import PROVIDER_STAFF


class OfStudent(RecordView):
    """An endpoint below one student."""

    def who(self, verb: str, student: uuid.UUID) -> StudentInReach:
        """The student, where the caller may do `verb` with them today."""
        return student_for(verb, actor_id=self.person_id, student=student, day=self.day)

    def reader(self, student: uuid.UUID) -> tuple[StudentInReach, bool]:
        """The student, and whether the caller reads the plan in full: staff of a provider sees levels and places alone."""
        found = self.who("read_plan", student)
        return found, bool(found.relations - {PROVIDER_STAFF})


class PlanView(OfStudent):
    """A student's plan: mastered, in focus, next; with playlists, open work, and how it stands with being assessed."""

    scopes = {"get": "record.read"}

    def get(self, request: Request, student: uuid.UUID) -> Response:
        found, in_full = self.reader(student)
        return Response(shown_plan(plan_on(student_id=found.id, day=self.day), found, in_full=in_full))


class ChoicesView(OfStudent):
    """Put competencies in focus, next on the path, or aside; all choices or none. The latest one of a competency counts."""

    scopes = {"post": "record.plan"}
    takes = {"post": bodies.Choices}

    def post(self, request: Request, student: uuid.UUID) -> Response:
        found = self.who("choose_plan", student)
        wanted = self.taken()["choices"]
        nodes = _nodes((one["competency"] for one in wanted), "/choices/{}/competency")
        choices = [
            PlanChoice(nodes[one["competency"]].id, one["place"], one.get("position"), one.get("target_on"), one.get("reason") or "")
            for one in wanted
        ]
        made = choose_plan_items(student_id=found.id, decided_by=self.person_id, at=self.at, choices=choices)
        shown = [{"competency": one["competency"]} | shown_choice(item) for one, item in zip(wanted, made, strict=True)]
        return Response({"choices": shown}, status=201)


class GoalsView(OfStudent):
    """Set a goal of a student's."""

    scopes = {"post": "record.plan"}
    takes = {"post": bodies.Goal}

    def post(self, request: Request, student: uuid.UUID) -> Response:
        found = self.who("set_goal", student)
        wanted = self.taken()
        competency = wanted.pop("competency", None)
        node = _nodes([competency], "/competency")[competency] if competency else None
        goal = set_goal(student_id=found.id, set_by=self.person_id, at=self.at, competency_id=node.id if node else None, **wanted)
        return Response(shown_goal(goal), status=201)


class GoalEndView(OfStudent):
    """End a goal; it stays on record. A goal that changes is ended and set anew."""

    scopes = {"post": "record.plan"}
    takes = {"post": bodies.GoalEnd}

    def post(self, request: Request, student: uuid.UUID, goal: uuid.UUID) -> Response:
        found = self.who("set_goal", student)
        return Response(shown_goal(end_goal(student_id=found.id, goal=goal, ended_on=self.taken().get("ended_on") or self.day)))


class DiagnosticView(OfStudent):
    """Judge a short set of competencies: gaps are found however many grades below, and a path to the goals is laid out."""

    scopes = {"post": "record.judge"}
    takes = {"post": bodies.Diagnostic}

    def post(self, request: Request, student: uuid.UUID) -> Response:
        found = self.who("run_diagnostic", student)
        wanted = self.taken()
        nodes = _nodes((one["competency"] for one in wanted["results"]), "/results/{}/competency")
        results = [
            DiagnosticResult(nodes[one["competency"]].id, one["rank"], one.get("worked_on") or self.day) for one in wanted["results"]
        ]
        done = run_diagnostic(
            student_id=found.id, judged_by=self.person_id, at=self.at, results=results, finish_by=wanted.get("finish_by")
        )
        named = nodes_by_id({*(step.competency for step in done.layout.steps), *done.layout.not_checked})
        return Response({"judgments": list(done.judgment_ids), **shown_layout(done.layout, named)}, status=201)


class AssessmentRequestsView(OfStudent):
    """A student's requests to be assessed: the newest first; and to ask, any day of the year, again until competent."""

    scopes = {"get": "record.read", "post": "record.plan"}
    takes = {"post": bodies.AssessmentRequest}
    paged = ("get",)

    def get(self, request: Request, student: uuid.UUID) -> Response:
        found, in_full = self.reader(student)
        if not in_full:
            raise MayNot(READERS)
        return self.cursor().page_of(requests_of(found.id), ("-id",), shown_request)

    def post(self, request: Request, student: uuid.UUID) -> Response:
        found = self.who("ask_for_assessment", student)
        wanted = self.taken()
        node = _nodes([wanted["competency"]], "/competency")[wanted["competency"]]
        made = ask_for_assessment(
            student_id=found.id,
            competency_id=node.id,
            asked_by=self.person_id,
            at=self.at,
            message=wanted.get("message") or "",
            evidence=wanted.get("evidence"),
        )
        return Response(shown_request(request_of(made.pk)), status=201)


class AnswerView(OfStudent):
    """Answer a request by a judgement, a new one or one recorded since."""

    scopes = {"post": "record.judge"}
    takes = {"post": bodies.Answer}

    def post(self, request: Request, student: uuid.UUID, asked: uuid.UUID) -> Response:
        found = self.who("answer_request", student)
        wanted = self.taken()
        answer = answer_request(
            student_id=found.id,
            request=asked,
            answered_by=self.person_id,
            at=self.at,
            rank=wanted.get("rank"),
            worked_on=wanted.get("worked_on"),
            judgment_id=wanted.get("judgment"),
            note=wanted.get("note") or "",
        )
        return Response(shown_request(request_of(answer.request_id)), status=201)


class TakeBackView(OfStudent):
    """The student takes an open request back."""

    scopes = {"post": "record.plan"}
    takes = {"post": bodies.TakenBack}

    def post(self, request: Request, student: uuid.UUID, asked: uuid.UUID) -> Response:
        found = self.who("ask_for_assessment", student)
        answer = take_back_request(
            student_id=found.id, request=asked, taken_back_by=self.person_id, at=self.at, note=self.taken().get("note") or ""
        )
        return Response(shown_request(request_of(answer.request_id)), status=201)


class OfClass(RecordView):
    """An endpoint below one class: its students of today, for those who teach them."""

    def who(self, verb: str, section: uuid.UUID) -> dict[int, StudentInReach]:
        """{id: student} of a class that the caller teaches, where the caller may do `verb` with them today."""
        taught = taught_section(actor_id=self.person_id, section=section, day=self.day)
        return {one.id: one for one in students_for(verb, actor_id=self.person_id, day=self.day, section_id=taught.pk)}


class ClassRequestsView(OfClass):
    """The open requests of a class, in the order of asking."""

    scopes = {"get": "record.read"}
    paged = ("get",)

    def get(self, request: Request, section: uuid.UUID) -> Response:
        students = self.who("answer_request", section)

        def show(one: Any) -> dict[str, Any]:
            return {"student": shown_student(students[one.student_id])} | shown_request(one)

        return self.cursor().page_of(open_requests(students), ("recorded_at", "id"), show)


class ClassStalledView(OfClass):
    """Who in a class is stalled in what, the longest first, by the rule that is data."""

    scopes = {"get": "record.read"}
    paged = ("get",)

    def get(self, request: Request, section: uuid.UUID) -> Response:
        students = self.who("read_plan", section)
        stalls = [
            ((one.stall.last_sign_on.isoformat(), one.student_id, str(one.competency)), one)
            for one in stalled_on(student_ids=students, day=self.day)
        ]
        return self.cursor().page(
            sorted(stalls, key=lambda row: row[0]),
            key=lambda row: row[0],
            show=lambda row: {
                "student": shown_student(students[row[1].student_id]),
                "competency": {"uuid": row[1].competency, "code": row[1].code, "statement": row[1].statement},
                "last_sign_on": row[1].stall.last_sign_on,
                "quiet_days": row[1].stall.quiet_days,
                "rule_days": row[1].stall.rule_days,
                "words": row[1].stall.words,
            },
        )


class ClassPaceView(OfClass):
    """The pace of every student of a class, each against their own dates; by name."""

    scopes = {"get": "record.read"}
    paged = ("get",)

    def get(self, request: Request, section: uuid.UUID) -> Response:
        students = self.who("read_plan", section)
        paces = pace_of(student_ids=students, day=self.day)
        return self.cursor().page(
            sorted(students.values(), key=lambda one: (one.name, one.id)),
            key=lambda one: (one.name, one.id),
            show=lambda one: {"student": shown_student(one)} | shown_pace(paces[one.id]),
        )


def _nodes(wanted: Iterable[uuid.UUID], pointer: str) -> dict[uuid.UUID, Node]:
    """The competencies by identifier; Refused with the pointer of the first that is not on file."""
    asked = list(wanted)
    found = competencies_by_uuid(asked)
    for number, one in enumerate(asked):
        if one not in found:
            raise Refused(f"No competency has the identifier {one}.", pointer.format(number))
    return found
