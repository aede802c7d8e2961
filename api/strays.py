"""What a JSON body holds that its serializer would pass over or bend in silence: members it does not know, and numbers and
truths written as text. In a record to which only is added, a mistyped optional member must be told, not lost."""

from typing import Any

from rest_framework import serializers


def strays(reader: Any, value: Any) -> Any:
    """The faults as a serializer's nested errors (members or places to sentences), empty where there are none."""
    if isinstance(reader, serializers.ListSerializer | serializers.ListField):
        if not isinstance(value, list):
            return {}
        found = {number: strays(reader.child, one) for number, one in enumerate(value)}
        return {number: told for number, told in found.items() if told}
    if isinstance(reader, serializers.Serializer):
        return _of_members(reader, value) if isinstance(value, dict) else {}
    if isinstance(reader, serializers.IntegerField) and isinstance(value, str):
        return ["A whole number is expected, not text; leave the quotes out."]
    if isinstance(reader, serializers.BooleanField) and isinstance(value, str | int) and not isinstance(value, bool):
        return ["true or false is expected, without quotes."]
    return {}


def _of_members(reader: serializers.Serializer[Any], value: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, one in value.items():
        known = reader.fields.get(name)
        if known is None:
            found[name] = [f"There is no such member; there are {', '.join(reader.fields)}."]
        elif told := strays(known, one):
            found[name] = told
    return found
