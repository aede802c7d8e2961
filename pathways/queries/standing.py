"""What students have shown, in the form that criteria trees ask for. Expects to run under area_learning."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from fractions import Fraction

from competencies.models import MasteryJudgment
from competencies.queries.frameworks import competencies_by_uuid
from competencies.queries.levels import levels_now
from pathways.calc.criteria import AssessmentLeaf, CreditLeaf, Earned, Node, Shown, Standing, competencies_of, leaves_of
from pathways.models import AssessmentAttestation, CreditAward

Attested = dict[int, dict[str, tuple[tuple[uuid.UUID, ...], str]]]


def standings_of(
    student_ids: Collection[int], trees: Collection[Node], *, day: datetime.date, with_judgments: bool = False
) -> dict[int, Standing]:
    """For each student all that `trees` ask for, with the individual criteria of `day`; in at most five queries.

    `with_judgments`: name the judgements that stand behind each level, for a trace that is kept.
    """
    wanted = set().union(*(competencies_of(tree) for tree in trees)) if trees else set()
    leaves = [leaf for tree in trees for leaf in leaves_of(tree)]
    known = competencies_by_uuid(wanted)
    ids = {node.id for node in known.values()}
    levels = levels_now(student_ids, ids, day) if ids else {}
    judgments = _judgments(student_ids, ids) if with_judgments else {}
    attested = _attested(student_ids, {leaf.code for leaf in leaves if isinstance(leaf, AssessmentLeaf)})
    earned = _earned(student_ids) if any(isinstance(leaf, CreditLeaf) for leaf in leaves) else {}
    found = {}
    for student in student_ids:
        shown = {}
        for key, node in known.items():
            level = levels.get((student, node.id))
            shown[key] = Shown(node.code, node.statement)
            if level is not None:
                shown[key] = Shown(
                    code=node.code,
                    statement=node.statement,
                    rank=level.rank,
                    label=level.label,
                    mastered=level.mastered,
                    judgments=tuple(judgments.get((student, node.id), ())),
                    last_worked_on=level.last_worked_on.isoformat(),
                )
        found[student] = Standing(shown, attested.get(student, {}), earned.get(student, ()))
    return found


def _judgments(student_ids: Collection[int], competency_ids: Iterable[int]) -> dict[tuple[int, int], list[int]]:
    rows = MasteryJudgment.objects.filter(
        student_id__in=list(student_ids), competency_id__in=list(competency_ids), withdrawal__isnull=True
    ).order_by("worked_on", "recorded_at", "id")
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for student, competency, judgment in rows.values_list("student_id", "competency_id", "id"):
        found[student, competency].append(judgment)
    return found


def _attested(student_ids: Collection[int], codes: Collection[str]) -> Attested:
    found: Attested = defaultdict(dict)
    if not codes:
        return found
    rows = AssessmentAttestation.objects.filter(
        student_id__in=list(student_ids), assessment__code__in=list(codes), withdrawal__isnull=True
    ).order_by("attained_on", "id")
    for student, code, key, day in rows.values_list("student_id", "assessment__code", "uuid", "attained_on"):
        earlier, _ = found[student].get(code, ((), ""))
        found[student][code] = ((*earlier, key), day.isoformat())
    return found


def _earned(student_ids: Collection[int]) -> dict[int, list[Earned]]:
    rows = CreditAward.objects.filter(student_id__in=list(student_ids), revocation__isnull=True).order_by("id")
    found: dict[int, list[Earned]] = defaultdict(list)
    for student, course, numerator, denominator, key in rows.values_list(
        "student_id", "course__code", "numerator", "denominator", "uuid"
    ):
        found[student].append(Earned(course, Fraction(numerator, denominator), key))
    return found
