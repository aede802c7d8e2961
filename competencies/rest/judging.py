"""Judging a class at once, withdrawing, and individual criteria."""

from typing import Any
from uuid import UUID

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from api.problems import NotFound
from api.views import RecordView
from competencies.access import (
    competencies_by_uuid,
    criterion_of,
    judgment_to_withdraw,
    known_competencies,
    known_versions_of_evidence,
    student_for,
    students_for,
)
from competencies.actions.record_judgments import MOST_AT_ONCE, NewJudgment, record_judgments
from competencies.actions.set_individual_criterion import end_individual_criterion, set_individual_criterion
from competencies.actions.withdraw_judgment import withdraw_judgment
from competencies.queries.levels import individual_criteria

# A transfer comes with a portfolio and is confirmed there; a diagnostic comes with a plan.
KINDS = ("judgment", "override")


class EvidenceNamed(serializers.Serializer[Any]):
    """A version of the student's evidence."""

    evidence = serializers.UUIDField()
    version = serializers.IntegerField(min_value=1, max_value=30_000)


class JudgmentIn(serializers.Serializer[Any]):
    """`level` is the rank, from 1, in the newest version of the scale of the competency's framework."""

    student = serializers.UUIDField()
    competency = serializers.UUIDField()
    level = serializers.IntegerField(min_value=1, max_value=100)
    worked_on = serializers.DateField()
    kind = serializers.ChoiceField(choices=KINDS, default="judgment")
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000, help_text="an override gives one")
    evidence = EvidenceNamed(many=True, required=False, default=list)


class JudgmentsIn(serializers.Serializer[Any]):
    """All of them are recorded, or none."""

    judgments = serializers.ListField(child=JudgmentIn(), min_length=1, max_length=MOST_AT_ONCE)


class JudgmentsOut(serializers.Serializer[Any]):
    """The numbers of the judgements, in the order given."""

    numbers = serializers.ListField(child=serializers.IntegerField())


class Reason(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=2000)


class CriterionIn(serializers.Serializer[Any]):
    """The level, from 1, that counts as mastered for this student; `ends_on` is the first day without it."""

    competency = serializers.UUIDField()
    level = serializers.IntegerField(min_value=1, max_value=100)
    reason = serializers.CharField(max_length=2000)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(required=False, allow_null=True, default=None)


class CriterionEnd(serializers.Serializer[Any]):
    """Which criterion ends, and its first day without."""

    competency = serializers.UUIDField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()


class CriterionOut(CriterionIn):
    """An individual criterion with who decided."""

    decided_by = serializers.CharField()


class JudgmentsView(RecordView):
    """Judge students of your classes, many at once; the levels follow in the same moment."""

    scopes = {"post": "record.judge"}
    takes = {"post": JudgmentsIn}
    gives = {"post": JudgmentsOut}

    def post(self, request: Request) -> Response:
        rows = self.taken()["judgments"]
        students = {one.uuid: one.id for one in students_for("judge", actor_id=self.person_id, day=self.day)}
        for place, row in enumerate(rows):
            if row["student"] not in students:
                raise NotFound(f"Judgement {place + 1} names no student whom you teach.", f"/judgments/{place}/student")
        competencies = known_competencies(row["competency"] for row in rows)
        for place, row in enumerate(rows):
            if row["competency"] not in competencies:
                raise NotFound(f"Judgement {place + 1} names no competency on file.", f"/judgments/{place}/competency")
        versions = _versions(rows, students)
        numbers = record_judgments(
            judged_by=self.person_id,
            at=self.at,
            judgments=[
                NewJudgment(
                    student_id=students[row["student"]],
                    competency_id=competencies[row["competency"]],
                    rank=row["level"],
                    worked_on=row["worked_on"],
                    kind=row["kind"],
                    reason=row["reason"],
                    evidence_versions=tuple(
                        versions[students[row["student"]], one["evidence"], one["version"]] for one in row["evidence"]
                    ),
                )
                for row in rows
            ],
        )
        return Response({"numbers": numbers}, status.HTTP_201_CREATED)


def _versions(rows: list[dict[str, Any]], students: dict[UUID, int]) -> dict[tuple[int, UUID, int], int]:
    named = {
        (students[row["student"]], one["evidence"], one["version"]): f"/judgments/{place}/evidence/{number}"
        for place, row in enumerate(rows)
        for number, one in enumerate(row["evidence"])
    }
    versions = known_versions_of_evidence(named)
    for key, pointer in named.items():
        if key not in versions:
            raise NotFound("There is no such version among this student's evidence.", pointer)
    return versions


class WithdrawalView(RecordView):
    """Withdraw an own judgement, or, as the student's counsellor or school administrator, anybody's, with a reason: today's level
    is as if it had never been; earlier days stay as they were known."""

    scopes = {"post": "record.judge"}
    takes = {"post": Reason}

    def post(self, request: Request, student: UUID, number: int) -> Response:
        reason = self.taken()["reason"]
        judgment = judgment_to_withdraw(student, number, actor_id=self.person_id, day=self.day)
        withdraw_judgment(judgment_id=judgment, withdrawn_by=self.person_id, reason=reason, at=self.at)
        return Response({}, status.HTTP_201_CREATED)


class IndividualCriteriaView(RecordView):
    """The levels that count as mastered for one student, by an individual plan: who decided, why and when."""

    scopes = {"get": "record.read", "post": "record.judge"}
    takes = {"post": CriterionIn}
    gives = {"get": CriterionOut(many=True), "post": CriterionIn}
    paged = ("get",)

    def get(self, request: Request, student: UUID) -> Response:
        found = student_for("read_record", actor_id=self.person_id, student=student, day=self.day)
        return self.cursor().page_of(individual_criteria(found.id), ("-starts_on", "-id"), shown_criterion)

    def post(self, request: Request, student: UUID) -> Response:
        asked = self.taken()
        found = student_for("set_individual_criterion", actor_id=self.person_id, student=student, day=self.day)
        set_individual_criterion(
            student_id=found.id,
            competency_id=competencies_by_uuid([asked["competency"]])[asked["competency"]],
            proficient_rank=asked["level"],
            reason=asked["reason"],
            decided_by=self.person_id,
            starts_on=asked["starts_on"],
            ends_on=asked["ends_on"],
            at=self.at,
        )
        return Response(asked, status.HTTP_201_CREATED)


class CriterionEndView(RecordView):
    """End an individual criterion that has no end yet."""

    scopes = {"post": "record.judge"}
    takes = {"post": CriterionEnd}

    def post(self, request: Request, student: UUID) -> Response:
        asked = self.taken()
        found = student_for("set_individual_criterion", actor_id=self.person_id, student=student, day=self.day)
        criterion = criterion_of(found.id, asked["competency"], asked["starts_on"])
        end_individual_criterion(criterion_id=criterion, ends_on=asked["ends_on"])
        return Response({}, status.HTTP_201_CREATED)


def shown_criterion(row: Any) -> dict[str, Any]:
    """An individual criterion (models.IndividualCriterion) as the API tells it."""
    return {
        "competency": row.competency.uuid,
        "level": row.proficient_rank,
        "reason": row.reason,
        "decided_by": row.decided_by.full_name or row.decided_by.username,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
    }
