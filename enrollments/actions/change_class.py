"""Put one student into a class, from a day until a day, or let one leave it. Who was there stays on record."""

import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from database.areas import acting_as
from enrollments.models import SchoolEnrollment, Section, SectionStudent
from enrollments.queries.sections import lives
from people.models import User


class ClassChangeRefused(ValueError):
    """Why a class was not changed, in a sentence for people; `pointer` names the field."""

    def __init__(self, said: str, pointer: str = "") -> None:
        super().__init__(said)
        self.pointer = pointer


def join_class(*, section_id: int, student_id: int, starts_on: datetime.date, ends_on: datetime.date | None = None) -> SectionStudent:
    """The student is in the class from `starts_on` until `ends_on` (the first day without it; None: to the term's end).

    Raises ClassChangeRefused: not at the class's school on that day, outside the term, or in the class on one of these days.
    """
    with acting_as("area_learning"):
        section = Section.objects.select_related("term", "school").get(pk=section_id)
        term = section.term
        last = term.ends_on + datetime.timedelta(1)
        until = ends_on or last
        if not term.starts_on <= starts_on <= term.ends_on:
            raise ClassChangeRefused(
                _("The term lasts from %(first)s to %(last)s; give a day of it.")
                % {"first": date_format(term.starts_on), "last": date_format(term.ends_on)},
                "/starts_on",
            )
        if not starts_on < until <= last:
            raise ClassChangeRefused(
                _("The first day without the class lies after %(first)s and not after %(last)s.")
                % {"first": date_format(starts_on), "last": date_format(last)},
                "/ends_on",
            )
        # Two at once: the second sees the first's row.
        list(User.objects.select_for_update(no_key=True).filter(pk=student_id))
        if not SchoolEnrollment.objects.filter(lives(starts_on), student_id=student_id, school_id=section.school_id).exists():
            raise ClassChangeRefused(
                _("On %(day)s the student is not at %(school)s.") % {"day": date_format(starts_on), "school": section.school.name},
                "/student",
            )
        others = SectionStudent.objects.filter(section=section, student_id=student_id, starts_on__lt=until)
        if others.exclude(ends_on__lte=starts_on).exists():
            raise ClassChangeRefused(_("The student is in this class on these days already; nothing was changed."), "/student")
        return SectionStudent.objects.create(section=section, student_id=student_id, starts_on=starts_on, ends_on=until)


def leave_class(*, membership_id: int, ends_on: datetime.date) -> bool:
    """`ends_on` is the first day without the class, from the first day in it on (that: never there) to the end that stands.
    False where it stands so already. Raises ClassChangeRefused."""
    with acting_as("area_learning"):
        found = SectionStudent.objects.select_for_update().get(pk=membership_id)
        if found.ends_on == ends_on:
            return False
        if ends_on < found.starts_on or (found.ends_on is not None and ends_on > found.ends_on):
            first = {"first": date_format(found.starts_on)}
            if found.ends_on is None:
                raise ClassChangeRefused(_("Give a day from %(first)s on.") % first, "/ends_on")
            said = _("Give a day from %(first)s to %(last)s; to stay longer, put the student in again.")
            raise ClassChangeRefused(said % {**first, "last": date_format(found.ends_on)}, "/ends_on")
        found.ends_on = ends_on
        found.save(update_fields=["ends_on"])
        return True
