"""What the endpoints of credit and portfolios take."""

from typing import Any

from rest_framework import serializers

CODE = 60
REASON_CHARACTERS = 2_000


class CourseQuery(serializers.Serializer[Any]):
    """A course by its catalogue and code."""

    catalogue = serializers.CharField(max_length=CODE)
    course = serializers.CharField(max_length=CODE)


class Criteria(serializers.Serializer[Any]):
    """Criteria of a module, or (without one) of the whole course. `tree`: docs/formats.md, "Criteria and requirements"."""

    catalogue = serializers.CharField(max_length=CODE)
    course = serializers.CharField(max_length=CODE)
    module = serializers.CharField(max_length=CODE, required=False, allow_null=True)
    tree = serializers.JSONField()


class Requirement(serializers.Serializer[Any]):
    """What graduation or a pathway asks for; the tree may have credit as leaves."""

    kind = serializers.ChoiceField(["graduation", "pathway"])
    code = serializers.CharField(max_length=CODE)
    title = serializers.CharField(max_length=200)
    tree = serializers.JSONField()


class Assessment(serializers.Serializer[Any]):
    """An assessment that educators attest."""

    code = serializers.CharField(max_length=CODE)
    title = serializers.CharField(max_length=200)


class Award(serializers.Serializer[Any]):
    """Credit of a module, or (without one) what the course has not yet given."""

    catalogue = serializers.CharField(max_length=CODE)
    course = serializers.CharField(max_length=CODE)
    module = serializers.CharField(max_length=CODE, required=False, allow_null=True)
    occasion = serializers.ChoiceField(["regular", "recovery", "advancement", "outside", "transfer"], required=False)


class CreditReason(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=REASON_CHARACTERS)


class Attestation(serializers.Serializer[Any]):
    """That the student met an assessment on a day."""

    assessment = serializers.CharField(max_length=CODE)
    attained_on = serializers.DateField()


class Waiver(serializers.Serializer[Any]):
    """Leave to award credit without counting hours; `ends_on` is the first day without it."""

    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    authority = serializers.CharField(max_length=REASON_CHARACTERS)


class OnDay(serializers.Serializer[Any]):
    """On which day; today where it is left out."""

    on = serializers.DateField(required=False)


class Bundle(serializers.Serializer[Any]):
    """The zip as another school exported it."""

    bundle = serializers.FileField()


class Decision(serializers.Serializer[Any]):
    """Confirm a placement, at the proposed rank or another, or refuse it with a note."""

    confirm = serializers.BooleanField()
    rank = serializers.IntegerField(min_value=1, max_value=100, required=False, allow_null=True)
    note = serializers.CharField(max_length=REASON_CHARACTERS, required=False, allow_blank=True)
