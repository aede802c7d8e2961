"""Scales: reading them, opening one, and editing by a further version after looking at whose level it would change."""

from typing import Any
from uuid import UUID

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from api.problems import Refused
from api.views import RecordView
from competencies.access import require_role, scale_by_uuid, students_for
from competencies.actions.open_scale import open_scale, pointer_of
from competencies.actions.release_scale_version import release_scale_version
from competencies.calc.rule import METHODS, RuleProblem
from competencies.calc.scale import MOST_LEVELS, Draft, ScaleProblem
from competencies.queries.named import named_competencies
from competencies.queries.scales import listed_scales
from competencies.queries.stories import preview_scale_version

SHOWN = 1000


class ScaleLevel(serializers.Serializer[Any]):
    """A level, in words."""

    label = serializers.CharField(max_length=100)  # type: ignore[assignment]
    description = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class Parameters(serializers.Serializer[Any]):
    """Of decaying_average: weight, such as 65/100. Of n_of_m: n, m, and below (most_recent or lowest). Else empty."""

    weight = serializers.CharField(required=False, max_length=20)
    n = serializers.IntegerField(required=False)
    m = serializers.IntegerField(required=False)
    below = serializers.CharField(required=False, max_length=20)


class DraftIn(serializers.Serializer[Any]):
    """A version: levels from the lowest, which one is proficient (from 1), the rule. `carried_from` says of each level of the
    version before, from the lowest, which level of this it becomes; left out where the levels stay as many."""

    levels = serializers.ListField(child=ScaleLevel(), min_length=2, max_length=MOST_LEVELS)
    proficient = serializers.IntegerField(min_value=1, max_value=MOST_LEVELS)
    method = serializers.ChoiceField(choices=METHODS)
    parameters = Parameters(required=False, default=dict)
    carried_from = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MOST_LEVELS), required=False, max_length=MOST_LEVELS
    )


class ReleaseIn(DraftIn):
    """A further version, with its reason."""

    reason = serializers.CharField(max_length=2000)


class ScaleIn(DraftIn):
    """A new scale's first version."""

    code = serializers.CharField(max_length=60)
    title = serializers.CharField(max_length=200)


class ScaleVersionOut(serializers.Serializer[Any]):
    """A version as it was released."""

    number = serializers.IntegerField()
    levels = ScaleLevel(many=True)
    proficient = serializers.IntegerField()
    method = serializers.CharField()
    parameters = serializers.DictField()
    carried_from = serializers.DictField()
    reason = serializers.CharField()
    released_at = serializers.DateTimeField()


class ScaleOut(serializers.Serializer[Any]):
    """A scale with its versions, oldest first; the last is that under which is judged."""

    uuid = serializers.UUIDField()
    code = serializers.CharField()
    title = serializers.CharField()
    versions = ScaleVersionOut(many=True)


class ChangeOut(serializers.Serializer[Any]):
    """What a draft would make of a student's level."""

    student = serializers.UUIDField()
    name = serializers.CharField()
    competency = serializers.UUIDField()
    before = serializers.CharField()
    after = serializers.CharField()
    mastered_before = serializers.BooleanField()
    mastered_after = serializers.BooleanField()


class PreviewOut(serializers.Serializer[Any]):
    """`changes` counts all of whom it would change; `students` names those of them who are in your reach, at most 1,000 at
    once. `next` is null after the last of them; else the same draft sent to `?from=<next>` names those that follow."""

    changes = serializers.IntegerField()
    in_reach = serializers.IntegerField()
    students = ChangeOut(many=True)
    next = serializers.IntegerField(allow_null=True)


class ScalesView(RecordView):
    """The mastery scales, by code; administrators open further ones."""

    scopes = {"get": "frameworks.read", "post": "frameworks.write"}
    takes = {"post": ScaleIn}
    gives = {"get": ScaleOut(many=True), "post": ScaleOut}
    paged = ("get",)

    def get(self, request: Request) -> Response:
        require_role("read_scales", self.held)
        return self.cursor().page(listed_scales(), key=lambda one: (one["code"],), show=lambda one: one)

    def post(self, request: Request) -> Response:
        require_role("edit_scales", self.held)
        asked = self.taken()
        if "carried_from" in asked:
            raise Refused("A first version carries nothing over; leave carried_from out.", "/carried_from")
        made = open_scale(
            code=asked["code"],
            title=asked["title"],
            levels=asked["levels"],
            proficient_rank=asked["proficient"],
            method=asked["method"],
            parameters=asked["parameters"],
            released_by=self.person_id,
            at=self.at,
        )
        return Response(listed_scales(made.scale_id)[0], status.HTTP_201_CREATED)


class ScaleView(RecordView):
    """One scale with its versions."""

    scopes = {"get": "frameworks.read"}
    gives = {"get": ScaleOut}

    def get(self, request: Request, scale: UUID) -> Response:
        require_role("read_scales", self.held)
        return Response(listed_scales(scale_by_uuid(scale).pk)[0])


class ScalePreviewView(RecordView):
    """Whose level a further version would change if it counted at once. It changes nothing; nor does the release: a level
    goes over to the new version when it is judged anew. `?from=` goes on where an earlier answer's `next` says."""

    scopes = {"post": "frameworks.write"}
    takes = {"post": DraftIn}
    gives = {"post": PreviewOut}

    def post(self, request: Request, scale: UUID) -> Response:
        require_role("edit_scales", self.held)
        draft = _draft(self.taken())
        try:
            changes = preview_scale_version(scale_id=scale_by_uuid(scale).pk, draft=draft, day=self.day)
        except (ScaleProblem, RuleProblem) as problem:
            raise Refused(str(problem), pointer_of(problem)) from None
        reach = {one.id: one for one in students_for("read_levels", actor_id=self.person_id, day=self.day)}
        near = [change for change in changes if change.student_id in reach]
        start = _start(request.query_params.get("from", "0"))
        shown = near[start : start + SHOWN]
        named = named_competencies({change.competency_id for change in shown})
        students = [
            {
                "student": reach[change.student_id].uuid,
                "name": reach[change.student_id].name,
                "competency": named[change.competency_id].uuid,
                "before": change.before,
                "after": change.after,
                "mastered_before": change.mastered_before,
                "mastered_after": change.mastered_after,
            }
            for change in shown
        ]
        following = start + SHOWN if start + SHOWN < len(near) else None
        return Response({"changes": len(changes), "in_reach": len(near), "students": students, "next": following})


class ScaleVersionsView(RecordView):
    """Release a further version. No level changes by it."""

    scopes = {"post": "frameworks.write"}
    takes = {"post": ReleaseIn}
    gives = {"post": ScaleOut}

    def post(self, request: Request, scale: UUID) -> Response:
        require_role("edit_scales", self.held)
        asked = self.taken()
        found = scale_by_uuid(scale)
        release_scale_version(scale_id=found.pk, draft=_draft(asked), reason=asked["reason"], released_by=self.person_id, at=self.at)
        return Response(listed_scales(found.pk)[0], status.HTTP_201_CREATED)


def _start(given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise Refused("`from` is a whole number from 0: the `next` of the answer before.", "/from")
    return int(given)


def _draft(asked: dict[str, Any]) -> Draft:
    carried = asked.get("carried_from")
    return Draft(
        levels=asked["levels"],
        proficient_rank=asked["proficient"],
        method=asked["method"],
        parameters=asked["parameters"],
        carried_from=None if carried is None else dict(enumerate(carried, start=1)),
    )
