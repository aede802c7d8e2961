"""Reading a JSON body that may be hostile: bounded, without duplicate keys, NaN, NUL, lone surrogates or endless nesting."""

import json
import re
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser

from api.problems import BadRequest, TooLarge

BODY_BYTES = 16 * 1024 * 1024
NUMBER_CHARACTERS = 18
_UNFIT = re.compile("[\0\ud800-\udfff]")


class StrictJson(BaseParser):
    """`application/json`, UTF-8, at most BODY_BYTES."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        body = stream.read(BODY_BYTES + 1)
        if len(body) > BODY_BYTES:
            raise TooLarge(f"Send at most {BODY_BYTES} bytes at once; nothing was recorded.")
        try:
            value = _DECODER.decode(body.decode("utf-8-sig"))
            _refuse_unfit(value)
            return value
        except UnicodeDecodeError as error:
            raise BadRequest(f"The body is no UTF-8 from byte {error.start + 1} on.") from None
        except json.JSONDecodeError as error:
            raise BadRequest(f"The body is no JSON: {error.msg} at character {error.pos + 1}.") from None
        except RecursionError:
            raise BadRequest("The body nests too deeply.") from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise BadRequest("The body names a member twice in one object.")
    for name, value in pairs:
        _refuse_unfit(name)
        _refuse_unfit(value)
    return members


def _refuse_unfit(value: Any) -> None:
    if isinstance(value, str) and _UNFIT.search(value):
        raise BadRequest("The body has a NUL or half a surrogate pair in a text.")
    if isinstance(value, list):
        for inner in value:
            _refuse_unfit(inner)


def _whole(text: str) -> int:
    if len(text) > NUMBER_CHARACTERS:
        raise BadRequest("The body has a number of more digits than can be kept.")
    return int(text)


def _no_fraction(text: str) -> Any:
    raise BadRequest('The body has a number with a fraction; write exact amounts as text, such as "3/2".')


_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_int=_whole, parse_float=_no_fraction, parse_constant=_no_fraction)
