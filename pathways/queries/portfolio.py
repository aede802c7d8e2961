"""A student's portfolio as it stands, and portfolios that arrived with what they propose. Expects to run under area_learning."""

import datetime
import re
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet

from competencies.models import (
    Competency,
    CompetencyWording,
    Evidence,
    EvidenceCompetency,
    EvidenceFile,
    EvidenceVersion,
    MasteryJudgment,
    MasteryScaleVersion,
)
from competencies.queries.levels import LevelNow, levels_now
from enrollments.models import SchoolEnrollment
from pathways.calc.portfolio import Credit, Mastered, Piece, Portfolio
from pathways.models import CreditAward, Placement
from people.models import User

ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}$")
STAYED = "This file was too large for the bundle and stays at the school."
Files = list[tuple[str, int]]  # (path in the bundle, id of the evidence's version)


def portfolio_of(student_id: int, *, day: datetime.date, files_bytes: int) -> tuple[Portfolio, Files]:
    """The portfolio and where its files lie, at most `files_bytes` of them (what does not fit is named as left behind).

    The same number of queries whatever its size; the same state is the same portfolio.
    """
    student = User.objects.get(pk=student_id)
    evidence, files, evidence_at = _evidence(student_id, files_bytes)
    mastered, judged_at = _mastered(student_id, day)
    awards = list(
        CreditAward.objects.filter(student_id=student_id, revocation__isnull=True)
        .select_related("course", "module")
        .order_by("course__code", "module__code", "id")
    )
    moments = [*evidence_at, *judged_at, *(award.recorded_at for award in awards)]
    credits = [
        Credit(
            course=award.course.code,
            course_title=award.course.title,
            module=award.module.code if award.module else "",
            credit=Fraction(award.numerator, award.denominator),
            occasion=award.occasion,
            attained_on=award.attained_on,
        )
        for award in awards
    ]
    as_of = max(moments).astimezone(datetime.UTC).date() if moments else None
    name = student.full_name or student.username
    return Portfolio(_issuer(student_id, day), name, as_of, mastered, credits, evidence), files


def contents_of(files: Files) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of each file, read one at a time."""
    for path, version in files:
        yield path, bytes(EvidenceFile.objects.values_list("content", flat=True).get(pk=version))


def _issuer(student_id: int, day: datetime.date) -> str:
    at = SchoolEnrollment.objects.filter(student_id=student_id, starts_on__lte=day).exclude(ends_on__lte=day)
    name = at.order_by("-starts_on", "id").values_list("school__name", flat=True).first()
    return name or ""


def _mastered(student_id: int, day: datetime.date) -> tuple[list[Mastered], list[datetime.datetime]]:
    levels = {competency: level for (_, competency), level in levels_now([student_id], None, day).items() if level.mastered}
    judged: dict[int, list[tuple[datetime.date, datetime.datetime]]] = defaultdict(list)
    rows = MasteryJudgment.objects.filter(student_id=student_id, competency_id__in=list(levels), withdrawal__isnull=True)
    for competency, worked_on, recorded_at in rows.values_list("competency_id", "worked_on", "recorded_at"):
        judged[competency].append((worked_on, recorded_at))
    versions = MasteryScaleVersion.objects.select_related("scale").in_bulk({level.version_id for level in levels.values()})
    words = _wordings(list(levels))
    competencies = Competency.objects.filter(pk__in=list(levels)).select_related("framework")
    found = []
    for one in competencies.order_by("framework__title", "framework_id", "position", "id"):
        last = max(recorded_at for _, recorded_at in judged[one.pk])
        # What it said then is what the first change after it replaced.
        said = next((wording for changed_at, *wording in words.get(one.pk, ()) if changed_at > last), [one.code, one.statement])
        found.append(_shown(one, levels[one.pk], versions[levels[one.pk].version_id], said, sorted(day for day, _ in judged[one.pk])))
    return found, [recorded_at for times in judged.values() for _, recorded_at in times]


def _shown(one: Competency, level: LevelNow, version: MasteryScaleVersion, said: list[str], days: list[datetime.date]) -> Mastered:
    return Mastered(
        framework=one.framework.uuid,
        framework_title=one.framework.title,
        competency=one.uuid,
        code=said[0],
        statement=said[1],
        level=level.label,
        rank=level.rank,
        highest_rank=version.highest_rank,
        scale=f"{version.scale.code} {version.number}",
        judged_on=tuple(days),
    )


def _wordings(competency_ids: list[int]) -> dict[int, list[tuple[datetime.datetime, str, str]]]:
    """For each competency what it said before each change, the earliest change first."""
    rows = CompetencyWording.objects.filter(competency_id__in=competency_ids).order_by("arrival__recorded_at", "id")
    found: dict[int, list[tuple[datetime.datetime, str, str]]] = defaultdict(list)
    for competency, changed_at, code, statement in rows.values_list("competency_id", "arrival__recorded_at", "code", "statement"):
        found[competency].append((changed_at, code, statement))
    return found


def _evidence(student_id: int, files_bytes: int) -> tuple[list[Piece], Files, list[datetime.datetime]]:
    rows = list(Evidence.objects.filter(student_id=student_id).order_by("worked_on", "uuid"))
    latest = {
        version.evidence_id: version
        for version in EvidenceVersion.objects.filter(evidence__student_id=student_id)
        .order_by("evidence_id", "-number")
        .distinct("evidence_id")
    }
    tied: dict[int, list[Any]] = defaultdict(list)
    ties = EvidenceCompetency.objects.filter(evidence__student_id=student_id).order_by("competency__uuid")
    for evidence, competency in ties.values_list("evidence_id", "competency__uuid"):
        tied[evidence].append(competency)
    pieces, files, room = [], [], files_bytes
    for row in rows:
        version = latest[row.pk]
        path = note = ""
        if version.media_type:
            ending = ENDING.search(version.file_name)
            path = f"files/{row.uuid}{ending[0].lower() if ending else ''}"
            if version.size_bytes > room:
                path, note = "", STAYED
            else:
                room -= version.size_bytes
                files.append((path, version.pk))
        pieces.append(
            Piece(
                uuid=row.uuid,
                kind=row.kind,
                setting=row.setting,
                title=row.title,
                worked_on=row.worked_on,
                competencies=tuple(tied[row.pk]),
                text=version.text,
                address=version.address,
                path=path,
                file_name=version.file_name,
                media_type=version.media_type,
                sha256=version.sha256,
                note=note,
            )
        )
    return pieces, files, [version.recorded_at for version in latest.values()]


def placements_of(student_id: int) -> QuerySet[Placement]:
    """What arrived portfolios propose for a student, the latest arrival first; each with its decision, where there is one."""
    found = Placement.objects.filter(arrival__student_id=student_id)
    return found.select_related("arrival", "competency", "decision", "evidence").defer("arrival__bundle").order_by("-arrival_id", "id")
