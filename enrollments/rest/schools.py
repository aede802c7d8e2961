"""The schools that a person administers, attends or works with: where one finds the uuid that other addresses name."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.views import RecordView
from enrollments.access import require_learning_role, schools_in_reach
from enrollments.queries.schools import SchoolInReach


class SchoolOut(serializers.Serializer[Any]):
    """A school; `administers`: you are an administrator of it, or of its district."""

    uuid = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    district = serializers.CharField(help_text="the district's name; empty where it lies in none")
    administers = serializers.BooleanField()


class Schools(RecordView):
    """The schools that you administer, attend or teach at, and those of the students you work with, as of today."""

    scopes = {"get": "roster.read"}
    gives = {"get": SchoolOut(many=True)}
    paged = ("get",)

    def get(self, request: Request) -> Response:
        require_learning_role(self.held)
        found = schools_in_reach(actor_id=self.person_id, day=self.day)
        return self.cursor().page(sorted(found, key=_place), key=_place, show=_shown)


def _place(school: SchoolInReach) -> tuple[str, int]:
    return school.name, school.id


def _shown(school: SchoolInReach) -> dict[str, Any]:
    return {name: getattr(school, name) for name in ("uuid", "code", "name", "district", "administers")}
