"""Classes and who is in them, for those who teach, attend or administer them."""

import uuid
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.views import RecordView
from enrollments.access import may_see_classmates, require_class_role, section_in_reach, sections_in_reach
from enrollments.models import Section
from enrollments.queries.sections import InClass, educators_of, students_of


class PersonInClass(serializers.Serializer[Any]):
    """`ends_on` is the first day without the class."""

    uuid = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(["student", "teacher", "co_teacher", "substitute"])
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)


class ClassOut(serializers.Serializer[Any]):
    """A class: a course taught at a school in a term."""

    uuid = serializers.UUIDField()
    code = serializers.CharField()
    title = serializers.CharField()
    course = serializers.CharField()
    school = serializers.CharField()
    school_year = serializers.CharField()
    term = serializers.CharField()


class ClassWithPeople(ClassOut):
    """`students` is null for those who attend the class themselves."""

    educators = PersonInClass(many=True)
    students = PersonInClass(many=True, allow_null=True)


class Classes(RecordView):
    """The classes that you teach, attend or administer today."""

    scopes = {"get": "roster.read"}
    gives = {"get": ClassOut(many=True)}
    paged = ("get",)

    def get(self, request: Request) -> Response:
        require_class_role(self.held)
        found = sections_in_reach(actor_id=self.person_id, day=self.day)
        return self.cursor().page_of(found, ["title", "id"], _shown)


class OneClass(RecordView):
    """A class with its educators; and with its students, for those who teach or administer it."""

    scopes = {"get": "roster.read"}
    gives = {"get": ClassWithPeople}

    def get(self, request: Request, section: uuid.UUID) -> Response:
        require_class_role(self.held)
        found = section_in_reach(actor_id=self.person_id, section=section, day=self.day)
        told = may_see_classmates(actor_id=self.person_id, section=found, day=self.day)
        students = [_person(one) for one in students_of(section_id=found.pk, day=self.day)] if told else None
        educators = [_person(one) for one in educators_of(section_id=found.pk, day=self.day)]
        return Response({**_shown(found), "educators": educators, "students": students})


def _shown(section: Section) -> dict[str, Any]:
    return {
        "uuid": section.uuid,
        "code": section.code,
        "title": section.title,
        "course": section.course.code,
        "school": section.school.code,
        "school_year": section.term.school_year.code,
        "term": section.term.code,
    }


def _person(one: InClass) -> dict[str, Any]:
    return {"uuid": one.uuid, "name": one.name, "kind": one.kind, "starts_on": one.starts_on, "ends_on": one.ends_on}
