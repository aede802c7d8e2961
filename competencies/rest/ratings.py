"""Second ratings, anchors, and what administrators see of raters. None of it reaches pay."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from api.views import RecordView
from competencies.access import (
    anchor_by_uuid,
    competencies_by_uuid,
    judgment_of,
    rater_by_uuid,
    request_to_rate,
    require_role,
    sample_of_level,
    student_for,
)
from competencies.actions.add_anchor import add_anchor, rate_anchor
from competencies.actions.ask_second_rating import ask_second_rating, rate_second
from competencies.queries.second_ratings import Figures, RatingAsked, anchors_for, rater_figures, ratings_asked


class Rater(serializers.Serializer[Any]):
    """Who is asked: a teacher other than the judge."""

    rater = serializers.UUIDField()


class RatingIn(serializers.Serializer[Any]):
    """The rater's own level, from 1."""

    level = serializers.IntegerField(min_value=1, max_value=100)
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class AnchorRatingIn(serializers.Serializer[Any]):
    """The rater's own level of an anchor, from 1."""

    level = serializers.IntegerField(min_value=1, max_value=100)


class AnchorIn(serializers.Serializer[Any]):
    """The sample `sample` (from 1) of a rubric's level, with the level that is agreed for it on the competency's scale."""

    rubric_level = serializers.UUIDField()
    sample = serializers.IntegerField(min_value=1, max_value=1000)
    competency = serializers.UUIDField()
    agreed_level = serializers.IntegerField(min_value=1, max_value=100)


class AskedOut(serializers.Serializer[Any]):
    """Work to rate, without its student's name; `first_level` is told after your own."""

    uuid = serializers.UUIDField()
    competency = serializers.UUIDField()
    statement = serializers.CharField()
    labels = serializers.ListField(child=serializers.CharField())
    worked_on = serializers.DateField()
    evidence = serializers.ListField(child=serializers.DictField())
    asked_at = serializers.DateTimeField()
    own_level = serializers.IntegerField(allow_null=True)
    first_level = serializers.IntegerField(allow_null=True)
    note = serializers.CharField()


class AnchorOut(serializers.Serializer[Any]):
    """A sample to rate; `agreed_level` is told after your first rating."""

    uuid = serializers.UUIDField()
    competency = serializers.UUIDField()
    statement = serializers.CharField()
    labels = serializers.ListField(child=serializers.CharField())
    title = serializers.CharField()
    address = serializers.CharField()
    text = serializers.CharField()
    own_levels = serializers.ListField(child=serializers.IntegerField())
    agreed_level = serializers.IntegerField(allow_null=True)


class SecondRatingsView(RecordView):
    """What you have been asked to rate a second time, open ones first."""

    scopes = {"get": "record.judge"}
    gives = {"get": AskedOut(many=True)}
    paged = ("get",)

    def get(self, request: Request) -> Response:
        require_role("rate", self.held)
        rows = [(int(one.own_rank is not None), one.asked_at.isoformat(), str(one.uuid), one) for one in ratings_asked(self.person_id)]
        return self.cursor().page(sorted(rows, key=lambda row: row[:3]), key=lambda row: row[:3], show=lambda row: _asked(row[3]))


class SecondRatingView(RecordView):
    """Give your level, once. It changes no level of the student's."""

    scopes = {"post": "record.judge"}
    takes = {"post": RatingIn}

    def post(self, request: Request, rating: UUID) -> Response:
        require_role("rate", self.held)
        asked = self.taken()
        pk = request_to_rate(self.person_id, rating)
        rate_second(request_id=pk, rated_by=self.person_id, rank=asked["level"], note=asked["note"], at=self.at)
        return Response({}, status.HTTP_201_CREATED)


class AskSecondRatingView(RecordView):
    """Ask another teacher to rate a judgement's work, without seeing the first level."""

    scopes = {"post": "record.judge"}
    takes = {"post": Rater}

    def post(self, request: Request, student: UUID, number: int) -> Response:
        asked = self.taken()
        found = student_for("ask_second_rating", actor_id=self.person_id, student=student, day=self.day)
        made = ask_second_rating(
            judgment_id=judgment_of(found.id, number),
            rater_id=rater_by_uuid(asked["rater"], self.day),
            asked_by=self.person_id,
            at=self.at,
        )
        return Response({"uuid": made.uuid}, status.HTTP_201_CREATED)


class AnchorsView(RecordView):
    """Samples with an agreed level, for raters to calibrate by; administrators add to them."""

    scopes = {"get": "record.judge", "post": "frameworks.write"}
    takes = {"post": AnchorIn}
    gives = {"get": AnchorOut(many=True)}

    def get(self, request: Request) -> Response:
        require_role("rate", self.held)
        return Response([_anchor(asdict(one)) for one in anchors_for(self.person_id)])

    def post(self, request: Request) -> Response:
        require_role("add_anchor", self.held)
        asked = self.taken()
        made = add_anchor(
            sample_id=sample_of_level(asked["rubric_level"], asked["sample"]),
            competency_id=competencies_by_uuid([asked["competency"]])[asked["competency"]],
            agreed_rank=asked["agreed_level"],
            decided_by=self.person_id,
            at=self.at,
        )
        return Response({"uuid": made.uuid}, status.HTTP_201_CREATED)


class AnchorRatingsView(RecordView):
    """Rate an anchor; again later, to see whether you have drifted."""

    scopes = {"post": "record.judge"}
    takes = {"post": AnchorRatingIn}

    def post(self, request: Request, anchor: UUID) -> Response:
        require_role("rate", self.held)
        asked = self.taken()
        rate_anchor(anchor_id=anchor_by_uuid(anchor), rater_id=self.person_id, rank=asked["level"], at=self.at)
        return Response({}, status.HTTP_201_CREATED)


class RaterFiguresView(RecordView):
    """How far raters agree, by rater and by competency, with their drift by month; exact fractions as text. For the
    administrators of a school or district, over its own students; for nobody's pay."""

    scopes = {"get": "record.read"}

    def get(self, request: Request) -> Response:
        require_role("read_rater_figures", self.held)
        figures = rater_figures(actor_id=self.person_id, day=self.day)
        return Response({name: [_figures(one) for one in found] for name, found in figures.items()})


def _asked(one: RatingAsked) -> dict[str, Any]:
    return {
        "uuid": one.uuid,
        "competency": one.competency,
        "statement": one.statement,
        "labels": one.labels,
        "worked_on": one.worked_on,
        "evidence": [{"evidence": key, "version": number} for key, number in one.evidence],
        "asked_at": one.asked_at,
        "own_level": one.own_rank,
        "first_level": one.first_rank,
        "note": one.note,
    }


def _anchor(one: dict[str, Any]) -> dict[str, Any]:
    return one | {"own_levels": one.pop("own_ranks"), "agreed_level": one.pop("agreed_rank")}


def _figures(one: Figures) -> dict[str, Any]:
    found = one.agreement
    return {
        "of": one.who,
        "name": one.name,
        "pairs": found.pairs,
        "exact": str(found.exact),
        "adjacent": str(found.adjacent),
        "kappa": None if found.kappa is None else str(found.kappa),
        "drift": str(found.drift),
        "months": [{"month": month, "pairs": pairs, "drift": str(drift)} for month, pairs, drift in one.months],
    }
