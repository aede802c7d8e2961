"""The OpenAPI description of an endpoint, read off what its view declares."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers

from api.idempotency import HEADER, KEY_CHARACTERS
from api.paging import DEFAULT_LIMIT, HIGHEST_LIMIT

PROBLEMS = {
    400: "It cannot be read; `errors` names the fields.",
    401: "Sign in, or send a personal token.",
    403: "Your roles or the token's scopes do not open this.",
    404: "There is nothing here that you work with.",
    409: "It contradicts what is on record, or its Idempotency-Key was used for another request.",
    422: "Well-formed, but it may not be done; the detail names the way out.",
}


class FieldProblem(serializers.Serializer[Any]):
    """A field that does not fit: its RFC 6901 pointer, and why."""

    pointer = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """RFC 9457 problem details."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = FieldProblem(many=True, required=False)  # type: ignore[assignment]


class RecordSchema(AutoSchema):
    """Reads `scopes`, `takes`, `asks`, `gives` and `paged` of an api.views.RecordView."""

    def get_tags(self) -> list[str]:
        return [type(self.view).__module__.split(".")[0]]

    def get_operation_id(self) -> str:
        return f"{type(self.view).__name__}_{self.method.lower()}"

    def get_description(self) -> str:  # type: ignore[override]
        said = (getattr(self.view, self.method.lower()).__doc__ or type(self.view).__doc__ or "").strip()
        scope = self._declared("scopes", "")
        return "\n".join(line.strip() for line in said.splitlines()) + (f"\n\nScope: `{scope}`." if scope else "")

    def get_request_serializer(self) -> Any:
        return self._declared("takes", None)

    def get_response_serializers(self) -> Any:
        shown = self._declared("gives", OpenApiTypes.OBJECT)
        if self._method in getattr(self.view, "paged", ()):
            one = shown.child if isinstance(shown, serializers.ListSerializer) else shown
            rows = one if isinstance(one, type) else type(one) if one is not OpenApiTypes.OBJECT else serializers.DictField
            shown = inline_serializer(
                f"{type(self.view).__name__}Page",
                {
                    "results": serializers.ListField() if rows is serializers.DictField else rows(many=True),
                    "next": serializers.CharField(allow_null=True),
                },
            )
        done = 201 if self._method == "post" else 200
        answers: dict[Any, Any] = {200: shown} if done == 200 else {201: shown, 200: shown}
        told = {status: OpenApiResponse(Problem, words) for status, words in PROBLEMS.items()}
        return answers | {(status, "application/problem+json"): told[status] for status in told}

    def get_override_parameters(self) -> list[Any]:
        parameters: list[Any] = []
        if (asked := self._declared("asks", None)) is not None:
            parameters.append(asked)
        if self._method in getattr(self.view, "paged", ()):
            parameters += [
                OpenApiParameter("cursor", str, description="the `next` of the page before"),
                OpenApiParameter("limit", int, description=f"rows a page, 1 to {HIGHEST_LIMIT}", default=DEFAULT_LIMIT),
            ]
        if self._method in ("post", "put", "patch", "delete"):
            words = f"the same key with the same request has one effect and one answer; at most {KEY_CHARACTERS} characters"
            parameters.append(OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, description=words))
        return parameters

    @property
    def _method(self) -> str:
        return self.method.lower()

    def _declared(self, name: str, otherwise: Any) -> Any:
        return getattr(self.view, name, {}).get(self._method, otherwise)


class IntakeSchema(RecordSchema):
    """The intake of completions: a provider's token instead of a person's, NDJSON beside JSON, always answered 200."""

    def map_parsers(self) -> list[str]:
        return ["application/json", "application/x-ndjson"]

    def get_response_serializers(self) -> Any:
        answers = super().get_response_serializers()
        return {status: shown for status, shown in answers.items() if status != 201}

    def get_override_parameters(self) -> list[Any]:
        return []


class PersonalTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Bearer`, of a person or (for the intake) of a provider."""

    target_class = "people.access.PersonalTokenSignIn"
    name = "personalToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class ProviderTokenScheme(PersonalTokenScheme):  # type: ignore[no-untyped-call]
    """A provider's own."""

    target_class = "people.access.BearerToken"
    name = "providerToken"


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The cookie of who signed in at the site's page."""

    target_class = "people.access.SessionSignIn"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "learning_session"}
