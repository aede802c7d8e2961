"""The only ways from what a caller names to an object of this app."""

import datetime
import uuid

from django.db.models import QuerySet

from database.areas import acting_as
from enrollments.actions.open_api_feed import api_source_code
from enrollments.calc.class_secrets import code_from, secret_hash
from enrollments.models import Section, SectionEducator, SourceSystem
from enrollments.queries.sections import lives, sections_of, student_of_secret
from people.access import Feed, NotForThisRole, NotInReach
from people.models import User
from people.roles import DISTRICT_ADMINISTRATOR, SCHOOL_ADMINISTRATOR, STUDENT, TEACHER, HeldRoles, administered_on

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


def student_signing_in(*, class_code: str, secret: str, day: datetime.date) -> User | None:
    """Whose class code and secret these are on `day`. Takes as long for a class that does not exist as for one that does."""
    with acting_as("area_learning"):
        section = Section.objects.filter(sign_in_code=code_from(class_code)).first()
        hashed = secret_hash(secret, section.sign_in_salt if section else "no such class")
        return student_of_secret(section=section, secret_hash=hashed, day=day) if section else None
