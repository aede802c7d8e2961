"""Put a school year and its terms on the list, before a roster names them."""

from collections.abc import Mapping
from datetime import date

from database.areas import acting_as
from enrollments.models import SchoolYear, Term


class SchoolYearRefused(ValueError):
    """The days contradict each other or what is on file."""


def open_school_year(*, code: str, starts_on: date, ends_on: date, terms: Mapping[str, tuple[date, date]]) -> SchoolYear:
    """`terms` maps each term's code to its first and last day; doing it again changes nothing, with other days it is refused."""
    with acting_as("area_learning"):
        for term, (first, last) in {code: (starts_on, ends_on), **terms}.items():
            if not starts_on <= first < last <= ends_on:
                raise SchoolYearRefused(f"{term} from {first} to {last} does not lie within the school year; correct its days.")
        year, _ = SchoolYear.objects.get_or_create(code=code, defaults={"starts_on": starts_on, "ends_on": ends_on})
        _same(code, (year.starts_on, year.ends_on), (starts_on, ends_on))
        for term, (first, last) in terms.items():
            kept, _ = Term.objects.get_or_create(school_year=year, code=term, defaults={"starts_on": first, "ends_on": last})
            _same(term, (kept.starts_on, kept.ends_on), (first, last))
        return year


def _same(code: str, kept: tuple[date, date], given: tuple[date, date]) -> None:
    if kept != given:
        raise SchoolYearRefused(f"{code} is on file from {kept[0]} to {kept[1]}; give those days, or another code.")
