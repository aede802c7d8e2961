"""Evidence: handing in and recording, further versions, and the file as a download that no browser runs."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.parsing import StrictJson
from api.problems import TooLarge
from api.views import RecordView
from competencies.access import competencies_by_uuid, evidence_by_uuid, student_for, version_of_evidence, version_to_rate
from competencies.actions.record_evidence import TEXT_CHARACTERS, add_version, record_evidence
from competencies.exchange.evidence_file import BYTES
from competencies.models import Evidence
from competencies.queries.evidence import EvidenceRead, download, evidence_of
from people.access import NotInReach

# A form's own lines around the file.
BODY_BYTES = BYTES + 1024 * 1024


class Content(serializers.Serializer[Any]):
    """A file as multipart/form-data, the address of a link, or the text of a note or observation."""

    text = serializers.CharField(required=False, default="", allow_blank=True, max_length=TEXT_CHARACTERS)
    address = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)
    file = serializers.FileField(required=False, max_length=500, allow_empty_file=True)


class EvidenceIn(Content):
    """What was done, when and where, and which competencies it speaks to."""

    kind = serializers.ChoiceField(choices=Evidence.Kind.choices)
    setting = serializers.ChoiceField(choices=Evidence.Setting.choices, default="school")
    title = serializers.CharField(max_length=200)
    worked_on = serializers.DateField()
    competencies = serializers.ListField(child=serializers.UUIDField(), required=False, default=list, max_length=100)


class VersionOut(serializers.Serializer[Any]):
    """A version; the file of one that has a `file_name` is under .../versions/{number}/file."""

    number = serializers.IntegerField()
    text = serializers.CharField()
    address = serializers.CharField()
    file_name = serializers.CharField()
    media_type = serializers.CharField()
    size_bytes = serializers.IntegerField()
    recorded_by = serializers.UUIDField()
    recorded_at = serializers.DateTimeField()


class EvidenceOut(serializers.Serializer[Any]):
    """Evidence with all its versions, oldest first."""

    uuid = serializers.UUIDField()
    kind = serializers.CharField()
    setting = serializers.CharField()
    title = serializers.CharField()
    worked_on = serializers.DateField()
    recorded_by = serializers.UUIDField()
    recorded_at = serializers.DateTimeField()
    competencies = serializers.ListField(child=serializers.UUIDField())
    versions = VersionOut(many=True)


class BoundedView(RecordView):
    """Takes JSON or a form, of bounded length."""

    parser_classes = [StrictJson, MultiPartParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > BODY_BYTES:
            raise TooLarge(f"Send at most {BYTES:,} bytes of file at once; nothing was recorded.")
        super().initial(request, *args, **kwargs)


class EvidenceListView(BoundedView):
    """A student's evidence, and handing in more of it: by the student, or by an educator for the student."""

    scopes = {"get": "record.read", "post": "record.evidence"}
    takes = {"post": EvidenceIn}
    gives = {"get": EvidenceOut(many=True), "post": EvidenceOut}
    paged = ("get",)

    def get(self, request: Request, student: UUID) -> Response:
        found = student_for("read_record", actor_id=self.person_id, student=student, day=self.day)
        kept = sorted(evidence_of([found.id]), key=lambda one: one.id)
        return self.cursor().page(kept, key=lambda one: (one.id,), show=_shown)

    def post(self, request: Request, student: UUID) -> Response:
        asked = self.taken()
        found = student_for("record_evidence", actor_id=self.person_id, student=student, day=self.day)
        made = record_evidence(
            student_id=found.id,
            recorded_by=self.person_id,
            kind=asked["kind"],
            setting=asked["setting"],
            title=asked["title"],
            worked_on=asked["worked_on"],
            competency_ids=competencies_by_uuid(asked["competencies"]).values(),
            at=self.at,
            **_content(asked),
        )
        return Response(_shown(evidence_of([found.id], [made.pk])[0]), status.HTTP_201_CREATED)


class EvidenceVersionsView(BoundedView):
    """Add a version; the ones before stay as they are."""

    scopes = {"post": "record.evidence"}
    takes = {"post": Content}
    gives = {"post": EvidenceOut}

    def post(self, request: Request, student: UUID, evidence: UUID) -> Response:
        asked = self.taken()
        found = student_for("record_evidence", actor_id=self.person_id, student=student, day=self.day)
        pk = evidence_by_uuid(found.id, evidence)
        add_version(evidence_id=pk, recorded_by=self.person_id, at=self.at, **_content(asked))
        return Response(_shown(evidence_of([found.id], [pk])[0]), status.HTTP_201_CREATED)


class EvidenceFileView(RecordView):
    """A version's file, always as a download."""

    scopes = {"get": "record.read"}

    def get(self, request: Request, student: UUID, evidence: UUID, number: int) -> HttpResponseBase:
        found = student_for("read_record", actor_id=self.person_id, student=student, day=self.day)
        return as_download(version_of_evidence(found.id, evidence, number))


class FileToRateView(RecordView):
    """The file of evidence on which a judgement rests that you have been asked to rate a second time."""

    scopes = {"get": "record.judge"}

    def get(self, request: Request, rating: UUID, evidence: UUID, number: int) -> HttpResponseBase:
        return as_download(version_to_rate(self.person_id, rating, evidence, number))


def as_download(version_id: int) -> HttpResponse:
    """The bytes with headers under which no browser shows or runs them; 404 where the version has no file."""
    found = download(version_id)
    if found is None:
        raise NotInReach("This version has no file.")
    answer = HttpResponse(found.content, content_type=found.media_type)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.file_name)}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _content(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What record_evidence takes of a body's content; a file that is too large is not read."""
    file = asked.get("file")
    said: dict[str, Any] = {"text": asked["text"], "address": asked["address"]}
    if file is not None:
        if file.size > BYTES:
            raise TooLarge(f"The file has {file.size:,} bytes; at most {BYTES:,} are taken. Send a smaller one, or a link to it.")
        said |= {"file_name": file.name or "", "content": file.read()}
    return said


def _shown(one: EvidenceRead) -> dict[str, Any]:
    return {
        "uuid": one.uuid,
        "kind": one.kind,
        "setting": one.setting,
        "title": one.title,
        "worked_on": one.worked_on,
        "recorded_by": one.recorded_by,
        "recorded_at": one.recorded_at,
        "competencies": one.competencies,
        "versions": [{name: getattr(version, name) for name in VersionOut._declared_fields} for version in one.versions],
    }
