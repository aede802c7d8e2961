"""Who may do what with frameworks' scales, evidence and judgements: the one place that decides, for pages and API alike.

A verb on a student asks for a relation that lives on the day; a verb on what belongs to no student asks for a role. Whoever
stands in no relation is answered like whoever asks for what does not exist. Everything here expects to run under area_learning.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from competencies.models import (
    AnchorSample,
    Competency,
    Evidence,
    EvidenceVersion,
    IndividualCriterion,
    MasteryJudgment,
    MasteryScale,
    SampleWork,
    SecondRatingRequest,
)
from people.access import SELF, NotForThisRole, NotInReach, StudentInReach, student_in_reach, students_in_reach
from people.models import User
from people.roles import (
    ADMINISTRATORS,
    COUNSELLOR,
    DISTRICT_ADMINISTRATOR,
    GUARDIAN,
    LEARNING_SIDE,
    PROVIDER_STAFF,
    SCHOOL_ADMINISTRATOR,
    TEACHER,
    HeldRoles,
    roles_on,
)

READERS = frozenset({SELF, GUARDIAN, TEACHER, COUNSELLOR, SCHOOL_ADMINISTRATOR, DISTRICT_ADMINISTRATOR})

# {verb: those of whom one is asked for}.
Verbs = Mapping[str, frozenset[str]]
# By the relation to the student. Money roles stand in no relation to a student.
MAY: Verbs = {
    "read_levels": READERS | {PROVIDER_STAFF},
    "read_record": READERS,
    "judge": frozenset({TEACHER}),
    "withdraw_judgment": frozenset({TEACHER}),
    "withdraw_other": frozenset({COUNSELLOR, SCHOOL_ADMINISTRATOR}),
    "record_evidence": frozenset({SELF, TEACHER, COUNSELLOR}),
    "set_individual_criterion": frozenset({COUNSELLOR, SCHOOL_ADMINISTRATOR}),
    "ask_second_rating": frozenset({TEACHER}) | ADMINISTRATORS,
}
# By the role held, where no student is concerned.
MAY_BY_ROLE: Verbs = {
    "read_frameworks": LEARNING_SIDE,
    "bring_frameworks": frozenset({DISTRICT_ADMINISTRATOR}),
    "read_scales": LEARNING_SIDE,
    "edit_scales": ADMINISTRATORS,
    "rate": frozenset({TEACHER}),
    "add_anchor": ADMINISTRATORS,
    "read_rater_figures": ADMINISTRATORS,
}


def student_for(verb: str, *, actor_id: int, student: UUID, day: datetime.date, may: Verbs = MAY) -> StudentInReach:
    """The student, where the actor may do `verb` (a key of `may`) with them on `day`; else MayNot, or NotInReach without any
    relation."""
    return student_in_reach(actor_id=actor_id, student=student, day=day, by=may[verb])


def students_for(
    verb: str, *, actor_id: int, day: datetime.date, section_id: int | None = None, may: Verbs = MAY
) -> list[StudentInReach]:
    """The students with whom the actor may do `verb` on `day`, by name; of one class on request."""
    reach = students_in_reach(actor_id=actor_id, day=day, section_id=section_id)
    return [one for one in reach if one.relations & may[verb]]


def require_role(verb: str, held: HeldRoles, may: Verbs = MAY_BY_ROLE) -> None:
    """Raises NotForThisRole unless one of the held roles may do `verb`, a key of `may`."""
    if not held.kinds & may[verb]:
        raise NotForThisRole("This is not for your role.")


def known_competencies(uuids: Iterable[UUID]) -> dict[UUID, int]:
    """{uuid: id} of those that are on file."""
    return dict(Competency.objects.filter(uuid__in=set(uuids)).values_list("uuid", "id"))


def competencies_by_uuid(uuids: Iterable[UUID]) -> dict[UUID, int]:
    """{uuid: id}; NotInReach where one is not on file."""
    wanted = set(uuids)
    found = known_competencies(wanted)
    if len(found) < len(wanted):
        raise NotInReach("There is no such competency.")
    return found


def judgment_of(student_id: int, number: int, *, judged_by: int | None = None) -> int:
    """The id of a student's judgement, of one judge where asked; else NotInReach."""
    found = MasteryJudgment.objects.filter(pk=number, student_id=student_id)
    if judged_by is not None:
        found = found.filter(judged_by_id=judged_by)
    if not found.exists():
        raise NotInReach("There is no such judgement.")
    return number


def judgment_to_withdraw(student: UUID, number: int, *, actor_id: int, day: datetime.date) -> int:
    """The id of a judgement that the actor may withdraw on `day`: an own one of a student taught, or anybody's by MAY; else
    NotInReach."""
    found = student_in_reach(actor_id=actor_id, student=student, day=day, by=MAY["withdraw_judgment"] | MAY["withdraw_other"])
    return judgment_of(found.id, number, judged_by=None if found.relations & MAY["withdraw_other"] else actor_id)


def evidence_by_uuid(student_id: int, key: UUID) -> int:
    found = Evidence.objects.filter(uuid=key, student_id=student_id).values_list("id", flat=True).first()
    if found is None:
        raise NotInReach("There is no such evidence.")
    return found


def version_of_evidence(student_id: int, key: UUID, number: int) -> int:
    """The id of a version of a student's evidence; else NotInReach."""
    found = EvidenceVersion.objects.filter(evidence__uuid=key, evidence__student_id=student_id, number=number)
    pk = found.values_list("id", flat=True).first()
    if pk is None:
        raise NotInReach("There is no such version.")
    return pk


def known_versions_of_evidence(wanted: Collection[tuple[int, UUID, int]]) -> dict[tuple[int, UUID, int], int]:
    """{(student id, evidence uuid, version number): version id}, without those that are not that student's. One query, none
    for nothing."""
    if not wanted:
        return {}
    found = EvidenceVersion.objects.filter(evidence__uuid__in={key for _, key, _ in wanted})
    return {(student, key, number): pk for student, key, number, pk in found.values_list(
        "evidence__student_id", "evidence__uuid", "number", "id")}  # fmt: skip


def version_to_rate(rater_id: int, request: UUID, key: UUID, number: int) -> int:
    """The id of a version of evidence on which a judgement rests that the rater has been asked to rate; else NotInReach."""
    found = EvidenceVersion.objects.filter(
        evidence__uuid=key,
        number=number,
        id__in=SecondRatingRequest.objects.filter(uuid=request, rater_id=rater_id).values("judgment__rests_on__version"),
    )
    pk = found.values_list("id", flat=True).first()
    if pk is None:
        raise NotInReach("There is no such version.")
    return pk


def scale_by_uuid(key: UUID) -> MasteryScale:
    found = MasteryScale.objects.filter(uuid=key).first()
    if found is None:
        raise NotInReach("There is no such scale.")
    return found


def criterion_of(student_id: int, competency: UUID, starts_on: datetime.date) -> int:
    """The id of a student's individual criterion; else NotInReach."""
    found = IndividualCriterion.objects.filter(student_id=student_id, competency__uuid=competency, starts_on=starts_on)
    pk = found.values_list("id", flat=True).first()
    if pk is None:
        raise NotInReach("There is no such individual criterion.")
    return pk


def rater_by_uuid(key: UUID, day: datetime.date) -> int:
    """The id of a person who may rate on `day`; else NotInReach."""
    found = User.objects.filter(uuid=key, is_active=True).values_list("id", flat=True).first()
    if found is None or not roles_on(user_id=found, day=day).kinds & MAY_BY_ROLE["rate"]:
        raise NotInReach("There is no such rater.")
    return found


def request_to_rate(rater_id: int, key: UUID) -> int:
    """The id of a second rating that the rater has been asked for; else NotInReach."""
    found = SecondRatingRequest.objects.filter(uuid=key, rater_id=rater_id).values_list("pk", flat=True).first()
    if found is None:
        raise NotInReach("There is no such request.")
    return found


def sample_of_level(level: UUID, number: int) -> int:
    """The id of the sample `number`, from 1, of a rubric's level; else NotInReach."""
    found = list(SampleWork.objects.filter(level__uuid=level).order_by("id").values_list("id", flat=True)[number - 1 : number])
    if not found:
        raise NotInReach("There is no such sample.")
    return found[0]


def anchor_by_uuid(key: UUID) -> int:
    found = AnchorSample.objects.filter(uuid=key).values_list("pk", flat=True).first()
    if found is None:
        raise NotInReach("There is no such anchor.")
    return found


def in_reach_by_uuid(verb: str, *, actor_id: int, day: datetime.date, students: Collection[UUID]) -> dict[UUID, int]:
    """{uuid: id} of these students, where the actor may do `verb` with every one; else NotInReach. One query."""
    reach = {one.uuid: one.id for one in students_for(verb, actor_id=actor_id, day=day)}
    if not set(students) <= set(reach):
        raise NotInReach("There is no such student among those you work with.")
    return {key: reach[key] for key in students}
