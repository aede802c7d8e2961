"""Evidence as lists and downloads read it. Every function expects to run under area_learning."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch

from competencies.models import Evidence, EvidenceCompetency, EvidenceFile, EvidenceVersion


@dataclass(frozen=True, slots=True)
class Download:
    """A file version's bytes with the type that was found in them."""

    file_name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class VersionRead:
    """One version without its bytes."""

    id: int
    number: int
    text: str
    address: str
    file_name: str
    media_type: str
    size_bytes: int
    sha256: str
    recorded_by: UUID
    recorded_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class EvidenceRead:
    """An evidence with its versions, oldest first, and what it speaks to."""

    id: int
    uuid: UUID
    student_id: int
    kind: str
    setting: str
    title: str
    worked_on: datetime.date
    recorded_by: UUID
    recorded_at: datetime.datetime
    competencies: list[UUID]
    versions: list[VersionRead]


def evidence_of(student_ids: Collection[int], evidence_ids: Collection[int] | None = None) -> list[EvidenceRead]:
    """The evidence of the students, newest work first; three queries, no file's bytes."""
    found = Evidence.objects.filter(student_id__in=student_ids)
    if evidence_ids is not None:
        found = found.filter(id__in=evidence_ids)
    found = found.select_related("recorded_by").prefetch_related(
        Prefetch("versions", EvidenceVersion.objects.select_related("recorded_by").order_by("number")),
        Prefetch("tied", EvidenceCompetency.objects.select_related("competency").order_by("competency__position", "id")),
    )
    return [_read(evidence) for evidence in found.order_by("-worked_on", "-id")]


def _read(evidence: Evidence) -> EvidenceRead:
    return EvidenceRead(
        id=evidence.pk,
        uuid=evidence.uuid,
        student_id=evidence.student_id,
        kind=evidence.kind,
        setting=evidence.setting,
        title=evidence.title,
        worked_on=evidence.worked_on,
        recorded_by=evidence.recorded_by.uuid,
        recorded_at=evidence.recorded_at,
        competencies=[tie.competency.uuid for tie in evidence.tied.all()],
        versions=[
            VersionRead(
                id=version.pk,
                number=version.number,
                text=version.text,
                address=version.address,
                file_name=version.file_name,
                media_type=version.media_type,
                size_bytes=version.size_bytes,
                sha256=version.sha256,
                recorded_by=version.recorded_by.uuid,
                recorded_at=version.recorded_at,
            )
            for version in evidence.versions.all()
        ],
    )


def download(version_id: int) -> Download | None:
    """The file of a version; None where it has none."""
    found = EvidenceFile.objects.select_related("version").filter(pk=version_id).first()
    return None if found is None else Download(found.version.file_name, found.version.media_type, bytes(found.content))


@dataclass(frozen=True, slots=True)
class WorkToRate:
    """A version of evidence for a rater who may not know whose it is: neither name nor title, which may hold one."""

    evidence: UUID
    number: int
    kind: str
    text: str
    address: str
    media_type: str
    size_bytes: int


def versions_to_rate(named: Collection[tuple[UUID, int]]) -> list[WorkToRate]:
    """The versions of these (evidence, number), in that order; one query, no file's bytes."""
    rows = EvidenceVersion.objects.filter(evidence__uuid__in={key for key, _ in named}).select_related("evidence")
    found = {(one.evidence.uuid, one.number): one for one in rows}
    return [
        WorkToRate(key, number, one.evidence.kind, one.text, one.address, one.media_type, one.size_bytes)
        for (key, number), one in ((place, found[place]) for place in named)
    ]
