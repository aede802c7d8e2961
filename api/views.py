"""The base of every endpoint of the learning record."""

import copy
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.exceptions import APIException, MethodNotAllowed, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from api.idempotency import answered_once
from api.paging import Cursor
from api.parsing import StrictJson
from api.problems import BadRequest, Forbidden, NotFound, as_api_exception, problem
from api.schema import RecordSchema
from api.scopes import SCOPES
from api.strays import strays
from database.areas import acting_as
from people.access import PersonalTokenSignIn, SessionSignIn, TokenInUse
from people.roles import HeldRoles, roles_on

WRITES = ("post", "put", "patch", "delete")
METHODS = ("get", *WRITES)
Takes = type[BaseSerializer[Any]] | BaseSerializer[Any]


class ProblemView(APIView):
    """Answers every error that can be told as a problem, in one form, whatever the caller accepts."""

    def perform_content_negotiation(self, request: Request, force: bool = True) -> Any:
        return super().perform_content_negotiation(request, force=True)

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        """A fault of ours goes on as itself."""
        told = as_api_exception(exc)
        if told is None:
            raise exc
        # Gives the status 401 or 403 and the headers that go with it.
        answer: Response = super().handle_exception(told)
        told.status_code = answer.status_code
        kept = {name: answer[name] for name in ("WWW-Authenticate", "Allow", "Retry-After") if name in answer}
        return problem(told, kept, **self.members_of(told))

    def members_of(self, told: APIException) -> dict[str, Any]:
        """What a view adds to a problem's document."""
        return {}


class RecordView(ProblemView):
    """An endpoint: session or personal-token sign-in, scopes, problem details, idempotent writes, paging.

    class Goals(RecordView):
        \"\"\"A student's goals.\"\"\"                                  # the OpenAPI description
        scopes = {"get": "record.read", "post": "record.plan"}      # one a method, from api.scopes
        takes = {"post": GoalIn}                                     # the body's serializer (JSON unless parser_classes says else)
        asks = {"get": GoalQuery}                                    # the query's serializer; read it with self.asked()
        gives = {"get": GoalOut(many=True), "post": GoalOut}         # for OpenAPI
        paged = ("get",)                                             # answers self.cursor().page(...) or .page_of(...)

        def get(self, request, student): return self.cursor().page(goals(...), key=lambda g: (g.position, g.id), show=show)

        def post(self, request, student):
            fields = self.taken()                                    # validated, or 400 with a pointer a field
            goal = set_goal(student_id=..., set_by=self.person_id, at=self.at, **fields)
            return Response(show(goal), status=201)

    A handler runs under area_learning in ONE transaction: an exception takes everything back. Raise NotInReach (404),
    MayNot or NotForThisRole (403), a `...Refused` ValueError (422; 409 with `conflict = True`, `pointer` names the field) or any of
    api.problems. `self.at` (aware, UTC), `self.day`, `self.person_id`, `self.held` (HeldRoles) say who asks, and when.
    """

    scopes: ClassVar[Mapping[str, str]] = {}
    takes: ClassVar[Mapping[str, Takes]] = {}
    asks: ClassVar[Mapping[str, type[BaseSerializer[Any]]]] = {}
    gives: ClassVar[Mapping[str, Takes]] = {}
    paged: ClassVar[tuple[str, ...]] = ()

    authentication_classes = [PersonalTokenSignIn, SessionSignIn]
    parser_classes = [StrictJson]
    metadata_class = None
    http_method_names = [*METHODS, "head"]
    schema = RecordSchema()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for method in METHODS:
            if hasattr(cls, method) and cls.scopes.get(method) not in SCOPES:
                raise TypeError(f"{cls.__name__}.scopes must name one of api.scopes for {method}.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.args, self.kwargs = args, kwargs
        self.at: datetime = datetime.now(UTC)
        self.request: Request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            self.initial(self.request, *args, **kwargs)
            answer: HttpResponseBase = self._answer(*args, **kwargs)
        except Exception as error:
            answer = self.handle_exception(error)
        self.response = self.finalize_response(self.request, answer, *args, **kwargs)  # type: ignore[arg-type]
        return self.response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who is it, and may the token do this; and is the address free of what no database takes."""
        super().initial(request, *args, **kwargs)
        if "\0" in unquote(request.get_full_path()):
            raise BadRequest("The address has a NUL.")
        method = self._method()
        if method not in self.http_method_names or not hasattr(self, method):
            raise MethodNotAllowed(request.method or "")
        token = request.auth
        if isinstance(token, TokenInUse) and self.scopes[method] not in token.scopes:
            raise Forbidden(f"This token lacks the scope {self.scopes[method]}.")

    def _answer(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        handler = getattr(self, self._method())
        with acting_as("area_learning"):
            if self._method() not in WRITES:
                return handler(self.request, *args, **kwargs)
            self._refuse_unread()
            return answered_once(self.request, self.person_id, lambda: handler(self.request, *args, **kwargs))

    def _refuse_unread(self) -> None:
        """What is sent to a method that takes no body would be lost in silence."""
        if self._method() in self.takes or StrictJson not in self.parser_classes:
            return
        data = self.request.data
        if isinstance(data, dict) and not isinstance(data, QueryDict) and data:
            raise ValidationError({name: ["There is no such member; this address takes none."] for name in data})

    def _method(self) -> str:
        method = (self.request.method or "").lower()
        return "get" if method == "head" else method

    @property
    def day(self) -> date:
        return self.at.date()

    @property
    def person_id(self) -> int:
        return int(self.request.user.pk or 0)

    @property
    def held(self) -> HeldRoles:
        """The person's roles that live today, read once."""
        if not hasattr(self, "_held"):
            self._held = roles_on(user_id=self.person_id, day=self.day)
        return self._held

    def taken(self) -> Any:
        """The body as `takes` of this method reads it."""
        return _read(self.takes[self._method()], self.request.data)

    def asked(self) -> dict[str, Any]:
        """The query as `asks` of this method reads it."""
        return _read(self.asks[self._method()], self.request.query_params)

    def cursor(self) -> Cursor:
        return Cursor(self.request)


class UnknownAddress(RecordView):
    """Below /api/v1/ there is no such address: answered as a problem, not as a page."""

    scopes = dict.fromkeys(METHODS, "record.read")
    schema = None  # type: ignore[assignment]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound


class Schema(ProblemView, SpectacularJSONAPIView):
    """The OpenAPI description of every address below /api/v1/; it tells of nobody, so it is open to all."""

    authentication_classes = []
    permission_classes = [AllowAny]


def _read(serializer: Takes, data: Any) -> Any:
    made: Any = serializer() if isinstance(serializer, type) else copy.deepcopy(serializer)
    made.initial_data = data
    # A form and a query hold nothing but text.
    found = {} if isinstance(data, QueryDict) else strays(made, data)
    if not made.is_valid() or found:
        raise ValidationError({**made.errors, **found} if isinstance(made.errors, dict) else found or made.errors)
    return made.validated_data
