"""POST /api/v1/completions: a provider's own system reports completions. docs/formats.md is its reference."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import IO, Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, UnsupportedMediaType
from rest_framework.request import Request

from api.problems import TooLarge
from api.schema import IntakeSchema
from api.views import ProblemView
from enrollments.access import api_source_of
from enrollments.actions.record_completions import Intake, record_completions
from enrollments.calc.completion_rows import CompletionRow, Refusal, RowOutcome, RowProblem, row_from_object
from enrollments.exchange.strict_json import DocumentProblem, parse_object, split_array, split_lines
from people.access import BearerToken

BODY_BYTES = 64 * 1024 * 1024
ROWS = 250_000
NDJSON, JSON = "application/x-ndjson", "application/json"
SPOOL_BYTES = 1024 * 1024
TOO_LARGE = f"Send at most {BODY_BYTES} bytes and {ROWS} rows at once; nothing was recorded."


class LengthRequired(APIException):
    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_detail = "Send a Content-Length."


class MalformedDocument(APIException):
    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(self, problem: DocumentProblem) -> None:
        super().__init__(f"{problem.detail} Nothing was recorded.")
        self.at = problem.pointer


class NoFeed(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_detail = "This provider has no feed of completions."


class CompletionIn(serializers.Serializer[Any]):
    """A completion, or with `void` the withdrawal of one."""

    source_id = serializers.CharField(max_length=100)
    enrollment = serializers.CharField(max_length=100, required=False)
    assignment = serializers.CharField(max_length=60, required=False)
    completed_on = serializers.DateField(required=False)
    carried_over = serializers.BooleanField(required=False)
    void = serializers.BooleanField(required=False)


class CompletionsIn(serializers.Serializer[Any]):
    """A batch in one document; as application/x-ndjson, a completion a line."""

    completions = CompletionIn(many=True)


class ResultOut(serializers.Serializer[Any]):
    """What became of one row; docs/formats.md lists every reason."""

    row = serializers.IntegerField()
    source_id = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(["created", "exists", "conflict", "refused"])
    reason = serializers.CharField(allow_null=True)
    field = serializers.CharField(allow_null=True)
    detail = serializers.CharField(allow_null=True)


class CompletionsOut(serializers.Serializer[Any]):
    """`batch` is null where nothing was new."""

    batch = serializers.IntegerField(allow_null=True)
    counts = serializers.DictField(child=serializers.IntegerField())
    results = ResultOut(many=True)


class CompletionsView(ProblemView):
    """Takes a batch of completions, a row a line or in one document, and answers row by row.

    Sending the same batch again is safe: rows on file come back as `exists`.
    """

    takes = {"post": CompletionsIn}
    gives = {"post": CompletionsOut}
    authentication_classes = [BearerToken]
    http_method_names = ["post"]
    schema = IntakeSchema()

    def post(self, request: Request) -> HttpResponseBase:
        source = api_source_of(request.user)  # type: ignore[arg-type]
        if source is None:
            raise NoFeed
        with ExitStack() as files:
            spool = files.enter_context(tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES))
            done = record_completions(
                rows=_rows(request._request),
                source_system=source,
                kind="completions_api",
                today=datetime.now(UTC).date(),
                on_outcome=lambda outcome: _tell(spool, outcome),
                every_row=True,
            )
            files.pop_all()  # from here on the answer owns the spool
        return _answer(done, spool)

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        return super().handle_exception(MalformedDocument(exc) if isinstance(exc, DocumentProblem) else exc)

    def members_of(self, told: APIException) -> dict[str, str]:
        return {"pointer": told.at} if isinstance(told, MalformedDocument) else {}


def _rows(request: HttpRequest) -> Iterator[CompletionRow | Refusal]:
    """The body's rows, read as a stream; raises where the body as a whole cannot be taken."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdigit():
        raise LengthRequired
    if int(length) > BODY_BYTES:
        raise TooLarge(TOO_LARGE)
    if request.content_type not in (NDJSON, JSON) or request.headers.get("Content-Encoding", "identity") != "identity":
        raise UnsupportedMediaType(request.content_type or "", f"Send {NDJSON} or {JSON}, not compressed.")
    elements = split_lines(request) if request.content_type == NDJSON else split_array(request, "completions")
    for count, item in enumerate(elements, start=1):
        if count > ROWS:
            raise TooLarge(TOO_LARGE)
        yield item if isinstance(item, Refusal) else _row(*item)


def _row(number: int, element: bytes) -> CompletionRow | Refusal:
    try:
        return row_from_object(number, parse_object(element))
    except RowProblem as problem:
        return problem.refusal(number)


def _tell(spool: IO[bytes], outcome: RowOutcome) -> None:
    said: dict[str, Any] = {"row": outcome.row, "source_id": outcome.source_id, "status": outcome.status}
    said |= {"reason": outcome.reason or None, "field": outcome.field or None, "detail": outcome.detail or None}
    if outcome.changes:
        said["changes"] = [{"field": name, "old": old, "new": new} for name, old, new in outcome.changes]
    spool.write((b",\n" if spool.tell() else b"") + json.dumps(said).encode())


def _answer(done: Intake, spool: IO[bytes]) -> StreamingHttpResponse:
    counts = {name: done.counts[name] for name in ("created", "exists", "conflict", "refused")}
    head = f'{{"batch": {json.dumps(done.batch)}, "counts": {json.dumps(counts)}, "results": [\n'.encode()
    length = len(head) + spool.tell() + 2
    spool.seek(0)

    def body() -> Iterator[bytes]:
        with spool:
            yield head
            while part := spool.read(64 * 1024):
                yield part
            yield b"]}"

    return StreamingHttpResponse(body(), content_type="application/json", headers={"Content-Length": str(length)})
