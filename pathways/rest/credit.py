"""Criteria, awards, attestations, requirements and waivers."""

import uuid
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.problems import Refused
from api.views import RecordView
from enrollments.models import Course, Module
from pathways.access import MAY, require_role, school_for, students_for
from pathways.actions.attest_assessment import attest_assessment, open_assessment, withdraw_attestation
from pathways.actions.award_credit import award_credit
from pathways.actions.revoke_credit import revoke_credit
from pathways.actions.set_criteria import set_criteria
from pathways.actions.set_requirement import set_requirement
from pathways.actions.waive_seat_time import waive_seat_time
from pathways.queries.courses import course_by_code, module_by_code
from pathways.queries.credit import DueAward, attestations_of, award_of, awards_of, criteria_in_force, due_awards, every_assessment
from pathways.queries.progress import progress_of, requirements_in_force, school_by_uuid, waivers_on
from pathways.rest import credit_answers as answers
from pathways.rest import credit_bodies as bodies
from pathways.rest.credit_shown import (
    shown_attestation,
    shown_award,
    shown_criteria,
    shown_due,
    shown_progress,
    shown_requirement,
    shown_waiver,
)
from pathways.rest.plan import OfStudent
from people.access import NotInReach

STUDENTS_AT_ONCE = 100


class OfRules(RecordView):
    """An endpoint about what belongs to no student."""

    def may(self, verb: str) -> None:
        """Refuses whose roles do not open `verb`."""
        require_role(verb, held=self.held)


class CriteriaView(OfRules):
    """What must be shown for a course's credit and for that of its modules."""

    scopes = {"get": "frameworks.read", "post": "schools.write"}
    asks = {"get": bodies.CourseQuery}
    takes = {"post": bodies.Criteria}
    gives = {"get": answers.CriteriaListOut, "post": answers.CriteriaOut}

    def get(self, request: Request) -> Response:
        """The criteria in force, of the course and of each module that has some."""
        self.may("read_rules")
        asked = self.asked()
        course = course_by_code(asked["catalogue"], asked["course"])
        if course is None:
            raise NotInReach("There is no such course.")
        found = sorted(criteria_in_force([course.pk]).values(), key=lambda one: one.row.module_id or 0)
        return Response({"results": [shown_criteria(one.row) for one in found]})

    def post(self, request: Request) -> Response:
        """Set criteria: a further version, which leaves awards with those under which they were made."""
        self.may("set_criteria")
        taken = self.taken()
        course, module = _place(taken)
        made = set_criteria(
            course_id=course.pk,
            module_id=module.pk if module else None,
            tree=taken["tree"],
            decided_by=self.person_id,
            at=self.at,
        )
        return Response(shown_criteria(made), status=201)


class AssessmentsView(OfRules):
    """Assessments that educators attest."""

    scopes = {"get": "frameworks.read", "post": "schools.write"}
    takes = {"post": bodies.Assessment}
    gives = {"get": bodies.Assessment(many=True), "post": bodies.Assessment}
    paged = ("get",)

    def get(self, request: Request) -> Response:
        self.may("read_rules")
        return self.cursor().page_of(every_assessment(), ["code"], lambda one: {"code": one.code, "title": one.title})

    def post(self, request: Request) -> Response:
        """Open one; the same again is the same."""
        self.may("set_criteria")
        made = open_assessment(**self.taken())
        return Response({"code": made.code, "title": made.title}, status=201)


class RequirementsView(OfRules):
    """Requirements of graduation and of pathways, in force."""

    scopes = {"get": "frameworks.read", "post": "schools.write"}
    takes = {"post": bodies.Requirement}
    gives = {"get": answers.RequirementListOut, "post": answers.RequirementOut}

    def get(self, request: Request) -> Response:
        self.may("read_rules")
        return Response({"results": [shown_requirement(one) for one in requirements_in_force()]})

    def post(self, request: Request) -> Response:
        """Set a requirement: a further version under its code."""
        self.may("set_requirement")
        made = set_requirement(**self.taken(), decided_by=self.person_id, at=self.at)
        return Response(shown_requirement(made), status=201)


class WaiversView(OfRules):
    """A school's waivers of seat time."""

    scopes = {"get": "frameworks.read", "post": "schools.write"}
    asks = {"get": bodies.OnDay}
    takes = {"post": bodies.Waiver}
    gives = {"get": answers.WaiverListOut, "post": answers.WaiverOut}

    def get(self, request: Request, school: uuid.UUID) -> Response:
        """Those in force on a day."""
        self.may("read_rules")
        found = school_by_uuid(school)
        if found is None:
            raise NotInReach("There is no such school.")
        return Response({"results": [shown_waiver(one) for one in waivers_on(found, self.asked().get("on", self.day))]})

    def post(self, request: Request, school: uuid.UUID) -> Response:
        """Record a waiver, as an administrator of the school's district."""
        self.may("waive_seat_time")
        found = school_for("waive_seat_time", actor_id=self.person_id, school=school, day=self.day)
        made = waive_seat_time(school_id=found, **self.taken(), decided_by=self.person_id, at=self.at)
        return Response(shown_waiver(made), status=201)


class CreditView(OfStudent):
    """A student's credit."""

    scopes = {"get": "record.read", "post": "record.credit"}
    takes = {"post": bodies.Award}
    gives = {"get": answers.AwardOut(many=True), "post": answers.AwardOut}
    paged = ("get",)

    def get(self, request: Request, student: uuid.UUID) -> Response:
        """Every award, revoked ones too, each with what it rests on and whether that still stands."""
        found = self.who("read_credit", student)
        awards = awards_of([found.id], day=self.day)
        return self.cursor().page(awards, lambda one: (one.row.recorded_at.isoformat(), one.row.pk), shown_award)

    def post(self, request: Request, student: uuid.UUID) -> Response:
        """Award credit where the criteria in force are met; nothing else is asked."""
        found = self.who("award_credit", student)
        taken = self.taken()
        course, module = _place(taken)
        made = award_credit(
            student_id=found.id,
            course_id=course.pk,
            module_id=module.pk if module else None,
            awarded_by=self.person_id,
            occasion=taken.get("occasion", "regular"),
            at=self.at,
        )
        (shown,) = (one for one in awards_of([found.id], day=self.day) if one.row.pk == made.pk)
        return Response(shown_award(shown), status=201)


class RevocationView(OfStudent):
    """Revoke an award, with its reason."""

    scopes = {"post": "record.credit"}
    takes = {"post": bodies.CreditReason}
    gives = {"post": answers.AwardOut}

    def post(self, request: Request, student: uuid.UUID, award: uuid.UUID) -> Response:
        found = self.who("revoke_credit", student)
        row = award_of(found.id, award)
        if row is None:
            raise NotInReach("The student has no such award.")
        revoke_credit(award_id=row, revoked_by=self.person_id, reason=self.taken()["reason"], at=self.at)
        (shown,) = (one for one in awards_of([found.id], day=self.day) if one.row.pk == row)
        return Response(shown_award(shown), status=201)


class DueView(OfRules):
    """Who, of the students whom the caller may award, has met criteria without an award."""

    scopes = {"get": "record.read"}
    gives = {"get": answers.DueAwardOut(many=True)}
    paged = ("get",)

    def get(self, request: Request) -> Response:
        self.may("read_due_awards")
        students = {one.id: one for one in students_for("award_credit", actor_id=self.person_id, day=self.day)}
        cursor = self.cursor()
        after = tuple(cursor.after or ())
        due: list[DueAward] = []
        # No more students are looked at than fill the page.
        ids = sorted(pk for pk in students if (pk,) >= after[:1])
        for start in range(0, len(ids), STUDENTS_AT_ONCE):
            found = due_awards(ids[start : start + STUDENTS_AT_ONCE], day=self.day)
            due += sorted((one for one in found if _due_key(one) > after), key=_due_key)
            if len(due) > cursor.limit:
                break

        def show(one: DueAward) -> dict[str, Any]:
            student = students[one.student_id]
            return {"student": student.uuid, "name": student.name} | shown_due(one)

        return cursor.page(due, _due_key, show)


def _due_key(due: DueAward) -> tuple[int, int, int]:
    return (due.student_id, due.course_id, due.module_id or 0)


class ProgressView(OfStudent):
    """How far a student has come to each requirement in force, told place by place."""

    scopes = {"get": "record.read"}
    gives = {"get": answers.ProgressOut}

    def get(self, request: Request, student: uuid.UUID) -> Response:
        found = self.who("read_credit", student)
        return Response({"results": [shown_progress(one) for one in progress_of(found.id, day=self.day)]})


class AttestationsView(OfStudent):
    """That a student met assessments."""

    scopes = {"get": "record.read", "post": "record.credit"}
    takes = {"post": bodies.Attestation}
    gives = {"get": answers.AttestationOut(many=True), "post": answers.AttestationOut}
    paged = ("get",)

    def get(self, request: Request, student: uuid.UUID) -> Response:
        found = self.who("read_credit", student)
        return self.cursor().page_of(attestations_of(found.id), ["id"], shown_attestation)

    def post(self, request: Request, student: uuid.UUID) -> Response:
        """Attest, as the student's teacher."""
        found = self.who("attest_assessment", student)
        made = attest_assessment(student_id=found.id, **self.taken(), attested_by=self.person_id, at=self.at)
        return Response(shown_attestation(made), status=201)


class AttestationWithdrawalView(OfStudent):
    """Withdraw an attestation: teachers their own, counsellors and administrators any."""

    scopes = {"post": "record.credit"}
    takes = {"post": bodies.CreditReason}
    gives = {"post": answers.AttestationOut}

    def post(self, request: Request, student: uuid.UUID, attestation: uuid.UUID) -> Response:
        found = self.who("withdraw_attestation", student)
        row = attestations_of(found.id).filter(uuid=attestation).first()
        if row is None or (row.attested_by_id != self.person_id and not found.relations & MAY["revoke_credit"]):
            raise NotInReach("There is no such attestation of yours.")
        withdraw_attestation(attestation_id=row.pk, withdrawn_by=self.person_id, reason=self.taken()["reason"], at=self.at)
        return Response(shown_attestation(attestations_of(found.id).get(pk=row.pk)), status=201)


def _place(taken: dict[str, str | None]) -> tuple[Course, Module | None]:
    """The course and module that a body names; refused with its field where there is none."""
    course = course_by_code(taken["catalogue"] or "", taken["course"] or "")
    if course is None:
        raise Refused("There is no course of that code in that catalogue.", "/course")
    wanted = taken.get("module")
    module = module_by_code(course, wanted) if wanted else None
    if wanted and module is None:
        raise Refused("The course has no module of that code.", "/module")
    return course, module
