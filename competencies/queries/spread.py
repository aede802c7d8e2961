"""How the levels of many students are spread over each competency. Expects to run under area_learning."""

from collections.abc import Collection, Mapping

from django.db.models import Count

from competencies.models import CurrentLevel
from competencies.queries.scales import scales_of_versions


def spread(student_ids: Collection[int], into: Mapping[int, int]) -> dict[int, dict[int, int]]:
    """{competency id: {rank: how many of the students}}, the rank counted in the scale version `into` names for the competency
    (its newest); who has no level is in none. One query, a second where some levels count in an older version."""
    rows = list(
        CurrentLevel.objects.filter(student_id__in=student_ids, competency_id__in=into)
        .values_list("competency_id", "version_id", "rank")
        .annotate(count=Count("student_id"))
    )
    versions = {version for competency, version, _, _ in rows if version != into[competency]}
    scales = scales_of_versions(versions) if versions else None
    found: dict[int, dict[int, int]] = {}
    for competency, version, rank, count in rows:
        now = rank if scales is None or version == into[competency] else scales.carry(rank, version, scales[into[competency]])
        counts = found.setdefault(competency, {})
        counts[now] = counts.get(now, 0) + count
    return found
