"""Reading the record: who is in reach, the levels now and as known on a day, and why a level is what it is."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.problems import BadRequest
from api.views import RecordView
from competencies.access import competencies_by_uuid, in_reach_by_uuid, student_for, students_for
from competencies.queries.levels import Explained, LevelNow, explanation, levels_as_known_on, levels_now
from competencies.queries.named import Named, named_competencies, names_of_people

CELLS = 60


class Student(serializers.Serializer[Any]):
    """A student and how you are related: self, guardian, teacher, counsellor, an administrator or provider_staff."""

    uuid = serializers.UUIDField()
    name = serializers.CharField()
    relations = serializers.ListField(child=serializers.CharField())


class Level(serializers.Serializer[Any]):
    """A level of a competency; a competency without evidence has none and is not listed."""

    competency = serializers.UUIDField()
    framework = serializers.UUIDField()
    code = serializers.CharField()
    statement = serializers.CharField()
    level = serializers.IntegerField(help_text="the rank, from 1")
    label = serializers.CharField()  # type: ignore[assignment]
    mastered = serializers.BooleanField()
    overridden = serializers.BooleanField()
    judgments = serializers.IntegerField()
    last_worked_on = serializers.DateField()


class CellLevel(Level):
    """A level with whose it is."""

    student = serializers.UUIDField()


class Judgment(serializers.Serializer[Any]):
    """A judgement of the journal; `counts` says whether it makes the level."""

    number = serializers.IntegerField()
    level = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.CharField()
    reason = serializers.CharField()
    worked_on = serializers.DateField()
    recorded_at = serializers.DateTimeField()
    judged_by = serializers.CharField()
    withdrawn_on = serializers.DateField(allow_null=True)
    withdrawn_by = serializers.CharField(allow_null=True)
    withdrawn_for = serializers.CharField(help_text="the reason of the withdrawal; empty where there is none")
    counts = serializers.BooleanField()


class ExplainedLevel(serializers.Serializer[Any]):
    """A level in words, what would change it, and every judgement behind it."""

    level = serializers.IntegerField(allow_null=True)
    label = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    mastered = serializers.BooleanField()
    words = serializers.CharField()
    would_change = serializers.ListField(child=serializers.CharField())
    individual_criterion = serializers.CharField(allow_null=True)
    judgments = Judgment(many=True)


class KnownOn(serializers.Serializer[Any]):
    """As known at the end of a UTC day; without it, now."""

    as_known_on = serializers.DateField(required=False)


class Cells(serializers.Serializer[Any]):
    """Which cells: students and competencies, each named once a value."""

    student = serializers.ListField(child=serializers.UUIDField(), max_length=CELLS)
    competency = serializers.ListField(child=serializers.UUIDField(), max_length=CELLS, required=False)


class StudentsView(RecordView):
    """The students to whom you stand in a living relation, by name."""

    scopes = {"get": "record.read"}
    gives = {"get": Student(many=True)}
    paged = ("get",)

    def get(self, request: Request) -> Response:
        reach = students_for("read_levels", actor_id=self.person_id, day=self.day)
        return self.cursor().page(
            sorted(reach, key=lambda one: (one.name, str(one.uuid))),
            key=lambda one: (one.name, str(one.uuid)),
            show=lambda one: {"uuid": one.uuid, "name": one.name, "relations": sorted(one.relations)},
        )


class StudentLevelsView(RecordView):
    """A student's levels, framework by framework from top to bottom."""

    scopes = {"get": "record.read"}
    asks = {"get": KnownOn}
    gives = {"get": Level(many=True)}
    paged = ("get",)

    def get(self, request: Request, student: UUID) -> Response:
        known_on = self.asked().get("as_known_on")
        found = student_for("read_levels", actor_id=self.person_id, student=student, day=self.day)
        if known_on is None:
            levels = {competency: level for (_, competency), level in levels_now([found.id], day=self.day).items()}
        else:
            levels = levels_as_known_on(found.id, known_on)
        named = named_competencies(levels)
        return self.cursor().page(
            sorted(levels.items(), key=lambda one: named[one[0]].place),
            key=lambda one: named[one[0]].place,
            show=lambda one: shown(named[one[0]], one[1]),
        )


class LevelsView(RecordView):
    """The levels of a class at once: of each student named, on each competency named (on all without one)."""

    scopes = {"get": "record.read"}
    asks = {"get": Cells}
    gives = {"get": CellLevel(many=True)}
    paged = ("get",)

    def get(self, request: Request) -> Response:
        asked = self.asked()
        students = in_reach_by_uuid("read_levels", actor_id=self.person_id, day=self.day, students=asked["student"])
        competencies = competencies_by_uuid(asked["competency"]) if asked.get("competency") else None
        levels = levels_now(list(students.values()), None if competencies is None else list(competencies.values()), self.day)
        named = named_competencies({competency for _, competency in levels})
        key_of = {pk: key for key, pk in students.items()}

        def place(one: tuple[tuple[int, int], LevelNow]) -> tuple[str | int, ...]:
            return (str(key_of[one[0][0]]), *named[one[0][1]].place)

        return self.cursor().page(
            sorted(levels.items(), key=place),
            key=place,
            show=lambda one: {"student": key_of[one[0][0]]} | shown(named[one[0][1]], one[1]),
        )


class ExplanationView(RecordView):
    """Why a level is what it is, in words, with the judgements behind it and what would change it."""

    scopes = {"get": "record.read"}
    asks = {"get": KnownOn}
    gives = {"get": ExplainedLevel}

    def get(self, request: Request, student: UUID, competency: UUID) -> Response:
        known_on = self.asked().get("as_known_on")
        if known_on is not None and known_on > self.day:
            raise BadRequest("as_known_on is a day that has been.")
        found = student_for("read_record", actor_id=self.person_id, student=student, day=self.day)
        told = explanation(found.id, competencies_by_uuid([competency])[competency], known_on)
        return Response(_explained(told))


def shown(named: Named, level: LevelNow) -> dict[str, Any]:
    """A level as the API tells it."""
    return {
        "competency": named.uuid,
        "framework": named.framework,
        "code": named.code,
        "statement": named.statement,
        "level": level.rank,
        "label": level.label,
        "mastered": level.mastered,
        "overridden": level.overridden,
        "judgments": level.judgments,
        "last_worked_on": level.last_worked_on,
    }


def _explained(told: Explained) -> dict[str, Any]:
    names = names_of_people(
        {one.judged_by_id for one in told.judged} | {one.withdrawn_by_id for one in told.judged if one.withdrawn_by_id}
    )
    criterion = told.criterion
    return {
        "level": told.level and told.level.rank,
        "label": told.level and told.level.label,
        "mastered": bool(told.level and told.level.mastered),
        "words": told.words,
        "would_change": told.would_change,
        "individual_criterion": criterion and told.scales[criterion.version_id].label(criterion.proficient_rank),
        "judgments": [
            {
                "number": one.id,
                "level": one.entry.rank,
                "label": told.scales[one.entry.version_id].label(one.entry.rank),
                "kind": one.kind,
                "reason": one.reason,
                "worked_on": one.worked_on,
                "recorded_at": one.recorded_at,
                "judged_by": names[one.judged_by_id],
                "withdrawn_on": one.withdrawn_on,
                "withdrawn_by": names[one.withdrawn_by_id] if one.withdrawn_by_id else None,
                "withdrawn_for": one.withdrawn_for,
                "counts": one.id in told.contributing,
            }
            for one in told.judged
        ],
    }
