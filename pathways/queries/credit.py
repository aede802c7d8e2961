"""Credit: criteria in force, awards and whether they still stand on what they rested on, and what is due.

Expects to run under area_learning.
"""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet

from competencies.models import JudgmentWithdrawal
from enrollments.models import Module
from pathways.calc.credit import rests_on, share, total
from pathways.calc.criteria import Node, Progress, evaluate, read_tree
from pathways.models import Assessment, AssessmentAttestation, AttestationWithdrawal, CreditAward, CreditCriteria
from pathways.queries.standing import standings_of

Place = tuple[int, int | None]  # (course id, module id or None for the whole course)


@dataclass(frozen=True, slots=True)
class Criteria:
    """Criteria as set: `tree` is what `row.tree` states."""

    row: CreditCriteria
    tree: Node


@dataclass(frozen=True, slots=True)
class DueAward:
    """A student has met criteria, and their credit is not awarded. `module` None: the whole course, less what it gave."""

    student_id: int
    course_id: int
    catalogue: str
    course: str
    module_id: int | None
    module: str | None
    credit: Fraction
    progress: Progress


@dataclass(frozen=True, slots=True)
class AwardShown:
    """An award with its credit. `withdrawn` names what it rested on and is withdrawn since; `supported` is False where
    what is left no longer meets its criteria: for a person to decide, nothing is taken by itself."""

    row: CreditAward
    credit: Fraction
    revoked: bool
    supported: bool
    withdrawn: tuple[str, ...]


def criteria_in_force(course_ids: Collection[int] | None = None) -> dict[Place, Criteria]:
    """The criteria that count, by course and module; one query."""
    rows = CreditCriteria.objects.select_related("course", "module")
    if course_ids is not None:
        rows = rows.filter(course_id__in=list(course_ids))
    latest = rows.order_by("course_id", "module_id", "-number").distinct("course_id", "module_id")
    return {(row.course_id, row.module_id): Criteria(row, read_tree(row.tree)) for row in latest}


def module_credit(course_ids: Collection[int]) -> dict[int, dict[str, Fraction]]:
    """{course id: {module code: credit}}, in the order of the codes."""
    found: dict[int, dict[str, Fraction]] = defaultdict(dict)
    rows = Module.objects.filter(course_id__in=list(course_ids)).order_by("code")
    for course, code, numerator, denominator in rows.values_list("course_id", "code", "credit_numerator", "credit_denominator"):
        found[course][code] = Fraction(numerator, denominator)
    return found


def modules_given(student_ids: Collection[int]) -> dict[tuple[int, int], set[str]]:
    """{(student id, course id): codes of the modules whose credit a standing award gives}."""
    found: dict[tuple[int, int], set[str]] = defaultdict(set)
    rows = CreditAward.objects.filter(student_id__in=list(student_ids), revocation__isnull=True)
    for student, course, modules in rows.values_list("student_id", "course_id", "basis__modules"):
        found[student, course].update(given["code"] for given in modules)
    return found


def due_awards(student_ids: Collection[int], *, day: datetime.date, course_ids: Collection[int] | None = None) -> list[DueAward]:
    """Who has met criteria in force without an award, by student, course and module. The modules of a course that is due
    as a whole are part of it. The same number of queries whatever the number of students."""
    in_force = criteria_in_force(course_ids)
    standings = standings_of(student_ids, [criteria.tree for criteria in in_force.values()], day=day)
    credit, given = module_credit({course for course, _ in in_force}), modules_given(student_ids)
    due = []
    for student in student_ids:
        whole: set[int] = set()
        # The whole course first: (course, None) before (course, module).
        for (course, module), criteria in sorted(in_force.items(), key=lambda entry: (entry[0][0], entry[0][1] or 0)):
            code = criteria.row.module.code if criteria.row.module else None
            shares = share(credit[course], given.get((student, course), ()), code)
            progress = evaluate(criteria.tree, standings[student])
            if not shares or not progress.met or course in whole:
                continue
            if module is None:
                whole.add(course)
            of = criteria.row.course
            due.append(DueAward(student, course, of.catalogue, of.code, module, code, total(shares), progress))
    return due


def awards_of(student_ids: Collection[int], *, day: datetime.date) -> list[AwardShown]:
    """Every award of the students, revoked ones too, oldest first; each with whether it still has its support."""
    rows = list(
        CreditAward.objects.filter(student_id__in=list(student_ids))
        .select_related("course", "module", "criteria", "revocation")
        .order_by("recorded_at", "id")
    )
    withdrawn = _withdrawn(rows)
    shaken = [row for row in rows if withdrawn[row.pk] and not hasattr(row, "revocation")]
    trees = {row.pk: read_tree(row.criteria.tree) for row in shaken}
    standings = standings_of({row.student_id for row in shaken}, list(trees.values()), day=day) if shaken else {}
    unmet = {row.pk for row in shaken if not evaluate(trees[row.pk], standings[row.student_id]).met}
    return [
        AwardShown(
            row=row,
            credit=Fraction(row.numerator, row.denominator),
            revoked=hasattr(row, "revocation"),
            supported=row.pk not in unmet,
            withdrawn=tuple(withdrawn[row.pk]),
        )
        for row in rows
    ]


def _withdrawn(rows: list[CreditAward]) -> dict[int, list[str]]:
    """For each award, in words, what it rests on that is withdrawn since."""
    traces = {row.pk: list(rests_on(row.basis["progress"])) for row in rows}
    every = [trace for found in traces.values() for trace in found]
    judgments = {number for trace in every for number in trace.get("judgments", ())}
    attestations = {uuid.UUID(key) for trace in every for key in trace.get("attestations", ())}
    gone = set(JudgmentWithdrawal.objects.filter(judgment__in=judgments).values_list("judgment_id", flat=True))
    lost = AttestationWithdrawal.objects.filter(attestation__uuid__in=attestations).values_list("attestation__uuid", flat=True)
    keys = {str(key) for key in lost}
    return {pk: [words for trace in found for words in _lost_in(trace, gone, keys)] for pk, found in traces.items()}


def _lost_in(trace: Mapping[str, Any], judgments: set[int], attestations: set[str]) -> list[str]:
    said = [f"judgement {number} on {trace['code']}" for number in trace.get("judgments", ()) if number in judgments]
    if any(key in attestations for key in trace.get("attestations", ())):
        said.append(f"the attestation of {trace['assessment']}")
    return said


def award_of(student_id: int, key: uuid.UUID) -> int | None:
    """The id of a student's award by its uuid."""
    return CreditAward.objects.filter(student_id=student_id, uuid=key).values_list("pk", flat=True).first()


def attestations_of(student_id: int) -> QuerySet[AssessmentAttestation]:
    """A student's attestations, withdrawn ones too, with what becomes of them."""
    return AssessmentAttestation.objects.filter(student_id=student_id).select_related("assessment", "withdrawal")


def every_assessment() -> QuerySet[Assessment]:
    """The assessments that may be attested."""
    return Assessment.objects.all()
