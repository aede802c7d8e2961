"""The only ways from what a caller names to an object of this app."""

import datetime
import uuid
from collections.abc import Collection, Iterable
from itertools import islice

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from database.areas import acting_as
from enrollments.actions.open_api_feed import api_source_code
from enrollments.calc.class_secrets import code_from, secret_hash
from enrollments.calc.completion_rows import Refusal
from enrollments.calc.roster_rows import RosterRow
from enrollments.exchange.delimited import FileProblem
from enrollments.models import Section, SectionEducator, SourceSystem
from enrollments.queries.people_of_schools import Person, people_of
from enrollments.queries.schools import SchoolInReach, accounts_elsewhere, schools_reached
from enrollments.queries.sections import lives, sections_of, student_of_secret
from people.access import Feed, NotForThisRole, NotInReach
from people.models import Organization, User
from people.roles import (
    ADMINISTRATORS,
    DISTRICT_ADMINISTRATOR,
    LEARNING_SIDE,
    SCHOOL_ADMINISTRATOR,
    STUDENT,
    TEACHER,
    HeldRoles,
    administered_on,
)

IN_CLASSES = frozenset({STUDENT, TEACHER, SCHOOL_ADMINISTRATOR, DISTRICT_ADMINISTRATOR})


class UnknownSource(LookupError):
    """No source system has this code; the message lists those that there are."""


def source_system_by_code(code: str) -> SourceSystem:
    with acting_as("area_learning"):
        found = SourceSystem.objects.filter(code=code).first()
        if found is None:
            codes = list(SourceSystem.objects.order_by("code").values_list("code", flat=True)[:50])
            known = f"Known are: {', '.join(codes)}." if codes else "There is none yet."
            raise UnknownSource(f"There is no source system {code!r}. {known}")
    return found


def api_source_of(feed: Feed) -> SourceSystem | None:
    """The source system of a provider's API calls; None where its feed was never opened."""
    with acting_as("area_learning"):
        return SourceSystem.objects.filter(code=api_source_code(feed.provider_code), provider=feed.provider_id).first()


def section_by_codes(*, school: str, school_year: str, term: str, section: str) -> Section | None:
    """A class by the codes that its roster gave."""
    with acting_as("area_learning"):
        found = Section.objects.filter(school__code=school, term__school_year__code=school_year, term__code=term, code=section)
        return found.first()


def require_class_role(held: HeldRoles) -> None:
    """Raises NotForThisRole unless the person holds a role to which classes belong."""
    if not held.kinds & IN_CLASSES:
        raise NotForThisRole("Classes are for students, teachers and administrators of schools and districts.")


def sections_in_reach(*, actor_id: int, day: datetime.date) -> QuerySet[Section]:
    """The classes that a person teaches, attends or administers on `day`. Expects to run under area_learning."""
    return sections_of(person_id=actor_id, school_ids=administered_on(user_id=actor_id, day=day), day=day)


def section_in_reach(*, actor_id: int, section: uuid.UUID, day: datetime.date) -> Section:
    """One of them, else NotInReach. Expects to run under area_learning."""
    found = sections_in_reach(actor_id=actor_id, day=day).filter(uuid=section).first()
    if found is None:
        raise NotInReach("There is no such class among those that you work with.")
    return found


def schools_in_reach(*, actor_id: int, day: datetime.date) -> list[SchoolInReach]:
    """The schools that a person administers, attends or works with on `day`, by name. Expects to run under area_learning."""
    return schools_reached(person_id=actor_id, places=administered_on(user_id=actor_id, day=day), day=day)


def administered_school(*, actor_id: int, school: uuid.UUID, day: datetime.date) -> SchoolInReach:
    """A school that the person administers, itself or by its district, else NotInReach. Expects to run under area_learning."""
    for one in schools_in_reach(actor_id=actor_id, day=day):
        if one.uuid == school and one.administers:
            return one
    raise NotInReach("There is no such school among those that you administer.")


def administered_section(*, actor_id: int, section: uuid.UUID, day: datetime.date) -> Section:
    """A class of a school that the person administers, else NotInReach. Expects to run under area_learning."""
    places = administered_on(user_id=actor_id, day=day)
    found = Section.objects.select_related("school", "course", "term__school_year").filter(uuid=section).first()
    if found is None or not places & {found.school_id, found.school.district_id}:
        raise NotInReach("There is no such class among those that you administer.")
    return found


def require_administrator(held: HeldRoles) -> None:
    """Raises NotForThisRole unless the person administers a school or district."""
    if not held.kinds & ADMINISTRATORS:
        raise NotForThisRole("This is for administrators of schools and districts.")


def require_learning_role(held: HeldRoles) -> None:
    """Raises NotForThisRole unless the person holds a role of the learning side."""
    if not held.kinds & LEARNING_SIDE:
        raise NotForThisRole("Schools are for those who learn, teach and answer for learners.")


# So many lines are read of a roster that comes by page; a larger one is brought by whoever runs the site.
MOST_LINES = 100_000


def rows_in_reach(*, actor_id: int, rows: Iterable[RosterRow | Refusal], day: datetime.date) -> list[RosterRow | Refusal]:
    """The rows, those refused of which the person may not dispose: of schools that they do not administer, and of accounts on
    file that belong to none of theirs. Raises FileProblem where there are too many. Expects to run under area_learning."""
    taken = list(islice(rows, MOST_LINES + 1))
    if len(taken) > MOST_LINES:
        raise FileProblem(_("The file has more than %(most)s lines; send one school a file.") % {"most": f"{MOST_LINES:,}"})
    schools = {one.code: one.id for one in schools_in_reach(actor_id=actor_id, day=day) if one.administers}
    named = {row.username for row in taken if isinstance(row, RosterRow)}
    strangers = accounts_elsewhere(usernames=named, school_ids=set(schools.values()))
    return [_in_reach(row, schools, strangers) if isinstance(row, RosterRow) else row for row in taken]


def _in_reach(row: RosterRow, schools: Collection[str], strangers: Collection[str]) -> RosterRow | Refusal:
    if row.school not in schools:
        said = _("There is no school %(school)s among those that you administer.") % {"school": row.school}
        return Refusal(row.line, "school_code", "unknown_school", said, row.username)
    if row.username in strangers:
        said = _("This account is on file and belongs to none of your schools; whoever runs the site can enter it here.")
        return Refusal(row.line, "username", "not_allowed", said, row.username)
    return row


def may_see_classmates(*, actor_id: int, section: Section, day: datetime.date) -> bool:
    """Whoever teaches or administers a class sees who is in it; its students see who teaches it. Expects area_learning."""
    places = administered_on(user_id=actor_id, day=day)
    return teaches(actor_id=actor_id, section=section, day=day) or bool(places & {section.school_id, section.school.district_id})


def teaches(*, actor_id: int, section: Section, day: datetime.date) -> bool:
    """Expects to run under area_learning."""
    return SectionEducator.objects.filter(lives(day), section=section, educator_id=actor_id).exists()


def taught_section(*, actor_id: int, section: uuid.UUID, day: datetime.date) -> Section:
    """A class that the person teaches on `day`, else NotInReach. Expects to run under area_learning."""
    found = taught_sections(actor_id=actor_id, day=day).filter(uuid=section).first()
    if found is None:
        raise NotInReach("There is no such class among those that you teach.")
    return found


def taught_sections(*, actor_id: int, day: datetime.date) -> QuerySet[Section]:
    """The classes that the person teaches on `day`. Expects to run under area_learning."""
    taught = SectionEducator.objects.filter(lives(day), educator_id=actor_id).values("section_id")
    return sections_of(person_id=actor_id, school_ids=(), day=day).filter(pk__in=taught)


def administered_places(*, actor_id: int, day: datetime.date) -> list[Organization]:
    """The schools and districts that the actor administers on `day`, with a district's schools, by kind and name. Expects to run
    under area_learning."""
    own = administered_on(user_id=actor_id, day=day)
    found = Organization.objects.filter(Q(pk__in=own) | Q(district_id__in=own), kind__in=["school", "district"])
    return sorted(found, key=lambda one: (one.kind != Organization.Kind.DISTRICT, one.name, one.pk))


def person_in_reach(*, places: Collection[int], person: uuid.UUID, day: datetime.date) -> Person:
    """Who belongs to one of the places on `day` or later; else NotInReach. Expects to run under area_learning."""
    found = people_of(places=places, day=day, person=person).people
    if not found:
        raise NotInReach("There is no such person at your schools.")
    return found[0]


def wholly_in_reach(*, places: Collection[int], person_id: int, day: datetime.date) -> bool:
    """Whether whoever signs in as this person could see and do nothing beyond the places: else it is for somebody further up to
    give them a way in. Expects to run under area_learning."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM learning.people_role WHERE user_id = %(person)s AND organization_id <> ALL (%(places)s) "
            "AND (ends_on IS NULL OR ends_on > %(day)s)) AND NOT EXISTS (SELECT FROM learning.student_relations r "
            "WHERE r.actor_id = %(person)s AND (r.ends_on IS NULL OR r.ends_on > %(day)s) AND NOT EXISTS (SELECT FROM "
            "learning.enrollments_schoolenrollment s WHERE s.student_id = r.student_id AND s.school_id = ANY (%(places)s))) "
            "AND NOT EXISTS (SELECT FROM learning.people_user WHERE id = %(person)s AND works_in_office)",
            {"person": person_id, "places": list(places), "day": day},
        )
        return bool(cursor.fetchone()[0])


def student_signing_in(*, class_code: str, secret: str, day: datetime.date) -> User | None:
    """Whose class code and secret these are on `day`. Takes as long for a class that does not exist as for one that does."""
    with acting_as("area_learning"):
        section = Section.objects.filter(sign_in_code=code_from(class_code)).first()
        hashed = secret_hash(secret, section.sign_in_salt if section else "no such class")
        return student_of_secret(section=section, secret_hash=hashed, day=day) if section else None
