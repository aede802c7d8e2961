"""What the endpoints of plans take."""

from typing import Any

from rest_framework import serializers

from pathways.actions.ask_for_assessment import MESSAGE_CHARACTERS
from pathways.actions.choose_plan_items import HIGHEST_POSITION, MOST_AT_ONCE, REASON_CHARACTERS
from pathways.actions.set_goal import TITLE_CHARACTERS

MOST_RESULTS = 200
HIGHEST_RANK = 100
HIGHEST_ID = 2**63 - 1


class Choice(serializers.Serializer[Any]):
    """One decision on a competency's place. `position` orders what is next; `target_on` is the student's own date."""

    competency = serializers.UUIDField()
    place = serializers.ChoiceField(["focus", "next", "aside"])
    position = serializers.IntegerField(min_value=1, max_value=HIGHEST_POSITION, required=False, allow_null=True)
    target_on = serializers.DateField(required=False, allow_null=True)
    reason = serializers.CharField(max_length=REASON_CHARACTERS, required=False, allow_blank=True)


class Choices(serializers.Serializer[Any]):
    """Decisions that are taken together, all or none."""

    choices = serializers.ListField(child=Choice(), min_length=1, max_length=MOST_AT_ONCE)


class Goal(serializers.Serializer[Any]):
    """A goal in words; about a competency or a requirement, or neither."""

    title = serializers.CharField(max_length=TITLE_CHARACTERS)
    competency = serializers.UUIDField(required=False, allow_null=True)
    requirement = serializers.UUIDField(required=False, allow_null=True)
    starts_on = serializers.DateField(required=False, allow_null=True)
    target_on = serializers.DateField(required=False, allow_null=True)


class GoalEnd(serializers.Serializer[Any]):
    """The first day without the goal; today where it is left out."""

    ended_on = serializers.DateField(required=False, allow_null=True)


class AssessmentRequest(serializers.Serializer[Any]):
    """What the student is ready to be assessed in, with evidence that was handed in."""

    competency = serializers.UUIDField()
    message = serializers.CharField(max_length=MESSAGE_CHARACTERS, required=False, allow_blank=True)
    evidence = serializers.UUIDField(required=False, allow_null=True)


class Answer(serializers.Serializer[Any]):
    """Either the `rank` of a new judgement (of work of `worked_on`), or the number of a `judgment` recorded since the request."""

    rank = serializers.IntegerField(min_value=1, max_value=HIGHEST_RANK, required=False, allow_null=True)
    worked_on = serializers.DateField(required=False, allow_null=True)
    judgment = serializers.IntegerField(min_value=1, max_value=HIGHEST_ID, required=False, allow_null=True)
    note = serializers.CharField(max_length=MESSAGE_CHARACTERS, required=False, allow_blank=True)


class TakenBack(serializers.Serializer[Any]):
    """Why, in the student's words; may be left out."""

    note = serializers.CharField(max_length=MESSAGE_CHARACTERS, required=False, allow_blank=True)


class Result(serializers.Serializer[Any]):
    """What one part of the diagnostic showed; of work of today where no day is given."""

    competency = serializers.UUIDField()
    rank = serializers.IntegerField(min_value=1, max_value=HIGHEST_RANK)
    worked_on = serializers.DateField(required=False, allow_null=True)


class Diagnostic(serializers.Serializer[Any]):
    """A short set of judgements; with `finish_by` the steps of the path get dates evenly up to it."""

    results = serializers.ListField(child=Result(), min_length=1, max_length=MOST_RESULTS)
    finish_by = serializers.DateField(required=False, allow_null=True)
