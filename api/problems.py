"""Every error in the form of RFC 9457: `application/problem+json` with title, status, detail and, for fields, pointers."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import psycopg
from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFilesSent
from django.db import DataError, Error, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from rest_framework.exceptions import APIException, ValidationError

from people.access import NotInReach

CONTENT_TYPE = "application/problem+json"
# One sentence for what is not there and for what is not yours, so that neither can be told from the other.
NOT_FOUND = "There is nothing here that you work with."


class Conflict(APIException):
    """The request contradicts what is on record."""

    status_code = HTTPStatus.CONFLICT
    default_detail = "This contradicts what is on record; read it anew and decide again."


class Refused(APIException):
    """Well-formed, but it may not be done; `pointer` (RFC 6901) names the field, where one is to blame."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, detail: str, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.pointer = pointer


class BadRequest(APIException):
    """It cannot be read."""

    status_code = HTTPStatus.BAD_REQUEST


class TooLarge(APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request is larger than this address takes; nothing was recorded."


class NotFound(APIException):
    """`pointer` (RFC 6901) names the entry of a body that is meant, where there are several."""

    status_code = HTTPStatus.NOT_FOUND
    default_detail = NOT_FOUND

    def __init__(self, detail: str | None = None, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.pointer = pointer


class Forbidden(APIException):
    status_code = HTTPStatus.FORBIDDEN


class Unavailable(APIException):
    """The database does not answer; the cause goes to the log, not to the caller."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_detail = "The database cannot be reached; nothing was recorded. Send the same again."


def as_api_exception(error: Exception) -> APIException | None:
    """The error as one that can be told to the caller; None for a fault of ours.

    A `...Refused` ValueError of an action is 422 (409 where its attribute `conflict` is true), with the pointer of its
    attribute `pointer`.
    """
    told: APIException | None = None
    if isinstance(error, APIException):
        told = error
    elif isinstance(error, NotInReach | Http404):
        told = NotFound()
    elif isinstance(error, PermissionDenied):
        told = Forbidden(str(error) or "You may not do this.")
    elif isinstance(error, ValueError) and type(error).__name__.endswith("Refused"):
        told = Conflict(str(error)) if getattr(error, "conflict", False) else Refused(str(error), getattr(error, "pointer", None))
    elif isinstance(error, RequestDataTooBig | TooManyFilesSent):
        told = TooLarge()
    elif isinstance(error, UnreadablePostError | MultiPartParserError):
        told = BadRequest("The body ended before its announced length, or is no form; nothing was recorded.")
    elif isinstance(error, Error):
        told = _of_the_database(error)
    if told is not None and told is not error:
        told.__cause__ = error
    return told


def _of_the_database(error: Error) -> APIException | None:
    if isinstance(error, IntegrityError) and isinstance(error.__cause__, psycopg.errors.UniqueViolation):
        return Conflict()
    if isinstance(error, OperationalError) and isinstance(error.__cause__, psycopg.errors.DeadlockDetected):
        return Conflict("Somebody else was writing the same; nothing was recorded. Send it again.")
    if isinstance(error, DataError):
        return BadRequest("A value is outside what can be kept, such as a number or a date out of range.")
    if isinstance(error, OperationalError | InterfaceError):
        return Unavailable()
    return None


def problem(told: APIException, headers: dict[str, str] | None = None, **members: Any) -> HttpResponse:
    """The answer that tells of `told`; `members` are added to the document."""
    status = int(told.status_code)
    document: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if isinstance(told, ValidationError):
        document["detail"] = "Some fields do not fit; each is named below."
        document["errors"] = [{"pointer": pointer, "detail": detail} for pointer, detail in _pointers(told.detail)]
    else:
        document["detail"] = str(told.detail)
        if (pointer := getattr(told, "pointer", None)) is not None:
            document["errors"] = [{"pointer": pointer, "detail": str(told.detail)}]
    return HttpResponse(json.dumps(document | members), content_type=CONTENT_TYPE, status=status, headers=headers)


def _pointers(detail: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """A serializer's nested errors as (pointer, sentence) pairs."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            here = at if name == "non_field_errors" else f"{at}/{str(name).replace('~', '~0').replace('/', '~1')}"
            yield from _pointers(inner, here)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            yield from _pointers(inner, f"{at}/{number}" if isinstance(inner, dict | list) else at)
    else:
        yield at, str(detail)
