"""Record judgements: an educator's dated statements that work meets a level, a class at once."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from competencies.actions.keep_levels import keep_levels, touch_cells
from competencies.calc.work_days import day_problem
from competencies.models import EvidenceVersion, JudgmentEvidence, MasteryJudgment
from competencies.queries.frameworks import replacement
from competencies.queries.scales import newest_versions
from database.areas import acting_as

MOST_AT_ONCE = 10_000


class JudgmentRefused(ValueError):
    """Why judgements were not recorded, in a sentence that names which one and the way out; `number` counts from 1."""

    def __init__(self, said: str, number: int | None = None) -> None:
        super().__init__(said if number is None else _("Judgement %(number)s %(said)s") % {"number": number, "said": said})
        self.number = number
        self.pointer = None if number is None else f"/judgments/{number - 1}"


@dataclass(frozen=True, slots=True)
class NewJudgment:
    """`rank` counts from 1 in the newest version of the scale of the competency's framework; `kind` as in
    MasteryJudgment.Kind; an override gives its `reason`; `evidence_versions` are ids of versions of the student's evidence;
    `edit_key` names what was typed on a page, drawn there at random."""

    student_id: int
    competency_id: int
    rank: int
    worked_on: datetime.date
    kind: str = "judgment"
    reason: str = ""
    evidence_versions: tuple[int, ...] = ()
    edit_key: UUID | None = None


def record_judgments(*, judged_by: int, at: datetime.datetime, judgments: Sequence[NewJudgment]) -> list[int]:
    """The ids of the new judgements in the order given; all or none are recorded, and the levels of the students with them.

    `at` is aware, UTC. Raises JudgmentRefused.
    """
    if len(judgments) > MOST_AT_ONCE:
        raise JudgmentRefused(
            _("At most %(most_at_once)s judgements are recorded at once; send them in parts, or import a file.")
            % {"most_at_once": MOST_AT_ONCE}
        )
    if not judgments:
        return []
    with acting_as("area_learning"):
        touched = touch_cells({(one.student_id, one.competency_id) for one in judgments}, judged_by)
        return write_judgments(judged_by=judged_by, at=at, judgments=judgments, people=touched.people)


def write_judgments(*, judged_by: int, at: datetime.datetime, judgments: Sequence[NewJudgment], people: Collection[int]) -> list[int]:
    """`record_judgments` for an action that has touched the cells in its own transaction; `people` are those on file."""
    versions = newest_versions({one.competency_id for one in judgments})
    if judged_by not in people:
        raise JudgmentRefused(_("Whoever judges is not on file."))
    for number, one in enumerate(judgments, start=1):
        version = versions.get(one.competency_id)
        if version is None or one.student_id not in people:
            raise JudgmentRefused(_("names a student or a competency that is not on file."), number)
        _check(number, one, version.highest_rank, at)
        _check_retired(number, one, version.retired_on, at)
    _check_evidence(judgments)
    made = MasteryJudgment.objects.bulk_create(
        MasteryJudgment(
            student_id=one.student_id,
            competency_id=one.competency_id,
            version_id=versions[one.competency_id].id,
            rank=one.rank,
            kind=one.kind,
            reason=one.reason,
            worked_on=one.worked_on,
            judged_by_id=judged_by,
            recorded_at=at,
            edit_key=one.edit_key,
        )
        for one in judgments
    )
    JudgmentEvidence.objects.bulk_create(
        JudgmentEvidence(judgment=judgment, version_id=version)
        for judgment, one in zip(made, judgments, strict=True)
        for version in dict.fromkeys(one.evidence_versions)
    )
    keep_levels()
    return [judgment.pk for judgment in made]


def _check(number: int, one: NewJudgment, highest: int, at: datetime.datetime) -> None:
    if one.kind not in MasteryJudgment.Kind:
        raise JudgmentRefused(
            _("is of kind %(kind)r; there are %(kinds)s.") % {"kind": one.kind, "kinds": ", ".join(MasteryJudgment.Kind.values)},
            number,
        )
    if type(one.rank) is not int or not 1 <= one.rank <= highest:
        raise JudgmentRefused(
            _("gives rank %(rank)r; the competency's scale goes from 1 to %(highest)s.") % {"rank": one.rank, "highest": highest},
            number,
        )
    if one.kind == MasteryJudgment.Kind.OVERRIDE and not one.reason.strip():
        raise JudgmentRefused(_("is a marked professional override and must give its reason."), number)
    if problem := day_problem(one.worked_on, at):
        said = _(problem.one) % problem.values
        raise JudgmentRefused(
            _("is of work of %(worked_on)s, %(problem)s.") % {"worked_on": one.worked_on, "problem": said},
            number,
        )


def _check_retired(number: int, one: NewJudgment, retired_on: datetime.date | None, at: datetime.datetime) -> None:
    """A transfer tells of what was shown elsewhere, a diagnostic's file of an earlier day; anything else is judged now."""
    if retired_on is None or one.kind == MasteryJudgment.Kind.TRANSFER:
        return
    judged_on = one.worked_on if one.kind == MasteryJudgment.Kind.DIAGNOSTIC else at.astimezone(datetime.UTC).date()
    if judged_on >= retired_on:
        raise JudgmentRefused(
            _("names a competency that is retired since %(retired_on)s. %(instead)s")
            % {"retired_on": retired_on, "instead": replacement(one.competency_id)},
            number,
        )


def _check_evidence(judgments: Sequence[NewJudgment]) -> None:
    named = {version for one in judgments for version in one.evidence_versions}
    if not named:
        return
    student_of = dict(EvidenceVersion.objects.filter(id__in=named).values_list("id", "evidence__student_id"))
    for number, one in enumerate(judgments, start=1):
        if any(student_of.get(version) != one.student_id for version in one.evidence_versions):
            raise JudgmentRefused(_("rests on evidence that is not this student's."), number)
