"""Lists in pages: `?limit=` and an opaque `?cursor=`, which names the last row seen, so that rows added or gone meanwhile
make none appear twice or not at all."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.core import signing
from django.db.models import F, Model, Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from api.problems import BadRequest

DEFAULT_LIMIT, HIGHEST_LIMIT = 50, 200

Row = TypeVar("Row")
Record = TypeVar("Record", bound=Model)


class Cursor:
    """Where a list goes on: `after` holds the order's values (text and whole numbers) of the last row seen, or None at the start.

    A cursor is good for the address that gave it; it is signed, so its values are those that were given.
    """

    def __init__(self, request: Request) -> None:
        self._salt = f"api.paging {request.path}"
        self.limit = self._limit(request.query_params.get("limit", ""))
        given = request.query_params.get("cursor", "")
        try:
            self.after: list[Any] | None = signing.loads(given, salt=self._salt) if given else None
        except signing.BadSignature:
            raise BadRequest("This cursor was not given by this address; start again without one.") from None

    def _limit(self, given: str) -> int:
        if not given:
            return DEFAULT_LIMIT
        if not (given.isascii() and given.isdigit() and len(given) <= 4 and 1 <= int(given) <= HIGHEST_LIMIT):
            raise BadRequest(f"limit is a whole number from 1 to {HIGHEST_LIMIT}.")
        return int(given)

    def page(self, rows: Sequence[Row], key: Callable[[Row], tuple[str | int, ...]], show: Callable[[Row], Any]) -> Response:
        """A page of `rows`, which lie in memory in ascending order of `key`; each shown by `show`."""
        rest = rows if self.after is None else [row for row in rows if key(row) > tuple(self.after)]
        return self._answer(rest[: self.limit + 1], key, show)

    def page_of(self, records: QuerySet[Record], order: Sequence[str], show: Callable[[Record], Any]) -> Response:
        """A page of `records` in the ascending order of the fields `order`, the last of which is unique; "-" before the first
        turns them all. One query."""
        falling = order[0].startswith("-")
        names = [name.removeprefix("-") for name in order]
        if self.after is not None:
            records = records.filter(_beyond(names, self.after, "lt" if falling else "gt"))
        found = records.order_by(*(F(name).desc() if falling else F(name).asc() for name in names))[: self.limit + 1]
        return self._answer(list(found), lambda record: tuple(_value(record, name) for name in names), show)

    def _answer(self, found: Sequence[Row], key: Callable[[Row], tuple[str | int, ...]], show: Callable[[Row], Any]) -> Response:
        shown, more = found[: self.limit], len(found) > self.limit
        following = signing.dumps(list(key(shown[-1])), salt=self._salt) if more else None
        return Response({"results": [show(row) for row in shown], "next": following})


def _beyond(names: Sequence[str], values: Sequence[Any], comparison: str) -> Q:
    """Rows after `values` in the order of `names`: the first differs, or it is the same and the rest is after."""
    beyond = Q()
    for place in range(len(names)):
        same = dict(zip(names[:place], values, strict=False))
        beyond |= Q(**same, **{f"{names[place]}__{comparison}": values[place]})
    return beyond


def _value(record: Model, name: str) -> str | int:
    value: Any = record
    for step in name.split("__"):
        value = getattr(value, step)
    return value if isinstance(value, int) else str(value)
