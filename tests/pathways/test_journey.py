"""A year of a student: eighth grade, quiet, with gaps that reach back to fifth and sixth; caught up, and four ahead.

On a published framework. Its prerequisites are a short list of our own (prerequisites_of_our_own.csv): the publisher states
none. Once through the actions, once through the API as the student and as the teacher.
"""

import datetime
import json
from pathlib import Path

import pytest
from django.test import Client

from competencies.actions.import_prerequisites import import_prerequisites
from competencies.exchange.prerequisites_csv import read_prerequisites
from competencies.models import Competency, MasteryJudgment
from database.areas import acting_as
from pathways.actions.answer_request import answer_request
from pathways.actions.ask_for_assessment import ask_for_assessment
from pathways.actions.run_diagnostic import DiagnosticResult, run_diagnostic
from pathways.queries.plan import pace_of, plan_on
from pathways.queries.stalled import stalled_on
from tests import build_learning as build
from tests.competencies.case_packages import MATHEMATICS, needs_shared_data, take
from tests.pathways.plans import choose

pytestmark = [pytest.mark.django_db, needs_shared_data]

PREREQUISITES = Path(__file__).parent / "prerequisites_of_our_own.csv"
LAST_DAY = datetime.date(2026, 6, 12)
AHEAD = ("HSA-REI.B.3", "HSA-REI.C.6", "HSF-IF.A.1", "HSF-IF.B.6")
# What the diagnostic of the 23rd day shows: a grade's work fails for what is missing two and three grades below.
SHOWN = {
    "8.EE.B.5": 1, "7.RP.A.2": 1, "6.RP.A.3": 1, "6.NS.A.1": 2, "6.RP.A.1": 2, "5.NF.B.7": 1, "5.NF.B.4": 1,
    "5.NF.B.3": 3, "4.NF.B.4": 3, "7.EE.B.4": 3, "8.F.A.1": 2,
}  # fmt: skip


class ThroughActions:
    """The year as the actions and queries know it."""

    def __init__(self, student, teacher, by_code):
        self.student, self.teacher, self.by_code = student, teacher, by_code

    def focus(self, on, code, **fields):
        choose(self.student, on=on, focus=[(self.by_code[code], fields)])

    def diagnose(self, on, shown, finish_by):
        results = [DiagnosticResult(self.by_code[code].pk, rank, build.day(on)) for code, rank in shown.items()]
        done = run_diagnostic(
            student_id=self.student.pk, judged_by=self.teacher.pk, at=build.noon(on), results=results, finish_by=finish_by
        )
        code_of = {one.pk: code for code, one in self.by_code.items()}
        return [(code_of[step.competency], step.why.value) for step in done.layout.steps]

    def ask(self, on, code):
        return ask_for_assessment(
            student_id=self.student.pk, competency_id=self.by_code[code].pk, asked_by=self.student.pk, at=build.noon(on)
        ).uuid

    def answer(self, on, request, rank):
        answer_request(student_id=self.student.pk, request=request, answered_by=self.teacher.pk, at=build.noon(on), rank=rank)

    def plan(self, on):
        """{part: codes in order} and the pace in words."""
        with acting_as("area_learning"):
            now = plan_on(student_id=self.student.pk, day=build.day(on))
            assert pace_of(student_ids=[self.student.pk], day=build.day(on))[self.student.pk] == now.pace
        parts = {"mastered": now.mastered, "in_focus": now.focus, "next": now.next}
        return {name: [line.node.code for line in lines] for name, lines in parts.items()} | {"pace": now.pace.words}

    def stalled(self, on):
        with acting_as("area_learning"):
            return [one.code for one in stalled_on(student_ids=[self.student.pk], day=build.day(on))]


class ThroughApi(ThroughActions):
    """The year as the student and the teacher live it, each with their own sign-in."""

    def __init__(self, student, teacher, by_code, section, clock):
        super().__init__(student, teacher, by_code)
        self.section, self.clock = section, clock
        self.clients = {person.pk: Client() for person in (student, teacher)}
        for person in (student, teacher):
            self.clients[person.pk].force_login(person)

    def call(self, on, person, method, path, body=None):
        self.clock.noon = build.noon(on)
        content = [json.dumps(body, default=str), "application/json"] if body is not None else []
        answer = self.clients[person.pk].generic(method, f"/api/v1/{path}", *content)
        assert answer.status_code in (200, 201), answer.content
        return answer.json()

    def of_student(self, on, person, method, path, body=None):
        return self.call(on, person, method, f"students/{self.student.uuid}/{path}", body)

    def focus(self, on, code, **fields):
        choice = {"competency": self.by_code[code].uuid, "place": "focus", **fields}
        self.of_student(on, self.student, "POST", "plan/choices", {"choices": [choice]})

    def diagnose(self, on, shown, finish_by):
        results = [{"competency": self.by_code[code].uuid, "rank": rank} for code, rank in shown.items()]
        done = self.of_student(on, self.teacher, "POST", "diagnostics", {"results": results, "finish_by": finish_by})
        return [(step["competency"]["code"], step["why"]) for step in done["path"]]

    def ask(self, on, code):
        body = {"competency": self.by_code[code].uuid}
        return self.of_student(on, self.student, "POST", "assessment-requests", body)["uuid"]

    def answer(self, on, request, rank):
        queue = self.call(on, self.teacher, "GET", f"classes/{self.section.uuid}/assessment-requests")["results"]
        assert [one["uuid"] for one in queue] == [request]
        self.of_student(on, self.teacher, "POST", f"assessment-requests/{request}/answer", {"rank": rank})

    def plan(self, on):
        now = self.of_student(on, self.student, "GET", "plan")
        parts = {name: [line["competency"]["code"] for line in now[name]] for name in ("mastered", "in_focus", "next")}
        return parts | {"pace": now["pace"]["words"]}

    def stalled(self, on):
        return [
            one["competency"]["code"] for one in self.call(on, self.teacher, "GET", f"classes/{self.section.uuid}/stalled")["results"]
        ]


@pytest.fixture(params=["actions", "api"])
def year(request, monkeypatch):
    """The student's year, through one of the doors."""
    take(MATHEMATICS.read_bytes())
    by_code = {one.code: one for one in Competency.objects.exclude(code="").select_related("framework")}
    ours = read_prerequisites(PREREQUISITES.read_bytes())
    framework = by_code["8.EE.B.5"].framework
    taken = import_prerequisites(framework=framework.uuid, rows=ours, at=build.noon(1))
    assert (taken.added, taken.refused) == (len(ours), [])
    teacher, (student,), section = build.class_of()
    if request.param == "actions":
        return ThroughActions(student, teacher, by_code)

    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.noon

    monkeypatch.setattr("api.views.datetime", Clock)
    return ThroughApi(student, teacher, by_code, section, Clock)


def test_a_quiet_eighth_grader_with_gaps_from_fifth_and_sixth_catches_up_in_the_year_and_is_four_ahead(year):
    # September: what the class works on is in focus, and three weeks nothing is heard.
    year.focus(1, "8.EE.B.5")
    assert year.stalled(21) == []
    assert year.stalled(22) == ["8.EE.B.5"]
    order = look_below(year, on=23)
    on = work_through(year, order, on=30)
    go_ahead(year, on)
    assert set(MasteryJudgment.objects.values_list("kind", flat=True)) == {"diagnostic", "judgment"}


def look_below(year, on):
    """The teacher's diagnostic: the gaps reach back to fifth and sixth, and the path begins there. Its codes in order."""
    path = year.diagnose(on, SHOWN, LAST_DAY)
    order = [code for code, _ in path]
    gaps = [code for code, why in path if why == "gap"]
    assert sorted(gaps) == sorted(code for code, rank in SHOWN.items() if rank < 3)
    assert {year.by_code[code].lowest_grade for code in gaps} == {5, 6, 7, 8}
    chain = ["5.NF.B.4", "5.NF.B.7", "6.NS.A.1", "7.RP.A.1", "7.RP.A.2", "8.EE.B.5", "8.EE.B.6", "8.F.A.3", "8.F.B.4"]
    assert [code for code in order if code in chain] == chain
    assert "6.EE.B.7" not in order, "what leads to something mastered is presumed"
    assert year.stalled(on) == []
    now = year.plan(on)
    assert now["next"][0] == order[0] == "5.NF.B.4"
    assert (now["in_focus"], now["pace"]) == (["8.EE.B.5"], "On pace.")
    return order


def work_through(year, order, on):
    """One after another, asked for whenever the student is ready, the first attempt not always enough. The day it is done."""
    for number, code in enumerate(order):
        if number % 5 == 0:
            year.answer(on, year.ask(on, code), 2)
            on += 1
            now = year.plan(on)
            assert code in (*now["next"], *now["in_focus"]), "not yet: it stays on the plan"
        year.answer(on, year.ask(on, code), 3)
        if number == len(order) // 2:
            assert "behind" not in year.plan(on)["pace"]
        on += 6
    now = year.plan(on)
    assert build.day(on) < LAST_DAY
    assert set(order) <= set(now["mastered"])
    assert not [code for code in (*now["in_focus"], *now["next"]) if year.by_code[code].lowest_grade <= 8]
    return on


def go_ahead(year, on):
    """Four competencies of the years to come, long before their own dates."""
    for number, code in enumerate(AHEAD):
        year.focus(on, code, target_on=datetime.date(2026, 10 + number // 2, 15))
    for code in AHEAD:
        year.answer(on, year.ask(on, code), 4)
        on += 3
    assert build.day(on) < LAST_DAY
    now = year.plan((LAST_DAY - build.day(1)).days + 2)
    assert now["pace"] == "4 ahead."
    assert {code for code in now["mastered"] if year.by_code[code].lowest_grade > 8} == set(AHEAD)
