"""What the endpoints of credit and portfolios answer, for their description. Credit is an exact fraction as text."""

from typing import Any

from rest_framework import serializers


class CriteriaOut(serializers.Serializer[Any]):
    """Criteria in force; `module` null: of the whole course."""

    uuid = serializers.UUIDField()
    course = serializers.CharField()
    module = serializers.CharField(allow_null=True)
    number = serializers.IntegerField()
    tree = serializers.JSONField()
    set_at = serializers.DateTimeField()


class CriteriaListOut(serializers.Serializer[Any]):
    """The criteria of one course and of its modules."""

    results = CriteriaOut(many=True)


class RequirementOut(serializers.Serializer[Any]):
    """A requirement in force."""

    uuid = serializers.UUIDField()
    kind = serializers.CharField()
    code = serializers.CharField()
    title = serializers.CharField()
    number = serializers.IntegerField()
    tree = serializers.JSONField()


class RequirementListOut(serializers.Serializer[Any]):
    """Every requirement in force."""

    results = RequirementOut(many=True)


class RequirementProgressOut(serializers.Serializer[Any]):
    """`progress`: met, done of needed, in words, with the same for each part of the tree and a trace at each leaf."""

    uuid = serializers.UUIDField()
    kind = serializers.CharField()
    code = serializers.CharField()
    title = serializers.CharField()
    number = serializers.IntegerField()
    progress = serializers.JSONField()


class ProgressOut(serializers.Serializer[Any]):
    """A student's progress to every requirement."""

    results = RequirementProgressOut(many=True)


class RecalledOut(serializers.Serializer[Any]):
    """That something was revoked or withdrawn, and why."""

    reason = serializers.CharField()
    at = serializers.DateTimeField()


class AwardOut(serializers.Serializer[Any]):
    """An award. `supported` false: what it rests on was withdrawn and its criteria are met no more; a person decides."""

    uuid = serializers.UUIDField()
    catalogue = serializers.CharField()
    course = serializers.CharField()
    course_title = serializers.CharField()
    module = serializers.CharField(allow_null=True)
    credit = serializers.CharField()
    occasion = serializers.CharField()
    attained_on = serializers.DateField()
    awarded_at = serializers.DateTimeField()
    basis = serializers.JSONField()
    supported = serializers.BooleanField()
    withdrawn = serializers.ListField(child=serializers.CharField())
    revoked = RecalledOut(allow_null=True)


class DueAwardOut(serializers.Serializer[Any]):
    """A student has met criteria whose credit is not awarded."""

    student = serializers.UUIDField()
    name = serializers.CharField()
    catalogue = serializers.CharField()
    course = serializers.CharField()
    module = serializers.CharField(allow_null=True)
    credit = serializers.CharField()
    words = serializers.CharField()


class AttestationOut(serializers.Serializer[Any]):
    """That a student met an assessment."""

    uuid = serializers.UUIDField()
    assessment = serializers.CharField()
    title = serializers.CharField()
    attained_on = serializers.DateField()
    attested_at = serializers.DateTimeField()
    withdrawn = RecalledOut(allow_null=True)


class WaiverOut(serializers.Serializer[Any]):
    """Leave to award credit without counting hours."""

    uuid = serializers.UUIDField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    authority = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class WaiverListOut(serializers.Serializer[Any]):
    """A school's waivers on a day."""

    results = WaiverOut(many=True)


class ArrivalOut(serializers.Serializer[Any]):
    """What taking in a bundle did; `new` false: it had come before, and nothing was done."""

    uuid = serializers.UUIDField()
    issuer = serializers.CharField()
    new = serializers.BooleanField()
    evidence = serializers.IntegerField()
    placements = serializers.IntegerField()
    warnings = serializers.ListField(child=serializers.CharField())


class OurCompetencyOut(serializers.Serializer[Any]):
    """The competency of ours that a placement would be a judgement on."""

    uuid = serializers.UUIDField()
    code = serializers.CharField(allow_blank=True)
    statement = serializers.CharField()


class PlacementDecisionOut(serializers.Serializer[Any]):
    """How a placement was decided; `judgment` is the number of the judgement, null where it was refused."""

    judgment = serializers.IntegerField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()


class PlacementOut(serializers.Serializer[Any]):
    """One mastered competency out of an arrived portfolio, proposed as starting placement."""

    uuid = serializers.UUIDField()
    issuer = serializers.CharField()
    arrived_at = serializers.DateTimeField()
    foreign_competency = serializers.UUIDField()
    foreign_statement = serializers.CharField()
    foreign_level = serializers.CharField()
    attained_on = serializers.DateField()
    competency = OurCompetencyOut(allow_null=True)
    matched_by = serializers.CharField()
    proposed_rank = serializers.IntegerField(allow_null=True)
    evidence = serializers.UUIDField(allow_null=True)
    decision = PlacementDecisionOut(allow_null=True)
