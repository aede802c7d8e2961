"""Who may do what with a student's credit, plan and portfolio: the one place that decides, for pages and API alike.

A verb on a student asks for a relation that lives on the day; a verb on what belongs to no student (criteria, requirements,
waivers) asks for a role. Who stands in no such relation is answered like whoever asks for what does not exist.
"""

import datetime
import uuid

from competencies import access
from competencies.access import READERS, Verbs
from database.areas import acting_as
from pathways.models import SharedSummary
from people.access import SELF, NotInReach, StudentInReach
from people.actions.issue_token import digest
from people.models import Guardianship, Organization, Role, User
from people.roles import (
    COUNSELLOR,
    DISTRICT_ADMINISTRATOR,
    GUARDIAN,
    LEARNING_SIDE,
    PROVIDER_STAFF,
    SCHOOL_ADMINISTRATOR,
    TEACHER,
    HeldRoles,
)

TOKEN_CHARACTERS = 100

PLANNERS = frozenset({SELF, TEACHER, COUNSELLOR})

# What one may do with the record goes for these pages too.
MAY: Verbs = {
    **access.MAY,
    # Plan.
    "read_plan": READERS | {PROVIDER_STAFF},
    "choose_plan": PLANNERS,
    "set_goal": PLANNERS,
    "run_diagnostic": frozenset({TEACHER, COUNSELLOR}),
    "ask_for_assessment": frozenset({SELF}),
    "answer_request": frozenset({TEACHER}),
    # Credit.
    "read_credit": READERS,
    "attest_assessment": frozenset({TEACHER}),
    "award_credit": frozenset({TEACHER, COUNSELLOR, SCHOOL_ADMINISTRATOR}),
    # A teacher their own attestation alone; counsellors and administrators any.
    "withdraw_attestation": frozenset({TEACHER, COUNSELLOR, SCHOOL_ADMINISTRATOR}),
    "revoke_credit": frozenset({COUNSELLOR, SCHOOL_ADMINISTRATOR}),
    # All of one's cases, or of one's school, on one page.
    "oversee": frozenset({COUNSELLOR, SCHOOL_ADMINISTRATOR}),
    # Portfolio: the student's own to carry away; whoever admits a student brings one in.
    "export_portfolio": frozenset({SELF, GUARDIAN, COUNSELLOR, SCHOOL_ADMINISTRATOR}),
    "bring_portfolio": frozenset({SELF, COUNSELLOR, SCHOOL_ADMINISTRATOR}),
    "decide_placement": frozenset({COUNSELLOR, SCHOOL_ADMINISTRATOR}),
    # A link that opens without signing in: docs/decisions/0015. Whom it is about, and the school, see it and can end it.
    "share_summary": frozenset({GUARDIAN}),
    "end_shared_summary": frozenset({SELF, GUARDIAN, COUNSELLOR, SCHOOL_ADMINISTRATOR}),
}

MAY_BY_ROLE: Verbs = {
    "read_rules": LEARNING_SIDE,
    "read_due_awards": MAY["award_credit"],
    "oversee": MAY["oversee"],
    # Courses belong to a catalogue that schools share, so no single school changes what one asks for.
    "set_criteria": frozenset({DISTRICT_ADMINISTRATOR}),
    "set_requirement": frozenset({DISTRICT_ADMINISTRATOR}),
    "waive_seat_time": frozenset({DISTRICT_ADMINISTRATOR}),
}


def student_for(verb: str, *, actor_id: int, student: uuid.UUID, day: datetime.date) -> StudentInReach:
    """competencies.access.student_for by this MAY, outside any area too."""
    with acting_as("area_learning"):
        return access.student_for(verb, actor_id=actor_id, student=student, day=day, may=MAY)


def bringer_for(*, username: str, student_id: int, day: datetime.date) -> int:
    """The id of the person of this username, who may bring this student's portfolio on `day`; else NotInReach or UnknownStudent."""
    actor = student_id_by(username=username)
    with acting_as("area_learning"):
        student = User.objects.values_list("uuid", flat=True).get(pk=student_id)
    student_for("bring_portfolio", actor_id=actor, student=student, day=day)
    return actor


def students_for(verb: str, *, actor_id: int, day: datetime.date, section_id: int | None = None) -> list[StudentInReach]:
    """competencies.access.students_for by this MAY, outside any area too."""
    with acting_as("area_learning"):
        return access.students_for(verb, actor_id=actor_id, day=day, section_id=section_id, may=MAY)


def sharers_of(student_id: int, day: datetime.date) -> set[int]:
    """The ids of the people who may do `share_summary` with the student on `day`; a link of anybody else opens nothing.
    Expects to run under area_learning."""
    living = Guardianship.objects.filter(student_id=student_id, starts_on__lte=day, guardian__is_active=True)
    return set(living.exclude(ends_on__lte=day).values_list("guardian_id", flat=True))


def summary_shared_by(token: str, *, at: datetime.datetime, day: datetime.date) -> SharedSummary:
    """What the link of this token opens at `at`; NotInReach where it is unknown, past its end or taken back, or where who made
    it may not share on `day` any more. Which of these it is, is not told."""
    with acting_as("area_learning"):
        open_links = SharedSummary.objects.filter(token_sha256=digest(token), ends_at__gt=at, end__isnull=True)
        found = open_links.first() if len(token) <= TOKEN_CHARACTERS else None
        if found is None or found.made_by_id not in sharers_of(found.student_id, day):
            raise NotInReach("This link is not open.")
    return found


def require_role(verb: str, *, held: HeldRoles) -> None:
    """competencies.access.require_role by this MAY_BY_ROLE."""
    access.require_role(verb, held, MAY_BY_ROLE)


def school_for(verb: str, *, actor_id: int, school: uuid.UUID, day: datetime.date) -> int:
    """The id of a school in a district where the actor has on `day` a role that may do `verb`; else NotInReach."""
    with acting_as("area_learning"):
        found = Organization.objects.filter(kind=Organization.Kind.SCHOOL, uuid=school).first()
        living = Role.objects.filter(user_id=actor_id, kind__in=MAY_BY_ROLE[verb], starts_on__lte=day).exclude(ends_on__lte=day)
        if found is None or found.district is None or not living.filter(organization=found.district).exists():
            raise NotInReach("There is no such school in your district.")
    return found.pk


class UnknownStudent(LookupError):
    """There is no student of this name or uuid; for the owner's commands, which ask for no relation."""


def student_id_by(*, key: uuid.UUID | None = None, username: str | None = None) -> int:
    """The id of the person with this uuid or username; for the owner's commands alone. Raises UnknownStudent."""
    named = {"uuid": key} if key is not None else {"username": username}
    with acting_as("area_learning"):
        found = User.objects.filter(**named).values_list("pk", flat=True).first()
    if found is None:
        raise UnknownStudent("There is no such person; check the uuid or the username.")
    return found


class UnknownSchool(LookupError):
    """There is no school of this code; for the owner's commands."""


def school_id_by(*, code: str) -> int:
    """The id of the school of this code; for the owner's commands alone. Raises UnknownSchool, which names those on file."""
    with acting_as("area_learning"):
        schools = dict(Organization.objects.filter(kind=Organization.Kind.SCHOOL).order_by("code").values_list("code", "pk"))
    if code not in schools:
        raise UnknownSchool(f"There is no school {code!r}; on file are: {', '.join(list(schools)[:20]) or 'none'}.")
    return schools[code]
