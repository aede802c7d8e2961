"""How credit, requirements and placements are shown: plain values for JSON, exact fractions as texts, uuids outside."""

from typing import Any

from pathways.calc.criteria import as_data
from pathways.models import AssessmentAttestation, CreditCriteria, Placement, Requirement, SeatTimeWaiver
from pathways.queries.credit import AwardShown, DueAward
from pathways.queries.progress import RequirementProgress


def shown_criteria(row: CreditCriteria) -> dict[str, Any]:
    return {
        "uuid": row.uuid,
        "course": row.course.code,
        "module": row.module.code if row.module else None,
        "number": row.number,
        "tree": row.tree,
        "set_at": row.recorded_at,
    }


def shown_award(award: AwardShown) -> dict[str, Any]:
    """`supported` false: what it rested on was withdrawn and its criteria are met no more; a person decides."""
    row = award.row
    return {
        "uuid": row.uuid,
        "catalogue": row.course.catalogue,
        "course": row.course.code,
        "course_title": row.course.title,
        "module": row.module.code if row.module else None,
        "credit": str(award.credit),
        "occasion": row.occasion,
        "attained_on": row.attained_on,
        "awarded_at": row.recorded_at,
        "basis": row.basis,
        "supported": award.supported,
        "withdrawn": list(award.withdrawn),
        "revoked": {"reason": row.revocation.reason, "at": row.revocation.recorded_at} if award.revoked else None,
    }


def shown_due(due: DueAward) -> dict[str, Any]:
    """A due award, named as the award's POST takes it; the progress is told in words."""
    place = {"catalogue": due.catalogue, "course": due.course, "module": due.module}
    return place | {"credit": str(due.credit), "words": due.progress.words}


def shown_requirement(requirement: Requirement) -> dict[str, Any]:
    return {
        "uuid": requirement.uuid,
        "kind": requirement.kind,
        "code": requirement.code,
        "title": requirement.title,
        "number": requirement.number,
        "tree": requirement.tree,
    }


def shown_progress(found: RequirementProgress) -> dict[str, Any]:
    """A requirement, without its tree, and how far the student has come."""
    said = shown_requirement(found.requirement)
    del said["tree"]
    return said | {"progress": as_data(found.progress)}


def shown_attestation(row: AssessmentAttestation) -> dict[str, Any]:
    withdrawn = row.withdrawal if hasattr(row, "withdrawal") else None
    return {
        "uuid": row.uuid,
        "assessment": row.assessment.code,
        "title": row.assessment.title,
        "attained_on": row.attained_on,
        "attested_at": row.recorded_at,
        "withdrawn": {"reason": withdrawn.reason, "at": withdrawn.recorded_at} if withdrawn else None,
    }


def shown_waiver(waiver: SeatTimeWaiver) -> dict[str, Any]:
    return {
        "uuid": waiver.uuid,
        "starts_on": waiver.starts_on,
        "ends_on": waiver.ends_on,
        "authority": waiver.authority,
        "recorded_at": waiver.recorded_at,
    }


def shown_placement(placement: Placement) -> dict[str, Any]:
    """What an arrived portfolio proposes. `decision` is null while it is open; a refused one has no judgement."""
    decision = placement.decision if hasattr(placement, "decision") else None
    ours = placement.competency
    return {
        "uuid": placement.uuid,
        "issuer": placement.arrival.issuer,
        "arrived_at": placement.arrival.recorded_at,
        "foreign_competency": placement.foreign_competency,
        "foreign_statement": placement.foreign_statement,
        "foreign_level": placement.foreign_level,
        "attained_on": placement.attained_on,
        "competency": {"uuid": ours.uuid, "code": ours.code, "statement": ours.statement} if ours else None,
        "matched_by": placement.matched_by,
        "proposed_rank": placement.proposed_rank,
        "evidence": placement.evidence.uuid if placement.evidence else None,
        "decision": {"judgment": decision.judgment_id, "note": decision.note, "at": decision.recorded_at} if decision else None,
    }
