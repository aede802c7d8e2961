"""POST /api/v1/completions: a provider's own system reports completions. docs/formats.md is its reference."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from http import HTTPStatus
from typing import IO, Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from rest_framework import status
from rest_framework.exceptions import APIException, UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.views import APIView

from enrollments.access import api_source_of
from enrollments.actions.record_completions import Intake, record_completions
from enrollments.calc.completion_rows import CompletionRow, Refusal, RowOutcome, RowProblem, row_from_object
from enrollments.exchange.strict_json import DocumentProblem, parse_object, split_array, split_lines
from people.access import BearerToken

BODY_BYTES = 64 * 1024 * 1024
ROWS = 250_000
NDJSON, JSON = "application/x-ndjson", "application/json"
SPOOL_BYTES = 1024 * 1024


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = f"Send at most {BODY_BYTES} bytes and {ROWS} rows at once; nothing was recorded."


class LengthRequired(APIException):
    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_detail = "Send a Content-Length."


class MalformedDocument(APIException):
    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(self, problem: DocumentProblem) -> None:
        super().__init__(f"{problem.detail} Nothing was recorded.")
        self.pointer = problem.pointer


class Interrupted(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = "The body ended before its announced length; nothing was recorded."


class NoFeed(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_detail = "This provider has no feed of completions."


class Unavailable(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "The database cannot be reached; nothing was recorded. Send the same rows again."

    def __init__(self, cause: Exception) -> None:
        super().__init__()
        self.__cause__ = cause


class CompletionsView(APIView):
    """Takes a batch of completions, a row a line or in one document, and answers row by row.

    Sending the same batch again is safe: rows on file come back as `exists`.
    """

    authentication_classes = [BearerToken]
    http_method_names = ["post"]

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

    def perform_content_negotiation(self, request: Request, force: bool = True) -> Any:
        """There is one form of answer, whatever the caller accepts."""
        return super().perform_content_negotiation(request, force=True)

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        """Every error in the form of RFC 9457."""
        if isinstance(exc, DocumentProblem):
            exc = MalformedDocument(exc)
        elif isinstance(exc, UnreadablePostError):
            exc = Interrupted()
        elif isinstance(exc, OperationalError | InterfaceError):
            exc = Unavailable(exc)
        response = super().handle_exception(exc)
        title = HTTPStatus(response.status_code).phrase
        problem = {"type": "about:blank", "title": title, "status": response.status_code}
        problem["detail"] = str(getattr(exc, "detail", title))
        if isinstance(exc, MalformedDocument):
            problem["pointer"] = exc.pointer
        kept = {name: response[name] for name in ("WWW-Authenticate", "Allow") if name in response}
        return HttpResponse(json.dumps(problem), content_type="application/problem+json", status=response.status_code, headers=kept)


def _rows(request: HttpRequest) -> Iterator[CompletionRow | Refusal]:
    """The body's rows, read as a stream; raises where the body as a whole cannot be taken."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdigit():
        raise LengthRequired
    if int(length) > BODY_BYTES:
        raise TooLarge
    if request.content_type not in (NDJSON, JSON) or request.headers.get("Content-Encoding", "identity") != "identity":
        raise UnsupportedMediaType(request.content_type or "", f"Send {NDJSON} or {JSON}, not compressed.")
    elements = split_lines(request) if request.content_type == NDJSON else split_array(request, "completions")
    for count, item in enumerate(elements, start=1):
        if count > ROWS:
            raise TooLarge
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
